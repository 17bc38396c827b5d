"""
The amounts of waivers in their concession budgets: held at the proposal, used once earned, released where it came to nothing.

The budget's sums follow from its waivers by triggers of the database (migration 0059). Whoever changes waivers locks their
budgets last of all (locks.py), in the order of their ids.
"""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import connection
from django.db.models import Max
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.id_lists import any_of
from backoffice.core.transitions import move_all
from cases.enums import WaiverState
from cases.models import Account, ConcessionBudget, Decision, Waiver
from cases.rules.concession_lifecycle import WAIVER
from cases.rules.waivers import WaiverWish
from cases.selectors.casework.concessions import budget_for
from cases.services.decisions.waiver_events import GRANTED, WITHDRAWN, announce_waivers

LONGEST_REFERENCE: Final = 80
_LOCK: Final = """
    SELECT id FROM cases_concessionbudget
    WHERE id IN (SELECT budget_id FROM cases_waiver WHERE id = ANY(%s::bigint[])) ORDER BY id FOR NO KEY UPDATE"""


def hold_concession(*, decision: Decision, account: Account, wish: WaiverWish, at: datetime) -> Waiver:
    """
    Hold the amount of a proposed waiver in the budget of today, in the caller's transaction.

    :raises InvalidInput: if no budget is in use, or it has less left.
    """
    budget = budget_for(account=account, on=localdate(at))
    if budget is None:
        raise InvalidInput(
            _(
                "No concession budget counts for this account today. The risk manager sets one, and an approver confirms it."
            ),
            field="amount",
        )
    # Two proposals for the last of a budget take turns here; the database refuses what would pass it all the same.
    budget = ConcessionBudget.objects.select_for_update(no_key=True).get(pk=budget.pk)
    terms = decision.terms
    if budget.available < Decimal(terms["amount"]):
        message = _("The concession budget has {left} {currency} left.")
        raise InvalidInput(message.format(left=f"{budget.available:,.2f}", currency=budget.currency), field="amount")
    return Waiver.objects.create(
        decision=decision,
        account=account,
        budget=budget,
        part=terms["part"],
        due=Decimal(terms["due"]),
        evidence_ref=wish.evidence_ref.strip()[:LONGEST_REFERENCE],
        amount=Decimal(terms["amount"]),
        pay=Decimal(terms["pay"]),
        settle_by=date.fromisoformat(terms["settle_by"]),
        created_at=at,
        updated_at=at,
    )


def let_waiver_count(*, decision: Decision, at: datetime) -> None:
    """Let payments count for an approved waiver, in the caller's transaction: from today on, but none that earned another one."""
    today = localdate(at)
    last = Waiver.objects.filter(account=decision.account_id).aggregate(last=Max("earned_on"))["last"]
    first = today if last is None else max(today, last + timedelta(days=1))
    Waiver.objects.filter(decision=decision).update(counts_from=first, updated_at=at)


def release_concessions(*, decisions: Collection[int], at: datetime) -> list[int]:
    """
    Release what the waivers of decisions (ids) hold or have used; return the waivers.

    The core is told of those that it holds. A constant number of statements; two where none is a waiver.
    """
    waivers = Waiver.objects.filter(decision__in=any_of(decisions)).exclude(state=WaiverState.RELEASED)
    return change_waivers(waivers=list(waivers.values_list("pk", flat=True)), action="release", at=at, earned_on=None)


def change_waivers(*, waivers: Collection[int], action: str, at: datetime, **changes: object) -> list[int]:
    """
    Take waivers (ids) a step on under the locks of their budgets, tell the core, and return those that moved.

    Their decisions are locked by the caller. Five statements, none for no waiver.
    """
    if not waivers:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_LOCK, [sorted(waivers)])
    step = WAIVER.step(action)
    rows = Waiver.objects.filter(pk__in=any_of(waivers), state__in=step.sources)
    states = dict(rows.values_list("pk", "state"))
    move_all(rows=Waiver.objects.filter(pk__in=any_of(states)), lifecycle=WAIVER, action=action, at=at, **changes)
    if action == "earn":
        announce_waivers(waivers=list(states), topic=GRANTED, at=at)
    else:
        # What was only held the core holds nothing of.
        used = [pk for pk, state in states.items() if state == WaiverState.USED]
        announce_waivers(waivers=used, topic=WITHDRAWN, at=at)
    return sorted(states)


def must_be_reversible(*, decision: Decision) -> None:
    """
    Pass unless a decision is a waiver that the borrower has earned: they paid what was asked, so it is not taken back.

    One that the core has refused may be reversed.

    :raises StateConflict: if it was earned.
    """
    earned = Waiver.objects.filter(decision=decision, state=WaiverState.USED, refused_reason="")
    if earned.exists():
        raise StateConflict(_("The borrower has paid what was asked for; the waiver is granted and not taken back."))
