"""How visit orders end without a verification, one or many at once: in the same statements either way."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Model, QuerySet

from backoffice.core.sealed.sealing import seal_all
from backoffice.core.transitions import move_all
from backoffice.outbox.services import add_events
from cases.enums import CaseEventKind
from cases.services.casework.events import write_events
from cases.services.casework.visiting import end_visits
from visits.enums import EndReason, VisitState
from visits.models import VisitOrder
from visits.rules.lifecycle import BEFORE_DOOR, COUNTED, VISIT_LIFECYCLE
from visits.services.orders.fees import charge_way

NOT_BEGUN = frozenset({VisitState.DRAFT, VisitState.APPROVED})
# Characters of a note that are kept.
NOTE_LENGTH = 300


def end_orders(
    *,
    rows: QuerySet[VisitOrder],
    action: str,
    reason: EndReason,
    actor: Any,
    at: datetime,
    note: str = "",
    is_paid: bool = True,
) -> list[int]:
    """
    Move the orders of `rows` that may take the step `action` to its end; return their ids.

    In the caller's transaction: locks the orders, ends the cases' visits, writes their timelines and adds the event
    "visit.cancelled" where notice had gone out. `note` is what a person wrote; it is kept sealed. A visit that is broken
    off (`action` abort) is paid by the price card for the way, unless `is_paid` is false. The caller writes the audit
    entry.
    """
    step = VISIT_LIFECYCLE.step(action)
    held = list(
        rows.filter(state__in=step.sources)
        .order_by("pk")
        .select_for_update(no_key=True, of=("self",))
        .values_list("pk", "case", "state", "notice_sent_at")
    )
    ids = [pk for pk, *_rest in held]
    move_all(
        rows=VisitOrder.objects.filter(pk__in=ids),
        lifecycle=VISIT_LIFECYCLE,
        action=action,
        at=at,
        ended_at=at,
        end_reason=reason,
        # A visit that was broken off was made as far as it went; one that is called off goes with nobody.
        **({} if step.target in COUNTED else {"household": None}),
    )
    if action == "abort" and is_paid:
        charge_way(orders=ids, on=at)
    seal_end_notes(model=VisitOrder, ids=ids, note=note)
    begun = {case: _ref(pk) for pk, case, state, _notice in held if state not in NOT_BEGUN}
    end_visits(orders=begun, outcome=step.target, actor=actor, at=at)
    write_events(
        kind=CaseEventKind.VISIT,
        actor=actor,
        at=at,
        events=[
            (case, {"action": action, "order": _ref(pk)}) for pk, case, state, _notice in held if state in NOT_BEGUN
        ],
    )
    add_events(
        topic="visit.cancelled",
        events=[
            (f"visit.cancelled:{pk}", {"order": _ref(pk), "case": case}) for pk, case, _state, notice in held if notice
        ],
        at=at,
    )
    return ids


def seal_end_notes(*, model: type[Model], ids: Sequence[int], note: str) -> None:
    """Keep a person's note with each of the ended rows, sealed and bound to its row; an empty note changes nothing."""
    if not note.strip():
        return
    place = f"{model._meta.db_table}.end_note"
    sealed = seal_all(texts=[note.strip()[:NOTE_LENGTH]] * len(ids), place=place, bound_to=[str(pk) for pk in ids])
    for pk, value in zip(ids, sealed, strict=True):
        model._default_manager.filter(pk=pk).update(end_note=value)


def call_off(*, rows: QuerySet[VisitOrder], reason: EndReason, actor: Any, at: datetime) -> list[int]:
    """
    End every open order of `rows`, each by the step its state allows; return their ids.

    Before the crew sets out it is cancelled, on the way and at the door broken off, after a returned report discarded. A
    report that waits for its review stays: it is the lender's to judge.
    """
    steps: Iterable[tuple[str, QuerySet[VisitOrder]]] = (
        ("abort", rows.filter(state__in=(VisitState.EN_ROUTE, VisitState.CHECKED_IN))),
        ("cancel", rows.filter(state__in=BEFORE_DOOR)),
        ("discard_report", rows.filter(state=VisitState.RETURNED)),
    )
    return [
        pk for action, some in steps for pk in end_orders(rows=some, action=action, reason=reason, actor=actor, at=at)
    ]


def _ref(pk: int) -> str:
    return str(VisitOrder(pk=pk))
