"""One visit for a household: the people of a door are planned together, join each other, and go with one agency."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError
from django.test.utils import CaptureQueriesContext

from cases.models import BorrowerFlag
from tests.factories.people import merged_by_number
from tests.factories.visits import AT, HOME, make_agency, make_member
from visits.models import HouseholdVisit, VisitOrder
from visits.rules.dispatch.timetable import Stay
from visits.services.dispatch.households import with_joining
from visits.services.dispatch.orders import assign_crew, cancel_visit, schedule_visits, unschedule_visit
from visits.services.dispatch.plan_judging import Slot
from visits.services.dispatch.routes import CrewPair
from visits.services.orders.conduct_guard import ConductRefused

DAY = date(2026, 3, 4)
ZONE = ZoneInfo("Asia/Shanghai")
TEN = datetime(2026, 3, 4, 10, 0, tzinfo=ZONE)


def plan(orders, pairs, actor=None, *, day=DAY, at=AT):
    crews = [CrewPair(lead=lead, second=second, latitude=HOME[0], longitude=HOME[1]) for lead, second in pairs]
    schedule = schedule_visits(orders=orders, crews=crews, day=day, actor=actor, at=at, seconds=1, seed=7)
    return {order.pk for order in schedule.scheduled}, {each.order_id: each.codes for each in schedule.refused}


def stops():
    """Return the planned stops: number, pair, begin and window of each, with its orders."""
    found = {}
    for order in VisitOrder.objects.filter(state="SCHEDULED").order_by("pk"):
        window = (order.window_start, order.window_end)
        key = (
            order.route_position,
            order.lead_id,
            order.second_id,
            order.planned_arrival_at,
            window,
            order.household_id,
        )
        found.setdefault(key, []).append(order.pk)
    return found


def ids(orders):
    return [order.pk for order in orders]


def test_four_people_of_one_door_are_one_stop_and_a_fifth_of_the_next_day_is_refused(at_door, pair, dispatcher):
    orders = [at_door() for _each in range(4)]
    last = at_door()

    assert plan(orders, [pair], dispatcher) == (set(ids(orders)), {})

    assert list(stops().values()) == [ids(orders)]
    [(number, lead, second, begins, window, household)] = stops()
    assert (number, lead, second) == (1, pair[0].pk, pair[1].pk)
    assert window == (begins, begins + timedelta(hours=2))
    assert [(each.pk, each.lead, each.second, each.starts_at) for each in HouseholdVisit.objects.all()] == [
        (household, *pair, begins)
    ]
    assert plan([last], [pair], dispatcher, day=DAY + timedelta(days=1)) == (set(), {last.pk: ["ADDRESS_CAP"]})


def test_two_agencies_at_one_door_stay_apart(at_door, agency, pair, shanghai):
    other = make_agency(territory=shanghai)
    ours, theirs = [at_door(), at_door()], [at_door(of=other), at_door(of=other)]
    pairs = [pair, (make_member(agency=other), make_member(agency=other))]

    planned, refused = plan([*ours, *theirs], pairs)

    # Whichever agency comes first has the door.
    assert planned in (set(ids(ours)), set(ids(theirs)))
    assert {tuple(codes) for codes in refused.values()} == {("ADDRESS_CAP", "DOOR_AGENCY")}
    assert [sorted(each) for each in stops().values()] == [sorted(planned)]


def test_who_is_refused_does_not_keep_the_others_of_the_household(at_door, approved, pair):
    orders, elsewhere = [at_door() for _each in range(3)], approved()
    BorrowerFlag.objects.create(borrower=orders[1].case.borrower, kind="CEASE", source="CALL", set_at=AT)

    planned, refused = plan([*orders, elsewhere], [pair])

    assert (planned, refused) == ({orders[0].pk, orders[2].pk, elsewhere.pk}, {orders[1].pk: ["CEASE"]})
    assert sorted(stops().values()) == [[orders[0].pk, orders[2].pk], [elsewhere.pk]]


def test_a_person_is_visited_once_and_not_as_a_household_of_their_own(at_door, pair, risk_manager):
    """Two customers of the core that were found to be one person while both had an approved order."""
    orders = [at_door() for _each in range(2)]
    merged_by_number(*(order.case.borrower for order in orders), approver=risk_manager)

    planned, _refused = plan(orders, [pair])

    assert len(planned) == 1


def test_each_order_of_a_household_counts_for_the_day_of_the_crew(at_door, approved, pair):
    household, singles = [at_door() for _each in range(5)], [approved() for _each in range(4)]

    planned, refused = plan([*household, *singles], [pair])

    assert (len(planned), {tuple(codes) for codes in refused.values()}) == (8, {("NO_CAPACITY",)})
    assert set(refused) <= set(ids(singles))


def test_more_people_than_a_crew_may_visit_in_a_day_are_not_one_stop(at_door, pair, agency):
    orders = [at_door() for _each in range(9)]
    second = make_member(agency=agency), make_member(agency=agency)

    planned, refused = plan(orders, [pair, second])

    assert (planned, refused) == (set(ids(orders[:8])), {orders[8].pk: ["ADDRESS_CAP"]})


def test_a_stop_takes_ten_minutes_more_for_each_further_person(at_door, approved, pair):
    household, single = [at_door() for _each in range(3)], approved()

    plan([*household, single], [pair])

    begins = sorted(begin for _number, _lead, _second, begin, *_rest in stops())
    first = VisitOrder.objects.filter(state="SCHEDULED").order_by("planned_arrival_at", "pk").first()
    assert begins[1] - begins[0] == timedelta(minutes=50 if first.pk in ids(household) else 30)


def test_the_visit_to_all_ends_in_the_hours_of_visits(at_door, pair, dispatcher):
    """Ten minutes to check in and 60 minutes for four people: the plan may begin at 18:50 at the latest."""
    orders = [at_door() for _each in range(4)]
    # 24 hours before 18:50 and 18:51 of the day.
    last = datetime(2026, 3, 3, 18, 50, tzinfo=ZONE)

    # A moment later there is time for three of them.
    late = plan(orders, [pair], dispatcher, at=last + timedelta(microseconds=1))
    assert late == (set(ids(orders[:3])), {orders[3].pk: ["NO_ROOM"]})
    for order in VisitOrder.objects.filter(state="SCHEDULED"):
        unschedule_visit(order=order, reason="x", actor=dispatcher, at=AT)

    assert plan(orders, [pair], dispatcher, at=last) == (set(ids(orders)), {})
    assert [begins for _number, _lead, _second, begins, *_rest in stops()] == [last + timedelta(days=1)]


def test_a_later_plan_of_the_day_joins_who_is_planned_at_the_door(at_door, approved, pair, agency):
    first = [at_door(), at_door()]
    plan(first, [pair])
    later = [at_door(), approved()]
    others = make_member(agency=agency), make_member(agency=agency)

    planned, refused = plan(later, [others])

    assert (planned, refused) == (set(ids(later)), {})
    joined = VisitOrder.objects.get(pk=later[0].pk)
    mate = VisitOrder.objects.get(pk=first[0].pk)
    assert (joined.household_id, joined.lead, joined.planned_arrival_at) == (
        mate.household_id,
        pair[0],
        mate.planned_arrival_at,
    )
    assert VisitOrder.objects.get(pk=later[1].pk).lead == others[0]
    assert sorted(stops().values()) == [[*ids(first), later[0].pk], [later[1].pk]]


def test_a_plan_joins_nobody_for_whom_the_notice_is_too_short(at_door, pair):
    plan([at_door()], [pair])
    [(_number, _lead, _second, begins, *_rest)] = stops()
    late = at_door()
    told = begins - timedelta(hours=24)

    assert plan([late], [pair], at=told + timedelta(microseconds=1)) == (set(), {late.pk: ["NOTICE"]})
    assert plan([late], [pair], at=told) == ({late.pk}, {})


def test_by_hand_an_order_joins_the_visit_of_this_pair_at_this_minute_only(at_door, pair, agency, dispatcher):
    first, late = at_door(), at_door()
    assign_crew(order=first, lead=pair[0], second=pair[1], starts_at=TEN, actor=dispatcher, at=AT)
    other = make_member(agency=agency)

    for second, starts_at in ((pair[1], TEN + timedelta(minutes=1)), (other, TEN)):
        with pytest.raises(ConductRefused) as refusal:
            assign_crew(order=late, lead=pair[0], second=second, starts_at=starts_at, actor=dispatcher, at=AT)
        assert "ADDRESS_CAP" in [each.rule for each in refusal.value.refusals]
    assign_crew(order=late, lead=pair[0], second=pair[1], starts_at=TEN, actor=dispatcher, at=AT)

    assert list(stops().values()) == [[first.pk, late.pk]]


def test_nobody_joins_a_visit_that_has_begun_or_one_of_another_agency(at_door, agency, pair, dispatcher, shanghai):
    first = assign_crew(order=at_door(), lead=pair[0], second=pair[1], starts_at=TEN, actor=dispatcher, at=AT)
    foreign = at_door(of=make_agency(territory=shanghai))
    with pytest.raises(ConductRefused) as refusal:
        assign_crew(order=foreign, lead=pair[0], second=pair[1], starts_at=TEN, actor=dispatcher, at=AT)
    assert {"ADDRESS_CAP", "DOOR_AGENCY", "ONE_AGENCY"} <= {each.rule for each in refusal.value.refusals}
    VisitOrder.objects.filter(pk=first.pk).update(state="EN_ROUTE", letter_code="x")

    with pytest.raises(ConductRefused) as refusal:
        assign_crew(order=at_door(), lead=pair[0], second=pair[1], starts_at=TEN, actor=dispatcher, at=AT)

    assert [each.rule for each in refusal.value.refusals] == ["ADDRESS_CAP"]


def test_who_joins_makes_the_stop_longer_and_is_refused_where_the_crew_would_be_late(at_door, approved, pair):
    crew = CrewPair(lead=pair[0], second=pair[1])
    joined = Slot(order=at_door(), pair=crew, starts_at=TEN, joined=1)
    stop = Stay(ref=1, starts_at=TEN, place=HOME, household=str(joined.household))

    def then(minutes):
        after = Stay(ref=2, starts_at=TEN + timedelta(minutes=minutes), place=HOME)
        stays, taken, late = with_joining(
            stays={pair[0].pk: [stop, after], pair[1].pk: [stop, after]}, joining=[joined]
        )
        return [[stay.people for stay in stays[each.pk]] for each in pair], taken, late

    assert then(40) == ([[2, 1], [2, 1]], [joined], [])
    assert then(39) == ([[1, 1], [1, 1]], [], [joined])


def test_orders_leave_the_household_one_by_one(at_door, pair, dispatcher):
    orders = [at_door() for _each in range(3)]
    plan(orders, [pair])
    first, second, third = VisitOrder.objects.order_by("pk")

    cancel_visit(order=first, reason="NOT_NEEDED", actor=None, at=AT)
    unschedule_visit(order=second, reason="x", actor=dispatcher, at=AT)

    first, second, third = VisitOrder.objects.order_by("pk")
    assert [(each.state, each.household_id is None) for each in (first, second, third)] == [
        ("CANCELLED", True),
        ("APPROVED", True),
        ("SCHEDULED", False),
    ]
    # Who was taken back may join again.
    assert plan([second], [pair]) == ({second.pk}, {})
    assert list(stops().values()) == [[second.pk, third.pk]]


def write_now(order, change):
    """Write the change and let the database compare it with the household visit at once, not at the commit."""
    VisitOrder.objects.filter(pk=order.pk).update(**change)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS visit_goes_with_its_household IMMEDIATE")


def test_the_database_keeps_pair_and_beginning_of_a_household_together(at_door, pair, agency):
    plan([at_door(), at_door()], [pair])
    one = VisitOrder.objects.filter(state="SCHEDULED").first()
    other = make_member(agency=agency)

    for change in (
        {"lead": other},
        {"second": other},
        {"planned_arrival_at": one.planned_arrival_at + timedelta(microseconds=1)},
    ):
        with pytest.raises(IntegrityError, match="visit_goes_with_its_household"), transaction.atomic():
            write_now(one, change)
    with pytest.raises(IntegrityError, match="visit_of_household_is_planned"):
        VisitOrder.objects.filter(pk=one.pk).update(planned_arrival_at=None)


def test_a_plan_costs_the_same_statements_for_households_of_any_size(at_door, approved, pair, agency):
    counts = []
    for people in (1, 3):
        pairs = [(make_member(agency=agency), make_member(agency=agency))]
        orders = [at_door(line=f"示范路{people}号1栋301室") for _each in range(people)]
        orders += [approved() for _each in range(people)]
        with CaptureQueriesContext(connection) as queries:
            plan(orders, pairs)
        counts.append(len(queries))

    assert counts[0] == counts[1]
