"""The day desk of a territory: its crews, stops and what is due; nothing of other territories but that a crew is busy."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.visits import (
    AT,
    HOME,
    TODAY,
    VISIT_AT,
    make_agency,
    make_case,
    make_member,
    make_order,
    make_placement,
)
from visits.models import AgencyTerritory, HouseholdVisit, LetterDue, PlanningCrew, PlanningRun
from visits.rules.dispatch.timetable import RouteCost
from visits.selectors.day_desk import Joined, crew_pairs, desk_day

DAY = date(2026, 3, 4)


@pytest.fixture
def make(shanghai, agency, approver):
    def of(state, *, territory=shanghai, at=VISIT_AT, **fields):
        case = make_case(territory=territory)
        placement = make_placement(case=case, agency=agency)
        fields |= {"planned_arrival_at": at} if state not in ("DRAFT", "APPROVED") else {}
        return make_order(case=case, placement=placement, state=state, approver=approver, **fields)

    return of


def keys(pairs):
    return [(lead.pk, second.pk) for lead, second, _base in pairs]


def test_each_order_stands_where_it_belongs(make, pair, shanghai, dispatcher, approver):
    planned = make("SCHEDULED", pair=pair)
    ready, unplaced, draft = make("APPROVED"), make("APPROVED"), make("DRAFT")
    unplaced.address.point = ""
    unplaced.address.save(update_fields=["point"])
    lonely = make_order(case=make_case(territory=shanghai), placement=None, state="APPROVED", approver=approver)
    due = make_case(territory=shanghai)
    LetterDue.objects.create(order=planned, created_at=AT, updated_at=AT)

    found = desk_day(user=dispatcher, day=DAY, territory=shanghai)

    assert [(stop.order, stop.letter) for stop in found.stops] == [(planned, "WAITING")]
    assert (found.ready, found.unplaced, found.drafts) == ((ready,), (unplaced,), (draft,))
    assert (found.unassigned, found.due, found.due_count) == ((lonely,), (due,), 1)
    assert [(crew.stops, crew.cost) for crew in found.crews] == [(1, RouteCost(minutes=30))]


def test_a_visit_of_another_territory_shows_only_that_the_crew_is_busy(make, pair, shanghai, chengdu, dispatcher):
    make("SCHEDULED", territory=chengdu, pair=pair)

    found = desk_day(user=dispatcher, day=DAY, territory=shanghai)

    assert [(stop.order, stop.stay.starts_at) for stop in found.stops] == [(None, VISIT_AT)]


def test_who_goes_together_is_taken_from_the_day_then_from_the_last_plan_then_from_the_badges(
    make, agency, shanghai, dispatcher
):
    a, b, c, d, e, f, g = (make_member(agency=agency) for _each in range(7))
    make_member(agency=agency, state="INACTIVE")
    make_member(agency=make_agency(territory=shanghai))
    run = PlanningRun.objects.create(day=TODAY, territory=shanghai, seconds=1, requested_at=AT, updated_at=AT)
    # The last plan had c with f and a with d; a goes with b on the day itself.
    PlanningCrew.objects.create(run=run, number=0, lead=c, second=f, latitude=HOME[0], longitude=HOME[1])
    PlanningCrew.objects.create(run=run, number=1, lead=a, second=d)
    make("SCHEDULED", pair=(a, b))

    pairs = crew_pairs(user=dispatcher, day=DAY, territory=shanghai)

    assert keys(pairs) == [(a.pk, b.pk), (c.pk, f.pk), (d.pk, e.pk)]
    assert [base for _lead, _second, base in pairs] == [None, HOME, None]
    assert g.pk not in {pk for each in keys(pairs) for pk in each}


def test_somebody_who_is_out_with_a_companion_of_another_row_is_busy_in_both(make, agency, shanghai, dispatcher):
    a, b, c, d = (make_member(agency=agency) for _each in range(4))
    make("SCHEDULED", pair=(a, b))
    make("SCHEDULED", pair=(c, d))
    mixed = make("SCHEDULED", pair=(a, d), at=VISIT_AT + timedelta(hours=2))

    found = desk_day(user=dispatcher, day=DAY, territory=shanghai)

    assert [stop.crew for stop in found.stops if stop.order == mixed] == [f"{a.pk}-{b.pk}", f"{c.pk}-{d.pk}"]


def test_the_desk_costs_the_same_for_one_visit_and_ten(make, pair, agency, shanghai, chengdu, dispatcher):
    assert dispatcher.territory_ids
    counts = []
    for visits in (1, 9):
        for number in range(visits):
            make("SCHEDULED", pair=pair, at=VISIT_AT + timedelta(minutes=number))
            make("APPROVED")
            make("DRAFT")
        with CaptureQueriesContext(connection) as queries:
            desk_day(user=dispatcher, day=DAY, territory=shanghai)
        counts.append(len(queries))

    assert counts == [13, 13]


def test_a_household_is_one_stop_and_who_can_join_it_is_told_when(make, pair, shanghai, dispatcher):
    household = HouseholdVisit.objects.create(lead=pair[0], second=pair[1], starts_at=VISIT_AT)
    orders = [make("SCHEDULED", pair=pair, household=household) for _each in range(3)]
    late, elsewhere = make("APPROVED"), make("APPROVED")
    for order in (*orders, late):
        order.address.line = "示范路7号1栋301室"
        order.address.save()
    LetterDue.objects.create(order=orders[1], created_at=AT, updated_at=AT)

    found = desk_day(user=dispatcher, day=DAY, territory=shanghai)

    assert [(stop.orders, stop.order, stop.stay.people, stop.letter) for stop in found.stops] == [
        (tuple(orders), orders[0], 3, "WAITING")
    ]
    assert [(crew.stops, crew.cost) for crew in found.crews] == [(1, RouteCost(minutes=50))]
    assert found.ready == (late, elsewhere)
    assert found.joins == {late.pk: Joined(crew=f"{pair[0].pk}-{pair[1].pk}", starts_at=VISIT_AT)}


def test_agencies_that_do_not_work_in_the_territory_have_no_row(agency, pair, shanghai, chengdu, dispatcher):
    AgencyTerritory.objects.filter(agency=agency).update(territory=chengdu)

    assert crew_pairs(user=dispatcher, day=DAY, territory=shanghai) == []
