"""Household visits: who is visited together, as far as somebody may see it, and which planned visit an order can join."""

from datetime import date, timedelta

import pytest

from tests.factories.people import merged_by_number
from tests.factories.visits import VISIT_AT, make_agency, make_case, make_order, make_placement
from visits.models import HouseholdVisit, VisitOrder
from visits.selectors.households import (
    OPENED,
    is_household_open,
    next_stop_to_join,
    others_of_household,
    stops_to_join,
)

DAY = date(2026, 3, 4)


@pytest.fixture
def at_door(shanghai, agency, approver):
    def make(state="APPROVED", *, territory=shanghai, of=agency, line="示范路7号1栋301室", **fields):
        case = make_case(territory=territory)
        placement = make_placement(case=case, agency=of)
        order = make_order(case=case, placement=placement, state=state, approver=approver, **fields)
        order.address.line = line
        order.address.save()
        return order

    return make


@pytest.fixture
def visit(pair):
    return HouseholdVisit.objects.create(lead=pair[0], second=pair[1], starts_at=VISIT_AT)


def loaded(*orders):
    rows = VisitOrder.objects.select_related("case__borrower", "address", "placement")
    return list(rows.filter(pk__in=[order.pk for order in orders]).order_by("pk"))


def joinable(*orders, day=DAY):
    return {pk: [each.pk for each in stop] for pk, stop in stops_to_join(orders=loaded(*orders), day=day).items()}


@pytest.mark.parametrize("state", ["EN_ROUTE", *sorted(OPENED)])
def test_a_household_is_open_once_the_crew_is_with_somebody_else_of_it(
    state, at_door, visit, pair, django_assert_num_queries
):
    first = at_door(state, pair=pair, household=visit)
    second = at_door("EN_ROUTE", pair=pair, household=visit)
    alone = at_door("EN_ROUTE", pair=pair)

    assert is_household_open(order=second) is (state in OPENED)
    assert is_household_open(order=first) is False
    with django_assert_num_queries(0):
        assert is_household_open(order=alone) is False


def test_the_others_of_a_household_are_those_that_the_reader_sees(
    at_door, visit, pair, shanghai, chengdu, officer, coordinator, django_assert_num_queries
):
    first, second = (at_door("SCHEDULED", pair=pair, household=visit) for _each in range(2))
    at_door("CANCELLED", pair=pair, household=visit)
    foreign = at_door("SCHEDULED", pair=pair, household=visit, territory=chengdu)
    alone = at_door("SCHEDULED", pair=pair)
    orders = [first, second, alone]
    assert officer.territory_ids

    with django_assert_num_queries(1):
        seen = others_of_household(orders=orders, user=officer)

    assert seen == {first.pk: [second], second.pk: [first], alone.pk: []}
    by_agency = others_of_household(orders=[first], user=coordinator)
    assert by_agency == {first.pk: [second, foreign]}


def test_an_order_joins_a_visit_of_its_agency_to_its_door_on_the_day(
    at_door, visit, pair, shanghai, chengdu, django_assert_num_queries
):
    planned = [at_door(state, pair=pair, household=visit) for state in ("SCHEDULED", "ACCEPTED")]
    wanted, next_door = at_door(), at_door(line="示范路7号1栋302室")
    foreign, elsewhere = at_door(of=make_agency(territory=shanghai)), at_door(territory=chengdu)
    orders = loaded(wanted, next_door, foreign, elsewhere)

    with django_assert_num_queries(1):
        found = stops_to_join(orders=orders, day=DAY)

    assert {pk: [each.pk for each in stop] for pk, stop in found.items()} == {wanted.pk: [each.pk for each in planned]}
    assert joinable(wanted, day=DAY + timedelta(days=1)) == {}


def test_nobody_joins_a_visit_that_has_begun_or_that_goes_to_them_already(at_door, visit, pair, risk_manager):
    first, second = (at_door("SCHEDULED", pair=pair, household=visit) for _each in range(2))
    wanted, same_person = at_door(), at_door()
    merged_by_number(second.case.borrower, same_person.case.borrower, approver=risk_manager)

    assert set(joinable(wanted, same_person)) == {wanted.pk}
    VisitOrder.objects.filter(pk=first.pk).update(state="EN_ROUTE")
    assert joinable(wanted) == {}


def test_addresses_that_name_no_door_join_nobody(at_door, visit, pair, django_assert_num_queries):
    at_door("SCHEDULED", pair=pair, household=visit, line="老街口")
    orders = loaded(at_door(line="老街口"))

    with django_assert_num_queries(0):
        assert stops_to_join(orders=orders, day=DAY) == {}


def test_the_next_visit_to_join_is_the_first_that_leaves_time_for_the_notice(at_door, visit, pair):
    planned = at_door("SCHEDULED", pair=pair, household=visit)
    [wanted] = loaded(at_door())

    assert next_stop_to_join(order=wanted, after=VISIT_AT) == [planned]
    assert next_stop_to_join(order=wanted, after=VISIT_AT + timedelta(microseconds=1)) is None
