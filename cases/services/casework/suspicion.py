"""
Suspicion signals: those of contradictions begin and end with their cause; the others are answered.

A verification answers the kinds that it establishes, a person any of them with a reason. What is answered asks for no visit
any more, and no later file opens it again.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.core.transitions import may
from cases.enums import SignalKind
from cases.models import SuspicionSignal, Verification
from cases.rules.doubts import SOURCE_OF_CONTRADICTIONS
from cases.rules.signal_answers import PERSON_COUNTS_FOR, answer_counts_until
from cases.services.casework.reevaluation import mark_for_reevaluation
from cases.services.casework.wording import kept_reason
from cases.signal_enums import SignalAnswer

ANSWER: Final = "cases.answer_suspicionsignal"


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundSign:
    """A sign that was found: `ref` names it for good, `sources` the two sources that do not fit, `confidence` is a share."""

    ref: str
    kind: str
    sources: str
    confidence: Decimal


def raise_signals(*, borrower_id: int, found: Collection[FoundSign], on: date, at: datetime) -> dict[str, int]:
    """
    Write the signals of contradictions, in the caller's transaction; return their ids by reference.

    The caller marks the borrower for evaluation and writes the audit entry, here and below.
    """
    written = SuspicionSignal.objects.bulk_create(
        [
            SuspicionSignal(
                borrower_id=borrower_id,
                external_ref=each.ref,
                kind=each.kind,
                source=f"{SOURCE_OF_CONTRADICTIONS}:{each.sources}",
                confidence=each.confidence,
                noticed_on=on,
                created_at=at,
            )
            for each in found
        ]
    )
    return {signal.external_ref: signal.pk for signal in written}


def open_signals_again(*, ids: Collection[int]) -> None:
    """Open signals again whose cause is found again, in the caller's transaction."""
    SuspicionSignal.objects.filter(pk__in=ids).update(cleared_on=None)


def end_signals(*, ids: Collection[int], on: date, answer: str = "", by: Any = None) -> None:
    """
    End open signals, in the caller's transaction: their question is answered or gone, so they ask for no visit any more.

    `answer` is what the person `by` found of them, empty where nobody did.
    """
    until = on + PERSON_COUNTS_FOR if answer == SignalAnswer.CONFIRMED else None
    SuspicionSignal.objects.open().filter(pk__in=ids).update(
        cleared_on=on, answer=answer, answered_by=by if answer else None, counts_until=until
    )


def answer_by_verification(
    *, verification: Verification, answers: Mapping[SignalKind, SignalAnswer]
) -> list[tuple[str, str]]:
    """
    Answer the open signals of a verification's borrower by their kind; return kind and answer of each.

    Signals noticed after the day of the verification stay open, as do those of contradictions, which end with their own
    sources. In the caller's transaction; the caller writes the audit entry and marks the borrower for evaluation.
    """
    rows = list(
        SuspicionSignal.objects.open()
        .filter(
            borrower=verification.borrower_id,
            kind__in=[str(kind) for kind in answers],
            noticed_on__lte=verification.verified_on,
        )
        .exclude(source__startswith=SOURCE_OF_CONTRADICTIONS)
        .select_for_update(no_key=True)
        .order_by("pk")
    )
    for row in rows:
        kind = SignalKind(row.kind)
        row.answer = answers[kind]
        row.answered_in = verification.source_ref
        row.cleared_on = verification.verified_on
        if row.answer == SignalAnswer.CONFIRMED:
            row.counts_until = answer_counts_until(kind=kind, verified_on=verification.verified_on)
    SuspicionSignal.objects.bulk_update(rows, ("answer", "answered_in", "cleared_on", "counts_until"))
    return [(str(row.kind), str(row.answer)) for row in rows]


@transaction.atomic
def answer_signal(*, signal: SuspicionSignal, answer: str, reason: str, actor: Any, at: datetime) -> SuspicionSignal:
    """
    Answer an open signal by hand: what was stated is so, or is not. `reason` says how that is known.

    :raises NotAllowed: if the actor is no person, may not answer signals or does not see the borrower.
    :raises InvalidInput: if the answer is unknown, no reason is given or one of more than 300 characters, or the signal is of
        a contradiction, which is settled where both sources stand.
    :raises StateConflict: if it has been answered or has ended.
    """
    may(actor=actor, permission=ANSWER)
    if not SuspicionSignal.objects.visible_to(actor).filter(pk=signal.pk).exists():
        raise NotAllowed
    if answer not in SignalAnswer.values:
        raise InvalidInput(_("Choose what was found."), field="answer")
    reason = kept_reason(reason=reason)
    signal = SuspicionSignal.objects.select_for_update(no_key=True).get(pk=signal.pk)
    if signal.source.startswith(SOURCE_OF_CONTRADICTIONS):
        raise InvalidInput(_("Two sources contradict each other: settle the contradiction."), field="answer")
    if signal.cleared_on is not None:
        raise StateConflict
    today = localdate(at)
    signal.answer, signal.answer_reason, signal.answered_by, signal.cleared_on = answer, reason, actor, today
    signal.counts_until = today + PERSON_COUNTS_FOR if answer == SignalAnswer.CONFIRMED else None
    signal.save(update_fields=("answer", "answer_reason", "answered_by", "cleared_on", "counts_until"))
    # The reason stays in the record: the trail keeps no free text.
    body = {"kind": str(signal.kind), "answer": answer}
    record(actor=actor, action="signal.answered", subject=signal, at=at, body=body)
    mark_for_reevaluation(borrowers=(signal.borrower_id,), at=at)
    return signal
