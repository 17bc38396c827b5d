"""What an answer to a letter does to visits and borrower, in the caller's transaction and under the lock of the people."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from cases.enums import ContactVerdict, FlagSource
from cases.models import Address
from cases.services.casework import circumstances
from visits.enums import AnswerOutcome, EndReason, LetterAnswerKind
from visits.models import CheckIn, LetterAnswer, VisitOrder
from visits.rules.conduct.answers import CALLED_BACK, EFFECTS, IN_TIME, TAKEN_BACK
from visits.rules.lifecycle import BEFORE_DOOR
from visits.services.dispatch.orders import unschedule_visit
from visits.services.orders.endings import end_orders


def bring_about(*, answer: LetterAnswer, actor: Any, at: datetime) -> None:
    """
    Bring about what an answer asks for: note the circumstance, end the visit, and find the address wrong.

    A visit that is over, or was called off, stays as it is.
    """
    effect = EFFECTS[LetterAnswerKind(answer.kind)]
    order = answer.order
    if effect.ends is not None:
        _end(order=order, reason=effect.ends, actor=actor, at=at)
    if answer.kind == LetterAnswerKind.NOT_HERE:
        Address.objects.filter(pk=order.address_id).update(verdict=ContactVerdict.INVALID, updated_at=at)
    if effect.circumstance is not None:
        circumstances.protect(
            borrower=order.case.borrower,
            kind=effect.circumstance,
            source=FlagSource.LETTER,
            source_ref=str(answer),
            actor=actor,
            at=at,
        )


def take_back(*, borrowers: Collection[int], actor: Any, at: datetime) -> None:
    """
    Take the planned visits of these borrowers (ids) back, to be planned anew or not at all; crews are called back.

    A crew that has set out, or is at the door, cannot wait there: its visit is broken off and paid for the way.
    """
    rows = VisitOrder.objects.filter(case__borrower__in=borrowers)
    planned = rows.filter(state__in=TAKEN_BACK).order_by("pk").select_for_update(no_key=True, of=("self",))
    for order in list(planned):
        unschedule_visit(order=order, reason="answer to the letter", actor=actor, at=at)
    there = rows.filter(state__in=CALLED_BACK).exclude(pk__in=left_by_crew().values("order"))
    end_orders(rows=there, action="abort", reason=EndReason.BORROWER_ASKED, actor=actor, at=at)


def left_by_crew() -> QuerySet[CheckIn]:
    """Return the check-outs: a visit with one of them was made, though its report has not come in."""
    rows: QuerySet[CheckIn] = CheckIn.objects.filter(moment=CheckIn.Moment.OUT)
    return rows


def doubt_address(*, order: VisitOrder, at: datetime) -> None:
    """Note that the address of a visit is doubtful, unless it is known to be invalid."""
    rows = Address.objects.filter(pk=order.address_id).exclude(verdict=ContactVerdict.INVALID)
    rows.update(verdict=ContactVerdict.DOUBTFUL, updated_at=at)


def settle_address(*, answer: LetterAnswer, outcome: AnswerOutcome, at: datetime) -> None:
    """End the doubt about an address that an answer raised and that a person found to be without ground."""
    if answer.kind == LetterAnswerKind.NOT_HERE and outcome == AnswerOutcome.SET_ASIDE:
        rows = Address.objects.filter(pk=answer.order.address_id, verdict=ContactVerdict.DOUBTFUL)
        rows.update(verdict=ContactVerdict.UNKNOWN, updated_at=at)


def _end(*, order: VisitOrder, reason: EndReason, actor: Any, at: datetime) -> None:
    rows = VisitOrder.objects.filter(pk=order.pk, state__in=IN_TIME).exclude(pk__in=left_by_crew().values("order"))
    end_orders(rows=rows.filter(state__in=CALLED_BACK), action="abort", reason=reason, actor=actor, at=at)
    end_orders(rows=rows.filter(state__in=BEFORE_DOOR), action="cancel", reason=reason, actor=actor, at=at)
