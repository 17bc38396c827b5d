"""Contradictions are found whenever a source changes: each raises a signal, and ends with what caused it."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.timezone import localdate

from backoffice.audit.services import record
from backoffice.core.sealed.sealing import keyed_digest
from backoffice.core.transitions import move_all
from cases.models import Address, Application, Borrower
from cases.services.casework.reevaluation import mark_for_reevaluation
from cases.services.casework.suspicion import FoundSign, end_signals, open_signals_again, raise_signals
from visits.contradiction_enums import ContradictionState
from visits.models import Contradiction, VisitOrder, VisitReport
from visits.rules.contradictions.claims import Claim
from visits.rules.contradictions.conflicts import Conflict, find_conflicts
from visits.rules.contradictions.lifecycle import CONTRADICTION
from visits.rules.contradictions.masks import shown
from visits.selectors.contradiction_claims import COUNTS, TheirClaims, claims_of_person

logger = logging.getLogger(__name__)

# Subject of the advisory lock; its part is the borrower.
_CONTRADICTIONS: Final = 7_311
# The job runs every night: three days bridge two that it missed.
CHANGED_WITHIN: Final = timedelta(days=3)
CHUNK: Final = 50


def note_contradictions(*, borrower: Borrower, actor: Any, at: datetime) -> dict[str, Conflict]:
    """
    Find what cannot both be true of a borrower's person and write it, in the caller's transaction; return it by reference.

    A new contradiction raises a signal. An open one that is no longer found ends, and its signal with it. One that somebody or
    a document has settled stays settled. Done twice it changes nothing the second time.

    :raises RuntimeError: if there is no transaction.
    """
    lock_contradictions(borrower_id=borrower.pk)
    theirs = claims_of_person(borrower=borrower, on=localdate(at))
    conflicts = find_conflicts(claims=theirs.claims, spouse_names=theirs.spouse_names)
    found = {_reference(borrower, conflict): conflict for conflict in conflicts}
    kept = {row.external_ref: row for row in Contradiction.objects.filter(borrower=borrower)}
    begun = _begin(borrower, {ref: each for ref, each in found.items() if ref not in kept}, theirs, at)
    again = _find_again([row for ref, row in kept.items() if ref in found], at)
    gone = _lose([row for ref, row in kept.items() if ref not in found], at)
    if begun or again or gone:
        mark_for_reevaluation(borrowers=(borrower.pk,), at=at)
        record(
            actor=actor,
            action="contradictions.noted",
            subject=borrower,
            at=at,
            body={"begun": begun, "found_again": again, "gone": gone},
        )
    return found


def recheck_contradictions(*, at: datetime, after: int = 0, number: int = CHUNK) -> int | None:
    """
    Compare the sources again of visited borrowers whose data the lender's files changed in the last days.

    Takes up to `number` of them whose id is above `after`; returns the id of the last one, None if no more are left. One
    transaction for each: one that fails is logged, by its id only, and leaves the others done. Done twice it changes nothing.
    """
    since = at - CHANGED_WITHIN
    changed = Q(updated_at__gte=since)
    for part in (Address, Application):
        changed |= Q(Exists(part.objects.filter(borrower=OuterRef("pk"), updated_at__gte=since)))
    visited = VisitOrder.objects.filter(case__borrower=OuterRef("pk"), state__in=COUNTS)
    found = list(Borrower.objects.filter(Exists(visited), pk__gt=after).filter(changed).order_by("pk")[:number])
    for borrower in found:
        try:
            with transaction.atomic():
                note_contradictions(borrower=borrower, actor=None, at=at)
        except Exception as error:
            if not connection.is_usable():
                raise
            # The text of an error may hold what was compared.
            logger.warning("sources not compared", extra={"borrower": borrower.pk, "error": type(error).__name__})
    return found[-1].pk if len(found) == number else None


def lock_contradictions(*, borrower_id: int) -> None:
    """
    Let two changes of the contradictions of one borrower follow each other, until the end of the caller's transaction.

    Take it last: nobody who holds it waits for a row.

    :raises RuntimeError: if there is no transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Contradictions change in the transaction of what causes that.")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_CONTRADICTIONS, borrower_id % (1 << 31)])


def _begin(borrower: Borrower, conflicts: dict[str, Conflict], theirs: TheirClaims, at: datetime) -> list[str]:
    signals = raise_signals(
        borrower_id=borrower.pk,
        found=[
            FoundSign(
                ref=ref,
                kind=each.signal,
                sources=f"{each.left.source}/{each.right.source}",
                confidence=each.weight,
            )
            for ref, each in conflicts.items()
        ],
        on=localdate(at),
        at=at,
    )
    rows = Contradiction.objects.bulk_create(
        _row(borrower, ref, each, signals[ref], theirs.report, at) for ref, each in conflicts.items()
    )
    return [str(row) for row in rows]


def _row(
    borrower: Borrower, ref: str, conflict: Conflict, signal: int, report: VisitReport | None, at: datetime
) -> Contradiction:
    left, right = conflict.left, conflict.right
    return Contradiction(
        external_ref=ref,
        borrower=borrower,
        subject=conflict.subject,
        left_source=left.source,
        left_ref=left.ref,
        left_shown=shown(claim=left),
        left_on=left.on,
        right_source=right.source,
        right_ref=right.ref,
        right_shown=shown(claim=right),
        right_on=right.on,
        detail=conflict.detail,
        weight=conflict.weight,
        decided_by=conflict.decider,
        signal_id=signal,
        report=report,
        found_at=at,
        updated_at=at,
    )


def _find_again(rows: Iterable[Contradiction], at: datetime) -> list[str]:
    back = [row for row in rows if row.state == ContradictionState.GONE]
    move_all(rows=_these(back), lifecycle=CONTRADICTION, action="find_again", at=at)
    open_signals_again(ids=[row.signal_id for row in back])
    return [str(row) for row in back]


def _lose(rows: Iterable[Contradiction], at: datetime) -> list[str]:
    lost = [row for row in rows if row.state == ContradictionState.OPEN]
    move_all(rows=_these(lost), lifecycle=CONTRADICTION, action="lose", at=at)
    end_signals(ids=[row.signal_id for row in lost], on=localdate(at))
    return [str(row) for row in lost]


def _these(rows: Iterable[Contradiction]) -> Any:
    return Contradiction.objects.filter(pk__in=[row.pk for row in rows])


def _reference(borrower: Borrower, conflict: Conflict) -> str:
    """Return the name of a contradiction: the same as long as both sources say the same."""
    sides = sorted((each.ref, each.subject, _said(each)) for each in (conflict.left, conflict.right))
    return "X-" + keyed_digest(text=f"{borrower.pk}|{conflict.subject}|{sides}", kind="contradiction").hex()


def _said(claim: Claim) -> str:
    return claim.value if claim.amount is None else f"{claim.value}{claim.amount:.2f}"
