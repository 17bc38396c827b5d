"""Planned visits taken back: many at once, each to be planned anew."""

import pytest
from django.db import transaction

from cases.models import CaseEvent
from tests.factories.visits import AT, make_case, make_order, make_placement
from visits.models import VisitOrder
from visits.services.orders.taking_back import UNPLANNED, take_back


@pytest.mark.parametrize("number", [1, 3])
def test_planned_orders_are_approved_again_without_a_plan(
    number, shanghai, agency, pair, approver, dispatcher, django_assert_num_queries
):
    orders = {}
    for state in ("SCHEDULED", "ACCEPTED", "EN_ROUTE", "APPROVED") * number:
        case = make_case(territory=shanghai)
        made = make_order(
            case=case, placement=make_placement(case=case, agency=agency), state=state, approver=approver, pair=pair
        )
        orders.setdefault(state, []).append(made.pk)
    planned = sorted(orders["SCHEDULED"] + orders["ACCEPTED"])

    with transaction.atomic(), django_assert_num_queries(QUERIES):
        assert take_back(rows=VisitOrder.objects.all(), actor=dispatcher, at=AT) == planned

    rows = VisitOrder.objects.filter(pk__in=planned)
    assert list(rows.values(*UNPLANNED).distinct()) == [UNPLANNED]
    assert set(rows.values_list("state", "case__stage")) == {("APPROVED", "IN_WORK")}
    assert VisitOrder.objects.filter(state="EN_ROUTE", lead__isnull=False).count() == number
    assert CaseEvent.objects.filter(kind="VISIT", body__action="unschedule").count() == 2 * number


QUERIES = 5
