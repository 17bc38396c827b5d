"""Ending placements, many at once: their term is over, or their cases may no longer be with an agency."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from backoffice.audit.services import record
from backoffice.core.transitions import move_all
from cases.enums import CaseEventKind
from cases.services.casework.events import write_events
from visits.enums import EndReason, PlacementState
from visits.models import Placement, VisitOrder
from visits.models.order import LIVE_PLACEMENTS
from visits.rules.lifecycle import PLACEMENT_LIFECYCLE
from visits.services.orders.endings import call_off, seal_end_notes

# Within these days the agency certifies that data were returned or deleted.
CERTIFICATE_DAYS = 15


@transaction.atomic
def end_placements(*, business_date: date, at: datetime) -> int:
    """Let every live placement lapse whose term ended before `business_date`; return how many did."""
    over = Placement.objects.filter(state__in=LIVE_PLACEMENTS, term_ends_on__lt=business_date)
    return end_by_system(rows=over, action="expire", reason=EndReason.TERM_ENDED, at=at, business_date=business_date)


def end_by_system(
    *, rows: Any, action: str, reason: EndReason, at: datetime, business_date: date, rules: Sequence[str] = ()
) -> int:
    """
    End the live placements of `rows` without a person, with one audit entry for all, in the caller's transaction.

    `rules` are codes that say why, for the audit entry. Returns how many ended.
    """
    ended = end_all(rows=rows, action=action, reason=reason, actor=None, at=at, business_date=business_date)
    if ended:
        done = PlacementState(PLACEMENT_LIFECYCLE.step(action).target).lower()
        record(
            actor=None,
            action=f"placement.{done}",
            subject=("visits.placement", business_date.isoformat()),
            at=at,
            body={"placements": ended} | ({"rules": list(rules)} if rules else {}),
        )
    return len(ended)


def end_all(
    *, rows: Any, action: str, reason: EndReason, actor: Any, at: datetime, business_date: date, note: str = ""
) -> list[int]:
    """
    End the live placements of `rows` with their open orders, in the caller's transaction; return their ids.

    `note` is what a person wrote; it is kept sealed with the placements. The caller has checked the permission and
    writes the audit entry.
    """
    held = list(
        rows.filter(state__in=LIVE_PLACEMENTS)
        .order_by("pk")
        .select_for_update(no_key=True, of=("self",))
        .values_list("pk", "case")
    )
    ids = [pk for pk, _case in held]
    call_off(rows=VisitOrder.objects.filter(placement__in=ids), reason=reason, actor=actor, at=at)
    move_all(
        rows=Placement.objects.filter(pk__in=ids),
        lifecycle=PLACEMENT_LIFECYCLE,
        action=action,
        at=at,
        ended_on=business_date,
        end_reason=reason,
        certificate_due_on=business_date + timedelta(days=CERTIFICATE_DAYS),
    )
    seal_end_notes(model=Placement, ids=ids, note=note)
    write_events(
        kind=CaseEventKind.VISIT,
        actor=actor,
        at=at,
        events=[(case, {"action": action, "placement": str(Placement(pk=pk))}) for pk, case in held],
    )
    return ids
