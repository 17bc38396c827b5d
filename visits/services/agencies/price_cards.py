"""The lines of an agency's price card: entered by one person, confirmed by another, valid from a day on."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, SelfApproval
from backoffice.core.transitions import move
from visits.enums import FeeBasis
from visits.models import Agency, PriceCard
from visits.rules.agencies.lifecycles import PRICE_LIFECYCLE
from visits.rules.agencies.price_lines import PriceLine, amount_problem, line_change
from visits.services.agencies.managing import locked_agency, must_be_person, must_manage
from visits.services.agencies.prices import push_visit_prices


@transaction.atomic
def enter_price(
    *,
    agency: Agency,
    basis: str,
    amount: Decimal,
    valid_from: date,
    currency: str = "CNY",
    actor: Any,
    at: datetime,
    business_date: date,
) -> PriceCard:
    """
    Enter what an agency shall be paid for a basis from a day on; it counts once another person has confirmed it.

    `amount` is in the currency; for a share of recovery it is percent of the agency's pay, at most 50.

    :raises NotAllowed: if the actor is no person, or may not enter prices of this agency.
    :raises InvalidInput: if the basis is not in the list, the amount or currency is wrong, or the day is over.
    """
    must_be_person(actor=actor, permission="visits.add_pricecard")
    must_manage(agency=agency, actor=actor)
    if basis not in FeeBasis.values:
        raise InvalidInput(_("Choose from the list what is paid for. A finding is never paid for."), field="basis")
    problem = amount_problem(basis=basis, amount=amount)
    if problem is not None:
        raise InvalidInput(problem, field="amount")
    if not (len(currency) == 3 and currency.isascii() and currency.isupper() and currency.isalpha()):
        raise InvalidInput(_("Give the currency as three capital letters, such as CNY."), field="currency")
    _must_be_to_come(valid_from, business_date=business_date)
    price = PriceCard.objects.create(
        agency=agency,
        basis=basis,
        amount=amount,
        currency=currency,
        valid_from=valid_from,
        entered_by=actor,
        created_at=at,
        updated_at=at,
    )
    _recorded("entered", price, actor=actor, at=at)
    return price


@transaction.atomic
def confirm_price(*, price: PriceCard, actor: Any, at: datetime, business_date: date) -> PriceCard:
    """
    Confirm a price that another person entered. The line that counted so far ends the day before; nothing past changes.

    :raises NotAllowed: if the actor is no person, or may not confirm prices of this agency.
    :raises SelfApproval: if the actor entered it.
    :raises InvalidInput: if its first day is over by now, or another line begins on that day.
    :raises StateConflict: if it does not await confirmation.
    """
    must_be_person(actor=actor, permission="visits.confirm_pricecard")
    must_manage(agency=price.agency, actor=actor)
    # The agency's row is the lock: two lines confirmed at once are fitted in one after the other.
    agency = locked_agency(agency=price.agency)
    if PriceCard.objects.filter(pk=price.pk, entered_by=actor).exists():
        raise SelfApproval
    _must_be_to_come(price.valid_from, business_date=business_date)
    same = PriceCard.objects.confirmed().filter(agency=agency, basis=price.basis, currency=price.currency)
    lines = [
        PriceLine(pk=pk, valid_from=start, valid_to=end)
        for pk, start, end in same.order_by("pk").values_list("pk", "valid_from", "valid_to")
    ]
    change = line_change(lines=lines, begins=price.valid_from)
    if change is None:
        message = _("Another price for this begins on the same day; withdraw this one and enter a later day.")
        raise InvalidInput(message, field="valid_from")
    move(
        record=price,
        lifecycle=PRICE_LIFECYCLE,
        action="confirm",
        actor=actor,
        at=at,
        confirmed_by=actor,
        valid_to=change.valid_to,
    )
    if change.ends is not None:
        PriceCard.objects.filter(pk=change.ends).update(valid_to=change.ends_on, updated_at=at)
    push_visit_prices(business_date=business_date, at=at, actor=actor)
    _recorded("confirmed", price, actor=actor, at=at)
    return price


@transaction.atomic
def withdraw_price(*, price: PriceCard, actor: Any, at: datetime) -> PriceCard:
    """
    Withdraw a price that awaits confirmation. One that counts is ended by a later one instead.

    :raises NotAllowed: if the actor may not enter prices of this agency.
    :raises StateConflict: if it does not await confirmation.
    """
    must_manage(agency=price.agency, actor=actor)
    move(record=price, lifecycle=PRICE_LIFECYCLE, action="withdraw", actor=actor, at=at)
    _recorded("withdrawn", price, actor=actor, at=at)
    return price


def _must_be_to_come(day: date, *, business_date: date) -> None:
    if day < business_date:
        message = _("A price begins today or later: what was done is paid as it was agreed.")
        raise InvalidInput(message, field="valid_from")
    if day > business_date + timedelta(days=3 * 366):
        raise InvalidInput(_("A price begins within three years."), field="valid_from")


def _recorded(done: str, price: PriceCard, *, actor: Any, at: datetime) -> None:
    body = {
        "agency": price.agency.code,
        "basis": str(price.basis),
        "amount": str(price.amount),
        "currency": price.currency,
        "valid_from": price.valid_from.isoformat(),
    }
    record(actor=actor, action=f"pricecard.{done}", subject=price, at=at, body=body)
