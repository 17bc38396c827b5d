"""The visits of crews on a day, for both of a pair."""

from datetime import date, timedelta

from tests.factories.visits import HOME, VISIT_AT, make_case, make_member, make_order, make_placement
from visits.models import HouseholdVisit
from visits.rules.dispatch.timetable import Stay
from visits.selectors.crew_days import crew_stays, place_of, stops_of, visits_of_day

DAY = date(2026, 3, 4)


def test_a_visit_takes_the_time_of_both_and_of_nobody_else(shanghai, agency, pair, approver, django_assert_num_queries):
    def planned(state, *, at=VISIT_AT, who=pair):
        case = make_case(territory=shanghai)
        placement = make_placement(case=case, agency=agency)
        return make_order(
            case=case, placement=placement, state=state, approver=approver, pair=who, planned_arrival_at=at
        )

    other = make_member(agency=agency)
    late = planned("EN_ROUTE", at=VISIT_AT + timedelta(hours=1), who=(pair[1], other))
    early = planned("SCHEDULED")
    planned("CANCELLED")
    planned("ABORTED")
    planned("SCHEDULED", at=VISIT_AT + timedelta(days=1))
    first = Stay(ref=early.pk, starts_at=VISIT_AT, place=HOME)
    second = Stay(ref=late.pk, starts_at=VISIT_AT + timedelta(hours=1), place=HOME)

    with django_assert_num_queries(1):
        stays = crew_stays(members=[pair[0].pk, pair[1].pk, other.pk], day=DAY)

    assert stays == {pair[0].pk: [first], pair[1].pk: [first, second], other.pk: [second]}
    assert crew_stays(members=[other.pk], day=DAY, without_orders=[late.pk]) == {}
    assert list(visits_of_day(day=DAY)) == [early, late]


def test_the_orders_of_one_household_are_one_visit_that_takes_longer(shanghai, agency, pair, approver):
    visits = [HouseholdVisit.objects.create(lead=pair[0], second=pair[1], starts_at=VISIT_AT) for _each in range(2)]

    def planned(visit, state="SCHEDULED"):
        case = make_case(territory=shanghai)
        placement = make_placement(case=case, agency=agency)
        return make_order(case=case, placement=placement, state=state, approver=approver, pair=pair, household=visit)

    first, second = planned(visits[0]), planned(visits[0])
    planned(visits[0], "ABORTED")
    alone = planned(visits[1])
    together = Stay(ref=first.pk, starts_at=VISIT_AT, place=HOME, people=2, household=str(visits[0].pk))
    single = Stay(ref=alone.pk, starts_at=VISIT_AT, place=HOME, household=str(visits[1].pk))

    assert crew_stays(members=[pair[0].pk], day=DAY) == {each.pk: [together, single] for each in pair}
    assert stops_of(visits_of_day(day=DAY)) == [[first, second], [alone]]


def test_an_address_without_coordinates_or_with_zeros_has_no_place(shanghai, agency, approver):
    case = make_case(territory=shanghai)
    order = make_order(
        case=case, placement=make_placement(case=case, agency=agency), state="APPROVED", approver=approver
    )
    places = []
    for point in ("31.5,121.5", "", "0.0,0.0"):
        order.address.point = point
        places.append(place_of(order))

    assert places == [(31.5, 121.5), None, None]
