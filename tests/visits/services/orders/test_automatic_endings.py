"""Visit orders that the system ends: their validity is over, or they are no longer due."""

from datetime import timedelta

import pytest

from cases.models import BorrowerFlag
from tests.factories.visits import AT, TODAY, VISIT_AT, make_order
from visits.models import VisitOrder
from visits.services.orders.automatic_endings import expire_orders, stand_down_visits


def test_orders_lapse_after_their_last_day_and_only_while_they_wait(case, placement, pair, approver):
    order = make_order(
        case=case, placement=placement, state="ACCEPTED", approver=approver, pair=pair, valid_until=TODAY
    )

    assert expire_orders(business_date=TODAY, at=AT) == 0
    assert expire_orders(business_date=TODAY + timedelta(days=1), at=AT) == 1
    assert expire_orders(business_date=TODAY + timedelta(days=1), at=AT) == 0

    assert VisitOrder.objects.get(pk=order.pk).state == "EXPIRED"
    assert VisitOrder.objects.get(pk=order.pk).end_reason == "LAPSED"


@pytest.mark.parametrize(
    ("state", "ended"),
    [("APPROVED", "APPROVED"), ("SCHEDULED", "CANCELLED"), ("ACCEPTED", "CANCELLED"), ("EN_ROUTE", "ABORTED")],
)
def test_a_planned_visit_that_is_no_longer_due_ends_by_the_step_of_its_state(
    state, ended, case, placement, pair, approver
):
    order = make_order(case=case, placement=placement, state=state, approver=approver, pair=pair)
    assert stand_down_visits(at=VISIT_AT) == 0
    BorrowerFlag.objects.create(borrower=case.borrower, kind="DISPUTED", source="CALL", set_at=AT)

    stopped = stand_down_visits(at=VISIT_AT + timedelta(microseconds=1))

    found = VisitOrder.objects.get(pk=order.pk)
    assert (found.state, stopped) == (ended, int(ended != "APPROVED"))
    assert found.end_reason == ("NOT_DUE" if stopped else "")
