"""A day's visits as a routing problem: the hours in which a visit may begin, and who may go where."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from cases.rules.calendar import Calendar
from tests.factories.visits import AT, HOME, make_agency, make_case, make_member, make_order, make_placement
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.conduct.timing import hour_refusals
from visits.rules.dispatch.household import Household
from visits.rules.dispatch.timetable import Stay
from visits.rules.routing import SERVICE_MINUTES, TimeWindow
from visits.services.dispatch.routes import CrewPair, is_planned_already, routing_problem, starting_hours

POLICY = ConductPolicy()
ZONE = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 3, 3)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        # The day before at 10:00, and a moment later: 24 hours of notice, up to the next whole minute.
        (datetime(2026, 3, 2, 2, 0, tzinfo=UTC), datetime(2026, 3, 3, 10, 0, tzinfo=ZONE)),
        (datetime(2026, 3, 2, 2, 0, 0, 1, tzinfo=UTC), datetime(2026, 3, 3, 10, 1, tzinfo=ZONE)),
        (datetime(2026, 3, 2, 2, 0, 59, 999_999, tzinfo=UTC), datetime(2026, 3, 3, 10, 1, tzinfo=ZONE)),
        (datetime(2026, 3, 1, 2, 0, 0, 1, tzinfo=UTC), datetime(2026, 3, 3, 9, 0, tzinfo=ZONE)),
    ],
)
def test_a_day_opens_on_a_whole_minute_after_the_notice(at, opens):
    first, _last = starting_hours(policy=POLICY, day=DAY, at=at)

    assert first == opens


def test_the_last_visit_of_a_day_leaves_the_pair_time_to_check_in():
    _first, last = starting_hours(policy=POLICY, day=DAY, at=AT - timedelta(days=2))

    knock_at = last + timedelta(minutes=POLICY.check_in_minutes) - timedelta(microseconds=1)
    ends_at = knock_at + timedelta(minutes=SERVICE_MINUTES)
    assert last == datetime(2026, 3, 3, 19, 20, tzinfo=ZONE)
    assert list(hour_refusals(policy=POLICY, calendar=Calendar(), starts_at=knock_at, ends_at=ends_at)) == []


def test_a_pair_goes_to_the_cases_of_its_own_agency_only(shanghai, approver):
    agencies = [make_agency(territory=shanghai) for _each in range(2)]
    orders = [
        make_order(case=case, placement=make_placement(case=case, agency=agency), state="APPROVED", approver=approver)
        for agency in agencies
        for case in [make_case(territory=shanghai)]
    ]
    pairs = [
        CrewPair(lead=make_member(agency=lead), second=make_member(agency=second))
        for lead, second in [(agencies[0], agencies[0]), (agencies[0], agencies[1])]
    ]
    opens_at, closes_at = starting_hours(policy=POLICY, day=DAY, at=AT - timedelta(days=2))

    window = (TimeWindow(opens_at=opens_at, closes_at=closes_at),)

    problem = routing_problem(
        orders=orders,
        households=[Household(orders=(order.pk,), windows=window) for order in orders],
        crews=pairs,
        closes_at=closes_at,
        orders_a_day=8,
    )

    assert [stop.skills for stop in problem.stops] == [{agency.code} for agency in agencies]
    # Two people of two agencies are no pair of either.
    assert [crew.skills for crew in problem.crews] == [{agencies[0].code, "pair 0"}, {"pair 1"}]
    assert {(crew.latitude, crew.longitude) for crew in problem.crews} == {HOME}


def test_each_visit_begins_in_the_hours_of_its_own_place():
    london = replace(POLICY, official_time_zone="Europe/London")

    here, there = (starting_hours(policy=policy, day=DAY, at=AT - timedelta(days=2)) for policy in (POLICY, london))

    assert [there[n] - here[n] for n in (0, 1)] == [timedelta(hours=8)] * 2


def test_a_pair_that_is_in_another_city_that_day_does_not_go_out(shanghai, approver):
    agency = make_agency(territory=shanghai)
    case = make_case(territory=shanghai)
    order = make_order(
        case=case, placement=make_placement(case=case, agency=agency), state="APPROVED", approver=approver
    )
    pairs = [CrewPair(lead=make_member(agency=agency), second=make_member(agency=agency)) for _each in range(2)]
    opens_at, closes_at = starting_hours(policy=POLICY, day=DAY, at=AT - timedelta(days=2))
    # Chengdu, 1,660 km away.
    far = Stay(ref=77, starts_at=opens_at, place=(30.67, 104.07))

    problem = routing_problem(
        orders=[order],
        crews=pairs,
        households=[Household(orders=(order.pk,), windows=(TimeWindow(opens_at=opens_at, closes_at=closes_at),))],
        closes_at=closes_at,
        orders_a_day=8,
        stays={pairs[0].lead.pk: [far]},
    )

    assert ([crew.id for crew in problem.crews], [stop.id for stop in problem.stops]) == (["1"], [str(order.pk)])


def test_what_a_pair_does_already_is_a_fixed_stop_of_this_pair_alone(shanghai, approver):
    agency = make_agency(territory=shanghai)
    case = make_case(territory=shanghai)
    order = make_order(
        case=case, placement=make_placement(case=case, agency=agency), state="APPROVED", approver=approver
    )
    pairs = [
        CrewPair(lead=make_member(agency=agency), second=make_member(agency=agency), latitude=31.0, longitude=121.0)
        for _each in range(2)
    ]
    opens_at, closes_at = starting_hours(policy=POLICY, day=DAY, at=AT - timedelta(days=2))
    # Both of the pair are at the same visit, which is one stop.
    stay = Stay(ref=77, starts_at=opens_at, place=HOME)
    nowhere = Stay(ref=78, starts_at=closes_at, place=None)

    problem = routing_problem(
        orders=[order],
        crews=pairs,
        households=[Household(orders=(order.pk,), windows=(TimeWindow(opens_at=opens_at, closes_at=closes_at),))],
        closes_at=closes_at,
        orders_a_day=8,
        stays={pairs[1].lead.pk: [stay, nowhere], pairs[1].second.pk: [stay]},
    )

    planned = problem.stops[1]
    assert [stop.id for stop in problem.stops] == [str(order.pk), "1:77"]
    assert [is_planned_already(stop_id=stop.id) for stop in problem.stops] == [False, True]
    assert (planned.windows, planned.skills) == ((TimeWindow(opens_at=opens_at, closes_at=opens_at),), {"pair 1"})
    # The first visit is 60 km from the base, so this pair leaves before the others.
    assert (problem.crews[0].starts_at, problem.crews[1].starts_at < opens_at - timedelta(hours=2)) == (opens_at, True)
