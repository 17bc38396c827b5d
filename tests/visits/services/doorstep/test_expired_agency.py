"""An agency whose contract or required paper has ended: no departure and no door from the next day on."""

from datetime import timedelta

import pytest

from tests.factories.visits import VISIT_AT, make_order, position
from visits.models import Agency, VisitOrder
from visits.services.dispatch.orders import depart
from visits.services.doorstep.attendance import check_in, check_out
from visits.services.orders.automatic_endings import stand_down_visits
from visits.services.orders.conduct_guard import local_date

DAY = local_date(VISIT_AT)
LAST_DAYS = pytest.mark.parametrize("column", ["contract_ends_on", "papers_until"])


@pytest.fixture
def order(case, placement, pair, approver):
    def make(state):
        return make_order(case=case, placement=placement, state=state, approver=approver, pair=pair)

    return make


def arrive(order, pair):
    for member in pair:
        arrived = check_in(
            order=order,
            member=member,
            position=position(at=VISIT_AT),
            badge_evidence_ref="B1",
            actor=member.user,
            at=VISIT_AT,
        )
    return [refusal.rule.value for refusal in arrived.refusals]


@LAST_DAYS
@pytest.mark.parametrize(("ended", "refused"), [(0, []), (-1, ["AGENCY_LISTED"])])
def test_the_door_opens_to_the_last_day(column, ended, refused, order, pair):
    going = order("EN_ROUTE")
    Agency.objects.update(**{column: DAY + timedelta(days=ended)})

    assert arrive(going, pair) == refused
    assert VisitOrder.objects.get().state == ("EN_ROUTE" if refused else "CHECKED_IN")


@LAST_DAYS
@pytest.mark.parametrize(("ended", "state"), [(0, "EN_ROUTE"), (-1, "CANCELLED")])
def test_a_crew_sets_out_to_the_last_day(column, ended, state, order, pair):
    planned = order("ACCEPTED")
    Agency.objects.update(**{column: DAY + timedelta(days=ended)})

    depart(order=planned, actor=pair[0].user, at=VISIT_AT - timedelta(minutes=30))

    assert VisitOrder.objects.get().state == state


def test_a_crew_that_is_late_is_asked_about_the_day_on_which_it_sets_out(order, pair):
    planned = order("ACCEPTED")
    Agency.objects.update(papers_until=DAY)

    depart(order=planned, actor=pair[0].user, at=VISIT_AT + timedelta(days=1))

    assert VisitOrder.objects.get().state == "CANCELLED"


@LAST_DAYS
def test_a_visit_that_has_begun_is_finished(column, order, pair):
    begun = order("CHECKED_IN")
    Agency.objects.update(**{column: DAY - timedelta(days=1)})

    assert stand_down_visits(at=VISIT_AT) == 0
    out = check_out(order=begun, member=pair[0], position=position(at=VISIT_AT), actor=pair[0].user, at=VISIT_AT)

    assert (out.moment, VisitOrder.objects.get().state) == ("OUT", "CHECKED_IN")
