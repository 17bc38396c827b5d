"""
Letters that wait to be made, each by a worker under a lease, after the plan that needs them has been committed.

The row is the truth; a message only wakes a worker earlier. A letter is made without locks and kept only if the order's
plan is still the one that it names.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction
from django.db.models import Q, QuerySet

from backoffice.audit.services import record
from backoffice.core.queue import enqueue
from backoffice.core.transitions import move
from visits.models import LetterDue, VisitOrder
from visits.planning_enums import LetterState
from visits.rules.dispatch.lifecycle import LETTER_LIFECYCLE
from visits.services.dispatch.letters import LETTER_FIELDS, LETTER_STATES, write_letter

# A letter takes a twentieth of a second; a worker that is silent for so long is gone.
LEASE: Final = timedelta(minutes=2)
ATTEMPTS_MAX: Final = 5
# What a letter is compared by before it is kept.
_PLAN: Final = ("state", "window_start", "window_end", "lead_id", "second_id", "placement_id")


def want_letters(*, orders: Sequence[VisitOrder], at: datetime) -> None:
    """Ask for a letter of each order's plan, in the caller's transaction; an order that waits for one already waits on."""
    LetterDue.objects.bulk_create(
        [LetterDue(order=order, created_at=at, updated_at=at) for order in orders], ignore_conflicts=True
    )
    if orders:
        enqueue("visits.tasks.make_letters")


def make_letter(*, at: datetime) -> bool:
    """
    Make the oldest letter that waits and that no other worker has; return False if there is none.

    Call it outside a transaction: the attempt is committed before the letter is made. A letter whose order is not planned
    any more is dropped. After `ATTEMPTS_MAX` attempts it is given up, and is issued by hand on the order's page.

    :raises StorageFull: if there is no room for the letter; it waits as before.
    """
    due = _claim(at=at)
    if due is None:
        return False
    if due.state != LetterState.WAITING:
        return True
    order = due.order
    before = [getattr(order, name) for name in _PLAN]
    if order.state in LETTER_STATES:
        write_letter(order=order, at=at)
    with transaction.atomic():
        now = VisitOrder.objects.select_for_update(no_key=True).get(pk=order.pk)
        if not LetterDue.objects.filter(pk=due.pk, state=LetterState.WAITING).exists():
            # The lease ended while the letter was written, and another worker made it.
            return True
        if now.state not in LETTER_STATES:
            _end(due, action="drop", at=at)
        elif [getattr(now, name) for name in _PLAN] == before:
            _keep(order=order, due=due, at=at)
        else:
            # It was moved meanwhile: the letter is made again, of the new plan.
            LetterDue.objects.filter(pk=due.pk).update(leased_until=None)
    return True


def sweep_letters(*, at: datetime) -> int:
    """Enqueue the making of letters whose message was lost or whose worker died; return how many wait for that."""
    waiting = _free(at=at).count()
    if waiting:
        enqueue("visits.tasks.make_letters")
    return waiting


def _free(*, at: datetime) -> QuerySet[LetterDue]:
    rows: QuerySet[LetterDue] = LetterDue.objects.filter(
        Q(leased_until__isnull=True) | Q(leased_until__lt=at), state=LetterState.WAITING
    )
    return rows


@transaction.atomic
def _claim(*, at: datetime) -> LetterDue | None:
    due: LetterDue | None = (
        _free(at=at)
        .select_related(
            "order__case__borrower", "order__address", "order__lead", "order__second", "order__placement__agency"
        )
        .select_for_update(no_key=True, skip_locked=True, of=("self",))
        .order_by("pk")
        .first()
    )
    if due is None:
        return None
    if due.attempts >= ATTEMPTS_MAX:
        _end(due, action="give_up", at=at)
        return due
    due.attempts, due.leased_until = due.attempts + 1, at + LEASE
    due.save(update_fields=["attempts", "leased_until"])
    return due


def _keep(*, order: VisitOrder, due: LetterDue, at: datetime) -> None:
    order.updated_at = at
    order.save(update_fields=[*LETTER_FIELDS, "updated_at"])
    _end(due, action="make", at=at)
    body = {"action": "letter", "order": str(order), "sha256": order.letter_sha256}
    record(actor=None, action="visit.letter_issued", subject=order, at=at, body=body)


def _end(due: LetterDue, *, action: str, at: datetime) -> None:
    move(record=due, lifecycle=LETTER_LIFECYCLE, action=action, actor=None, at=at, leased_until=None)
