"""A contradiction is settled: by the document that decides when its report is accepted, or by a person with a reason."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed
from backoffice.core.transitions import may, move
from cases.services.casework.reevaluation import mark_for_reevaluation
from cases.services.casework.suspicion import end_signals
from cases.services.casework.wording import kept_reason
from cases.signal_enums import SignalAnswer
from visits.contradiction_enums import ContradictionState, Origin, Side
from visits.models import Contradiction, VisitOrder, VisitReport
from visits.rules.contradictions.claims import ShownPaper, claims_of_papers
from visits.rules.contradictions.lifecycle import CONTRADICTION, SETTLE, wrong_side
from visits.selectors.papers import read_papers
from visits.services.doorstep.contradictions import lock_contradictions, note_contradictions


def decide_contradictions(*, order: VisitOrder, report: VisitReport, actor: Any, at: datetime) -> None:
    """
    Note the contradictions of the borrower of an accepted report, and settle those that its sound papers decide.

    In the caller's transaction.
    """
    borrower, on = order.case.borrower, localdate(at)
    found = note_contradictions(borrower=borrower, actor=actor, at=at)
    if not found:
        return
    sound = [
        ShownPaper(ref=each.ref, paper=each.paper, on=localdate(report.submitted_at))
        for each in read_papers(report=report, order=order, on=on).papers
        if each.is_sound
    ]
    deciding = claims_of_papers(papers=sound)
    open_ones = Contradiction.objects.filter(borrower=borrower, state=ContradictionState.OPEN, external_ref__in=found)
    for row in open_ones.order_by("pk"):
        decided = wrong_side(conflict=found[row.external_ref], deciding=deciding)
        if decided is not None:
            side, claim = decided
            _settle(
                contradiction=row,
                wrong=side,
                reason="",
                settled_ref=claim.ref,
                actor=None,
                at=at,
            )


@transaction.atomic
def settle_contradiction(
    *, contradiction: Contradiction, wrong: str, reason: str, actor: Any, at: datetime
) -> Contradiction:
    """
    Settle a contradiction by hand: `wrong` is the side that is not true, or empty if both can be true. `reason` says why.

    Either way its signal ends: the question is answered, and asks for no visit any more.

    :raises NotAllowed: if the actor is no person, may not settle contradictions or does not see the borrower.
    :raises InvalidInput: if the side is unknown, or no reason is given, or one of more than 300 characters.
    :raises StateConflict: if it is settled already, or no longer found.
    """
    may(actor=actor, permission=SETTLE)
    if not Contradiction.objects.visible_to(actor).filter(pk=contradiction.pk).exists():
        raise NotAllowed
    if wrong and wrong not in Side.values:
        raise InvalidInput(_("Choose which source is wrong."), field="wrong")
    reason = kept_reason(reason=reason)
    lock_contradictions(borrower_id=contradiction.borrower_id)
    contradiction = Contradiction.objects.get(pk=contradiction.pk)
    _settle(contradiction=contradiction, wrong=wrong, reason=reason, settled_ref="", actor=actor, at=at)
    mark_for_reevaluation(borrowers=(contradiction.borrower_id,), at=at)
    return contradiction


def _settle(
    *, contradiction: Contradiction, wrong: str, reason: str, settled_ref: str, actor: Any, at: datetime
) -> None:
    move(
        record=contradiction,
        lifecycle=CONTRADICTION,
        action="confirm" if wrong else "clear",
        actor=actor,
        at=at,
        wrong_side=wrong,
        reason=reason,
        settled_ref=settled_ref,
        settled_by=actor,
        settled_at=at,
    )
    answer = _answer(contradiction, wrong) if actor is not None else ""
    end_signals(ids=[contradiction.signal_id], on=localdate(at), answer=answer, by=actor)
    record(
        actor=actor,
        action="contradiction.settled",
        subject=contradiction,
        at=at,
        body={"subject": str(contradiction.subject), "wrong": str(wrong), "document": settled_ref},
    )


def _answer(contradiction: Contradiction, wrong: str) -> str:
    """
    Return what a person found of the signal: false where the application is wrong, so where both sources can be true.

    That a paper or a visit is wrong says nothing of what the borrower stated.
    """
    if not wrong:
        return SignalAnswer.CLEARED
    source = contradiction.left_source if wrong == Side.LEFT else contradiction.right_source
    return SignalAnswer.CONFIRMED if source == Origin.APPLICATION else ""
