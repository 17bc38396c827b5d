"""What ends for a case that was joined with another: visits before the door and the placement; a talk at the door goes on."""

from datetime import timedelta
from typing import Any

import pytest

from backoffice.audit.models import AuditEntry
from cases.models import Case
from tests.factories.people import merged_by_number
from tests.factories.visits import AT, TODAY, make_agency, make_case, make_member, make_order, make_placement
from visits import tasks
from visits.models import Placement, VisitOrder
from visits.services.agencies.joined_cases import end_joined
from visits.services.dispatch.sweeping import sweep_visits

LATER = AT + timedelta(hours=1, microseconds=3)


def joined(shanghai: Any, approver: Any, *, state: str, **fields: Any) -> tuple[VisitOrder, VisitOrder]:
    """Make two cases with a visit each and merge their people; return the order of the kept one and of the closed one."""
    agency = make_agency(territory=shanghai)
    pair = (make_member(agency=agency), make_member(agency=agency))
    orders = []
    for each in ("SCHEDULED", state):
        case = make_case(territory=shanghai)
        placement = make_placement(case=case, agency=agency)
        more = fields if each == state else {}
        orders.append(make_order(case=case, placement=placement, state=each, approver=approver, pair=pair, **more))
    kept, closed = orders
    Case.objects.filter(pk=kept.case_id).update(stage="VERIFIED")
    merged_by_number(kept.case.borrower, closed.case.borrower, approver=approver)
    assert list(Case.objects.order_by("pk").values_list("stage", flat=True)) == ["VERIFIED", "CLOSED"]
    return kept, closed


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "after"), [("DRAFT", "CANCELLED"), ("SCHEDULED", "CANCELLED"), ("EN_ROUTE", "ABORTED")]
)
def test_what_has_not_reached_the_door_is_called_off_and_the_placement_recalled(
    shanghai: Any, approver: Any, state: str, after: str
) -> None:
    kept, closed = joined(shanghai, approver, state=state)

    ended = end_joined(at=LATER, business_date=TODAY, borrowers=[closed.case.borrower_id])
    again = end_joined(at=LATER, business_date=TODAY)

    assert (ended, again) == (1, 0)
    fields = ("pk", "state", "end_reason")
    assert list(VisitOrder.objects.order_by("pk").values_list(*fields)) == [
        (kept.pk, "SCHEDULED", ""),
        (closed.pk, after, "NOT_NEEDED"),
    ]
    assert list(Placement.objects.order_by("pk").values_list("pk", "state", "end_reason")) == [
        (kept.placement_id, "ACTIVE", ""),
        (closed.placement_id, "RECALLED", "NOT_NEEDED"),
    ]
    assert AuditEntry.objects.get(action="visit.joined_ended").body == {
        "orders": [closed.pk],
        "placements": [closed.placement_id],
    }


@pytest.mark.django_db
def test_a_talk_at_the_door_goes_on_and_the_placement_with_it(shanghai: Any, approver: Any) -> None:
    _kept, closed = joined(shanghai, approver, state="CHECKED_IN")

    assert end_joined(at=LATER, business_date=TODAY) == 0

    assert VisitOrder.objects.get(pk=closed.pk).state == "CHECKED_IN"
    assert set(Placement.objects.values_list("state", flat=True)) == {"ACTIVE"}


@pytest.mark.django_db
def test_the_task_and_the_sweep_call_off(shanghai: Any, approver: Any) -> None:
    kept, closed = joined(shanghai, approver, state="DRAFT")
    tasks.stand_down(borrowers=[kept.case.borrower_id])
    assert VisitOrder.objects.get(pk=closed.pk).state == "DRAFT"

    sweep_visits(at=LATER, business_date=TODAY)

    assert VisitOrder.objects.get(pk=closed.pk).state == "CANCELLED"


@pytest.mark.django_db
def test_the_task_calls_off_for_its_borrowers(shanghai: Any, approver: Any) -> None:
    _kept, closed = joined(shanghai, approver, state="DRAFT")

    tasks.stand_down(borrowers=[closed.case.borrower_id])

    assert VisitOrder.objects.get(pk=closed.pk).state == "CANCELLED"
