"""Concession budgets: set by one person, in use once another one has confirmed them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory
from backoffice.audit.services import record
from backoffice.core.currencies import rounded
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from backoffice.core.scoping import must_act_in
from backoffice.core.transitions import may, move
from cases.enums import BudgetPeriod, BudgetState
from cases.models import ConcessionBudget
from cases.rules.concession_lifecycle import CONCESSION_BUDGET
from cases.rules.waivers import period_end


@transaction.atomic
def set_concession_budget(
    *,
    currency: str,
    starts_on: date,
    period: str,
    amount: Decimal,
    actor: Any,
    at: datetime,
    territory: Territory | None = None,
) -> ConcessionBudget:
    """
    Set how much may be waived in a period; nothing changes until another person confirms it.

    `starts_on` is the first day of a month, `period` a `BudgetPeriod`, `amount` is in `currency` (three letters). For the place and
    period of a budget in use it gives that one another amount.

    :raises NotAllowed: if the actor is no person, or may not set budgets there.
    :raises InvalidInput: if a value does not fit, or another budget in use counts on some of the days.
    """
    _must_be_permitted(actor, "cases.add_concessionbudget", territory.pk if territory else None)
    if len(currency) != 3 or not (currency.isascii() and currency.isalpha() and currency.isupper()):
        raise InvalidInput(_("Give the currency by its three letters."), field="currency")
    if starts_on.day != 1:
        raise InvalidInput(_("A period begins on the first of a month."), field="starts_on")
    if period not in BudgetPeriod.values:
        raise InvalidInput(_("Choose a month or a quarter."), field="period")
    if amount <= 0 or amount != rounded(amount, currency):
        raise InvalidInput(_("Give an amount of more than nothing, with the decimals of its currency."), field="amount")
    ends_on = period_end(starts_on=starts_on, period=period)
    same = ConcessionBudget.objects.filter(currency=currency, territory=territory, state=BudgetState.CONFIRMED)
    amended = same.filter(starts_on=starts_on, ends_on=ends_on).first()
    if amended is None and same.filter(starts_on__lte=ends_on, ends_on__gte=starts_on).exists():
        raise InvalidInput(_("Another budget counts on some of these days."), field="starts_on")
    _must_cover(amended, amount)
    budget = ConcessionBudget.objects.create(
        currency=currency,
        territory=territory,
        starts_on=starts_on,
        ends_on=ends_on,
        amount=amount,
        amends=amended,
        set_by=actor,
        created_at=at,
        updated_at=at,
    )
    _recorded("concession_budget.set", budget, actor, at)
    return budget


@transaction.atomic
def confirm_concession_budget(*, budget: ConcessionBudget, actor: Any, at: datetime) -> ConcessionBudget:
    """
    Confirm a budget that another person set: waivers may be proposed in it from now on. Return the budget in use.

    One that amends a budget in use gives it its amount and is done with.

    :raises NotAllowed: if the actor is no person, or may not confirm budgets there.
    :raises SelfApproval: if the actor set it.
    :raises InvalidInput: if its amount is less than what the amended budget has held and used.
    :raises StateConflict: if it does not await confirmation, or another budget counts on some of the days.
    """
    _must_be_permitted(actor, "cases.confirm_concessionbudget", budget.territory_id)
    if actor.pk == budget.set_by_id:
        raise SelfApproval
    # Those of the same currency take turns, so that two that overlap are not confirmed at once.
    rows = ConcessionBudget.objects.filter(currency=budget.currency, territory=budget.territory_id)
    others = list(rows.exclude(pk=budget.pk).select_for_update(no_key=True).order_by("pk"))
    in_use = [each for each in others if each.state == BudgetState.CONFIRMED]
    amended = next((each for each in in_use if each.pk == budget.amends_id), None)
    clash = [each for each in in_use if each.starts_on <= budget.ends_on and each.ends_on >= budget.starts_on]
    if clash and clash != [amended]:
        raise StateConflict(_("Another budget counts on some of these days."))
    _must_cover(amended, budget.amount)
    action = "confirm" if amended is None else "apply"
    changes = {"confirmed_by_id": actor.pk, "confirmed_at": at}
    move(record=budget, lifecycle=CONCESSION_BUDGET, action=action, actor=actor, at=at, **changes)
    if amended is not None:
        amended.amount, amended.updated_at = budget.amount, at
        amended.save(update_fields=["amount", "updated_at"])
    _recorded("concession_budget.confirmed", budget, actor, at)
    return amended or budget


@transaction.atomic
def discard_concession_budget(*, budget: ConcessionBudget, actor: Any, at: datetime) -> ConcessionBudget:
    """
    Discard a budget that awaits confirmation; it is kept and never counts.

    :raises NotAllowed: if the actor is no person, or may not set budgets there.
    :raises StateConflict: if it does not await confirmation.
    """
    _must_be_permitted(actor, "cases.add_concessionbudget", budget.territory_id)
    move(record=budget, lifecycle=CONCESSION_BUDGET, action="discard", actor=actor, at=at)
    _recorded("concession_budget.discarded", budget, actor, at)
    return budget


def _must_cover(amended: ConcessionBudget | None, amount: Decimal) -> None:
    if amended is not None and amount < amended.held + amended.used:
        raise InvalidInput(_("Waivers hold and have used more than this already."), field="amount")


def _must_be_permitted(actor: Any, permission: str, territory_id: int | None) -> None:
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission=permission)
    must_act_in(actor=actor, territory_id=territory_id)


def _recorded(action: str, budget: ConcessionBudget, actor: Any, at: datetime) -> None:
    body = {
        "currency": budget.currency,
        "territory": budget.territory_id,
        "starts_on": budget.starts_on,
        "ends_on": budget.ends_on,
        "amount": str(budget.amount),
        "amends": budget.amends_id,
    }
    record(actor=actor, action=action, subject=budget, at=at, body=body)
