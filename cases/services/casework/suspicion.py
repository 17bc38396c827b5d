"""Suspicion signals that follow from what Doorstep itself compares: they begin, and end with their cause."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from cases.models import SuspicionSignal
from cases.rules.doubts import SOURCE_OF_CONTRADICTIONS


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


def end_signals(*, ids: Collection[int], on: date) -> None:
    """End open signals, in the caller's transaction: their question is answered or gone, so they ask for no visit any more."""
    SuspicionSignal.objects.filter(pk__in=ids, cleared_on__isnull=True).update(cleared_on=on)
