"""Slots are judged one after the other: a crew is at one place at a time, also across plans and pairs."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.calendar import Calendar
from tests.factories.visits import AT, HOME, VISIT_AT, make_member
from visits.models import CrewMember, VisitOrder
from visits.rules.conduct.clauses import ConductRule
from visits.rules.conduct.contact import AttemptTotals, ContactHistory, PastVisit
from visits.rules.conduct.door import Door
from visits.rules.conduct.guard import ConductPolicy, Refusal
from visits.rules.conduct.timing import cap_refusals
from visits.selectors.conduct import ConductFacts
from visits.services.dispatch.plan_judging import NotScheduled, Slot, _Planned, stored_refusals, whole_households
from visits.services.dispatch.plan_writing import plannable, write_plan
from visits.services.dispatch.routes import CrewPair

STARTS_AT = VISIT_AT.replace(second=0, microsecond=0)


@pytest.fixture
def write(pair):
    def of(*wanted, who=pair):
        """Write a plan of (order, minutes after STARTS_AT); return written ids, and reasons by id."""
        crew = CrewPair(lead=who[0], second=who[1], latitude=HOME[0], longitude=HOME[1])
        orders = plannable(order_ids=[order.pk for order, _minutes in wanted], actor=None).in_bulk()
        slots = [
            Slot(order=orders[order.pk], pair=crew, starts_at=STARTS_AT + timedelta(minutes=minutes))
            for order, minutes in wanted
        ]
        with transaction.atomic():
            written, refused = write_plan(slots=slots, day=STARTS_AT.date(), actor=None, at=AT)
        return [slot.order.pk for slot in written], {each.order_id: each.codes for each in refused}

    return of


def test_two_slots_of_one_plan_do_not_overlap(approved, write):
    orders = [approved() for _each in range(3)]

    written, refused = write(*zip(orders, (0, 29, 30), strict=True))

    assert (written, refused) == ([orders[0].pk, orders[2].pk], {orders[1].pk: ["CREW_BUSY"]})


def test_two_plans_of_one_crew_do_not_overlap_and_a_shared_companion_counts(approved, write, agency, pair):
    first, second, third = (approved() for _each in range(3))
    write((first, 0))

    assert write((second, 20), who=(make_member(agency=agency), pair[1])) == ([], {second.pk: ["CREW_BUSY"]})
    assert write((third, 20), who=(make_member(agency=agency), make_member(agency=agency))) == ([third.pk], {})


def test_the_way_between_two_visits_counts(approved, write):
    here, there = approved(), approved()
    # 5,200 m by road: twelve and a half minutes.
    there.address.point = "31.266374,121.473700"
    there.address.save(update_fields=["point"])
    write((here, 0))

    assert write((there, 41)) == ([], {there.pk: ["CREW_BUSY"]})
    assert write((there, 42)) == ([there.pk], {})


def test_stops_are_numbered_by_their_times_whenever_they_were_planned(approved, write):
    late, early = approved(), approved()
    write((late, 120))
    write((early, 0))

    assert [(order.pk, order.route_position) for order in VisitOrder.objects.order_by("planned_arrival_at")] == [
        (early.pk, 1),
        (late.pk, 2),
    ]


def test_codes_say_what_keeps_an_order():
    refusal = Refusal(rule=ConductRule.NOTICE, message="x", until=AT)
    guard = NotScheduled(order_id=1, refusals=(refusal,))

    assert (guard.codes, guard.reason) == (["NOTICE"], "")
    assert stored_refusals(guard) == [{"rule": "NOTICE", "until": AT.isoformat()}]
    assert (NotScheduled(order_id=1).codes, NotScheduled(order_id=1).reason) == (["STATE"], "STATE")


DOORS = [Door(key="a", city="3101"), Door(key="a", city="3102"), Door(key="a"), Door(key="b", city="3101")]
# Who is visited, where, how many hours later, and by whom.
VISITS = st.lists(st.tuples(st.integers(1, 3), st.sampled_from(DOORS), st.integers(-900, 900), st.sampled_from("AB")))


@given(planned=VISITS, before=VISITS, person=st.integers(1, 4), door=st.sampled_from(DOORS))
def test_visits_of_a_plan_refuse_what_all_of_them_would(planned, before, person, door):
    """Only visits to the person and to their door are handed to the rules; the rest of the plan changes nothing."""

    def visit(at, hours, agency):
        starts_at = VISIT_AT + timedelta(hours=hours)
        return PastVisit(starts_at=starts_at, door=at, placement_ref=agency, agency_ref=agency)

    known = ContactHistory(
        visits=tuple(visit(*rest) for who, *rest in before if who == person),
        at_doors=tuple(visit(*rest) for who, *rest in before if who != person),
    )
    facts = ConductFacts(history=known, flags=(), attempts=AttemptTotals(), calendar=Calendar(), policy=ConductPolicy())
    plan = _Planned()
    for who, *rest in planned:
        plan.add(visit(*rest), person=who)
    every = replace(
        known,
        visits=(*known.visits, *(visit(*rest) for who, *rest in planned if who == person)),
        at_doors=(*known.at_doors, *(visit(*rest) for who, *rest in planned if who != person)),
    )

    def refusals(history):
        found = cap_refusals(
            policy=facts.policy,
            starts_at=VISIT_AT,
            history=history,
            door=door,
            placement_ref="A",
            agency_ref="A",
        )
        return [(each.rule, each.until) for each in found]

    assert refusals(plan.added_to(facts, person=person, door=door).history) == refusals(every)


def test_a_household_of_which_one_is_refused_does_not_move_in_parts():
    crew = CrewPair(lead=CrewMember(pk=1), second=CrewMember(pk=2))
    together, alone = uuid4(), uuid4()
    slots = [
        Slot(order=VisitOrder(pk=pk), pair=crew, starts_at=STARTS_AT, household=household)
        for pk, household in ((1, together), (2, together), (3, alone))
    ]
    refused = NotScheduled(order_id=2, refusals=(Refusal(rule=ConductRule.CEASE, message="x"),))

    kept, left = whole_households(kept=[slots[0], slots[2]], refused=[refused], slots=slots)

    assert kept == [slots[2]]
    assert [(each.order_id, each.codes) for each in left] == [(2, ["CEASE"]), (1, ["WITH_HOUSEHOLD"])]
