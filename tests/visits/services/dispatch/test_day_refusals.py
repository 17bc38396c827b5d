"""What stands against visits on a day, before anybody plans them."""

from datetime import UTC, date, datetime, timedelta

import pytest

from cases.models import BorrowerFlag
from tests.factories.visits import AT, VISIT_AT, make_case, make_order, make_placement
from visits.models import VisitOrder
from visits.services.dispatch.day_refusals import refusals_of_day
from visits.services.dispatch.orders import assign_crew

DAY = date(2026, 3, 4)


@pytest.fixture
def approved(shanghai, agency, approver):
    def make(*, is_tried=True, **fields):
        case = make_case(territory=shanghai, is_tried=is_tried)
        placement = make_placement(case=case, agency=agency)
        return make_order(case=case, placement=placement, state="APPROVED", approver=approver, **fields)

    return make


def asked(*, day=DAY, at=AT):
    """Return the rules that refuse, by order, of all approved orders."""
    rows = VisitOrder.objects.filter(state="APPROVED").order_by("pk")
    orders = list(rows.select_related("case__borrower", "address", "placement__agency"))
    found = refusals_of_day(orders=orders, day=day, at=at)
    return {pk: [str(refusal.rule) for refusal in refusals] for pk, refusals in found.items()}


def test_an_order_that_nothing_stands_against_is_not_named(approved):
    approved()

    assert asked() == {}


def test_each_order_is_refused_for_its_own_reasons(approved):
    _good, disputed, untried = approved(), approved(), approved(is_tried=False)
    BorrowerFlag.objects.create(borrower=disputed.case.borrower, kind="DISPUTED", source="CALL", set_at=AT)

    assert asked() == {disputed.pk: ["DISPUTE_OPEN"], untried.pk: ["LAST_RESORT"]}


def test_an_order_that_lapses_before_the_day_is_refused(approved):
    order = approved(approved_at=AT - timedelta(days=12))

    assert asked() == {}
    assert asked(day=date(2026, 3, 5)) == {order.pk: ["ORDER_LAPSED"]}


def test_a_day_that_the_notice_no_longer_reaches_is_refused_from_the_next_minute_on(approved):
    order = approved()
    # A visit of the fourth begins before 19:20 in Shanghai.
    last = datetime(2026, 3, 3, 11, 19, 0, 0, tzinfo=UTC)

    assert asked(at=last) == {}
    assert asked(at=last + timedelta(seconds=1)) == {order.pk: ["NOTICE"]}


def test_who_can_join_others_of_the_door_on_the_day_is_not_refused_by_its_caps(approved, pair):
    first, second = approved(), approved()
    for order in (first, second):
        order.address.line = "示范路7号1栋301室"
        order.address.save()
    assign_crew(order=first, lead=pair[0], second=pair[1], starts_at=VISIT_AT, actor=None, at=AT)

    assert asked() == {}
    assert asked(day=date(2026, 3, 5)) == {second.pk: ["ADDRESS_CAP"]}


def test_a_holiday_is_refused_for_all(approved):
    orders = [approved(), approved()]

    # The Tomb-sweeping festival of 2026.
    assert asked(day=date(2026, 4, 6), at=AT + timedelta(days=1)) == {
        order.pk: ["HOLIDAY", "ORDER_LAPSED"] for order in orders
    }


@pytest.mark.parametrize("number", [1, 3])
def test_the_queries_do_not_grow_with_the_orders(approved, django_assert_num_queries, number):
    for _each in range(number):
        approved()
    orders = list(VisitOrder.objects.select_related("case__borrower", "address", "placement__agency"))

    with django_assert_num_queries(17):
        refusals_of_day(orders=orders, day=DAY, at=AT)
    with django_assert_num_queries(0):
        refusals_of_day(orders=[], day=DAY, at=AT)
