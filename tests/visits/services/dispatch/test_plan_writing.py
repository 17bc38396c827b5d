"""Writing a plan: what changed since the routes were found counts, and one person's visits count together."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from tests.factories.people import merged_by_number
from tests.factories.visits import AT, HOME, VISIT_AT
from visits.models import VisitOrder
from visits.selectors.crew_days import place_of
from visits.services.dispatch.plan_judging import Slot
from visits.services.dispatch.plan_writing import candidates, facts_of, plannable, write_plan
from visits.services.dispatch.routes import CrewPair
from visits.services.orders.conduct_guard import proposal

STARTS_AT = VISIT_AT.replace(second=0, microsecond=0)


@pytest.fixture
def write(pair: Any) -> Any:
    """Return a function that writes a plan of orders one hour after each other: orders written, refusals by order."""

    def of(orders: list[VisitOrder]) -> tuple[list[VisitOrder], dict[int, list[str]]]:
        crew = CrewPair(lead=pair[0], second=pair[1], latitude=HOME[0], longitude=HOME[1])
        slots = [
            Slot(order=order, pair=crew, starts_at=STARTS_AT + timedelta(hours=number))
            for number, order in enumerate(orders)
        ]
        with transaction.atomic():
            written, refused = write_plan(slots=slots, day=STARTS_AT.date(), actor=None, at=AT)
        rules = {each.order_id: [str(refusal.rule) for refusal in each.refusals] for each in refused}
        return [slot.order for slot in written], rules

    return of


def test_a_plan_has_one_visit_to_a_person(approved, write, risk_manager):
    """Three customers of the core that are one person have one open case, so one order of theirs can be planned."""
    orders = [approved() for _each in range(3)]
    merged_by_number(*(order.case.borrower for order in orders), approver=risk_manager)

    written, refused = write(list(plannable(order_ids=[order.pk for order in orders], actor=None)))

    assert (written, refused) == (orders[:1], {})


def test_visits_of_one_plan_count_for_the_door(approved, write):
    """One visit a week to a dwelling, however many borrowers live there."""
    orders = [approved() for _each in range(4)]
    for order in orders[:3]:
        order.address.line = "示范路7号1栋301室"
        order.address.save()

    written, refused = write(list(plannable(order_ids=[order.pk for order in orders], actor=None)))

    assert written == [orders[0], orders[3]]
    assert refused == {order.pk: ["ADDRESS_CAP"] for order in orders[1:3]}


def test_an_order_that_ended_since_the_routes_were_found_is_left_out(approved, write):
    orders = [approved() for _each in range(2)]
    found = list(plannable(order_ids=[order.pk for order in orders], actor=None))
    VisitOrder.objects.filter(pk=orders[0].pk).update(state="EXPIRED", ended_at=AT)

    written, refused = write(found)

    assert (written, refused) == ([orders[1]], {})
    assert VisitOrder.objects.get(pk=orders[1].pk).planned_arrival_at == STARTS_AT + timedelta(hours=1)
    assert list(plannable(order_ids=[order.pk for order in orders], actor=None)) == []


@pytest.mark.parametrize("number", [1, 3])
def test_candidates_are_what_can_be_planned_and_the_guard_needs_nothing_more_of_them(
    number, approved, pair, django_assert_num_queries
):
    orders = [approved(permission_ref="rec-1") for _each in range(number)]
    approved()
    VisitOrder.objects.filter(pk=orders[0].pk).update(
        notice_sent_at=AT, window_start=VISIT_AT, window_end=VISIT_AT + timedelta(hours=2)
    )
    ids = [order.pk for order in orders]
    whole = list(plannable(order_ids=ids, actor=None))
    facts = facts_of(orders=whole, at=AT)

    def looked_at(order):
        return (
            asked_of(order, facts),
            place_of(order),
            order.case.priority,
            (order.notice_sent_at, order.window_start, order.window_end, order.planned_arrival_at),
        )

    with django_assert_num_queries(1):
        found = candidates(order_ids=ids, actor=None)
        seen = [looked_at(order) for order in found]

    assert found == whole
    assert seen == [looked_at(order) for order in whole]
    assert candidates(order_ids=ids, actor=None, moves=True) == []


def asked_of(order, facts):
    return proposal(
        order=order,
        starts_at=STARTS_AT,
        notice_at=order.notice_sent_at,
        mandate_on=AT.date(),
        crew=(),
        facts=facts[order.case.borrower_id],
    )
