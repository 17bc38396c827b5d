"""Two people at the same moment, on real connections: one wins, the other is told, nothing is done twice."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from time import sleep

import pytest
from django.db import connection, transaction

from backoffice.core.errors import DoorstepError, InvalidInput
from cases.models import BorrowerFlag
from cases.services.casework.circumstances import protect
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
    position,
)
from visits.models import LetterDue, Placement, VisitOrder
from visits.services.agencies.placement import place_case, recall_placement
from visits.services.dispatch.letters_due import make_letter, want_letters
from visits.services.dispatch.moving import move_visit, pair_of
from visits.services.dispatch.orders import CrewPair, accept_visit, assign_crew, depart, schedule_visits
from visits.services.dispatch.sweeping import sweep_visits_needed
from visits.services.doorstep.attendance import check_in
from visits.services.orders.conduct_guard import ConductRefused

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works):
    """Run the works in threads that start together; return what each gave, or the refusal it met."""
    start = Barrier(len(works))

    def run(work):
        start.wait(timeout=10)
        try:
            return work()
        except DoorstepError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(run, works))


def during(work, other):
    """Run `work` in a transaction, and `other` in a thread before it commits; return what `other` gave afterwards."""
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            work()
            waiting = threads.submit(lambda: closing(other))
            sleep(0.5)
            assert not waiting.done()
        return waiting.result(timeout=30)


def closing(work):
    try:
        return work()
    finally:
        connection.close()


def refused_by(work):
    """Return the rules that refuse the work, empty if none does."""
    try:
        work()
    except ConductRefused as refused:
        return [refusal.rule for refusal in refused.refusals]
    return []


def note(case, kind="CEASE"):
    return protect(borrower=case.borrower, kind=kind, source="LETTER", actor=None, at=AT)


def test_a_door_does_not_open_while_a_circumstance_is_noted(shanghai, approver):
    agency, case = make_agency(territory=shanghai), make_case(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    placement = make_placement(case=case, agency=agency)
    order = make_order(case=case, placement=placement, state="EN_ROUTE", approver=approver, pair=pair)

    def arrive(member):
        at = VISIT_AT + timedelta(minutes=1)
        return check_in(
            order=order, member=member, position=position(at=at), badge_evidence_ref="M1", actor=None, at=at
        )

    arrive(pair[0])
    arrived = during(lambda: note(case, "DECEASED"), lambda: arrive(pair[1]))

    assert (arrived.opened, arrived.aborted) == (False, True)
    assert VisitOrder.objects.get().state == "ABORTED"


def test_a_crew_does_not_set_out_while_a_circumstance_is_noted(shanghai, approver):
    agency, case = make_agency(territory=shanghai), make_case(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    placement = make_placement(case=case, agency=agency)
    order = make_order(case=case, placement=placement, state="ACCEPTED", approver=approver, pair=pair)

    during(lambda: note(case), lambda: depart(order=order, actor=None, at=VISIT_AT))

    assert VisitOrder.objects.get().state == "CANCELLED"


def test_a_plan_does_not_take_in_whom_a_circumstance_protects_since_the_search_began(shanghai, approver):
    agency, cases = make_agency(territory=shanghai), [make_case(territory=shanghai) for _each in range(2)]
    pair = make_member(agency=agency), make_member(agency=agency)
    orders = [
        make_order(case=case, placement=make_placement(case=case, agency=agency), state="APPROVED", approver=approver)
        for case in cases
    ]
    crew = CrewPair(lead=pair[0], second=pair[1], latitude=HOME[0], longitude=HOME[1])

    def plan():
        day = date(2026, 3, 4)
        return schedule_visits(orders=orders, crews=[crew], day=day, actor=None, at=AT, seconds=1, seed=7)

    schedule = during(lambda: note(cases[0]), plan)

    assert [order.pk for order in schedule.scheduled] == [orders[1].pk]
    assert [(each.order_id, [refusal.rule for refusal in each.refusals]) for each in schedule.refused] == [
        (orders[0].pk, ["CEASE"])
    ]


def test_two_plans_at_once_send_one_visit_to_a_door(shanghai, approver):
    """Two people, two crews, one dwelling: without the lock of the door both plans are written."""
    agency, cases = make_agency(territory=shanghai), [make_case(territory=shanghai) for _each in range(2)]
    orders = []
    for case in cases:
        address = case.borrower.addresses.get()
        address.line = "示范路7号1栋301室"
        address.save()
        placement = make_placement(case=case, agency=agency)
        orders.append(make_order(case=case, placement=placement, state="APPROVED", approver=approver))
    pairs = [(make_member(agency=agency), make_member(agency=agency)) for _each in cases]

    def assign(number):
        lead, second = pairs[number]
        return assign_crew(order=orders[number], lead=lead, second=second, starts_at=VISIT_AT, actor=None, at=AT)

    outcome = during(lambda: assign(0), lambda: refused_by(lambda: assign(1)))

    assert outcome == ["ADDRESS_CAP"]
    assert VisitOrder.objects.filter(state="SCHEDULED").count() == 1


def test_a_case_is_not_placed_while_its_borrower_is_noted_as_deceased(shanghai):
    agency, case = make_agency(territory=shanghai), make_case(territory=shanghai)

    def place():
        try:
            return place_case(case=case, agency=agency, actor=None, at=AT, business_date=TODAY)
        except InvalidInput as refused:
            return refused.field

    assert during(lambda: note(case, "DECEASED"), place) == "case"
    assert not Placement.objects.exists()


def test_a_draft_is_not_made_for_whom_a_circumstance_is_noted(shanghai):
    make_agency(territory=shanghai)
    case = make_case(territory=shanghai)

    swept = during(lambda: note(case), lambda: sweep_visits_needed(at=AT, business_date=TODAY))

    assert (swept.drafted, swept.skipped) == (0, {"PROTECTED": 1})


def test_circumstances_and_sweeps_at_once_lose_nothing(shanghai):
    """Each writes rows that refer to what the other holds: with key locks they deadlock within a few rounds."""
    make_agency(territory=shanghai, capacity=1000)
    for _round in range(8):
        cases = [make_case(territory=shanghai) for _each in range(3)]
        outcomes = at_once(
            lambda: sweep_visits_needed(at=AT, business_date=TODAY),
            *(lambda case=case: note(case, "HARDSHIP") for case in cases),
            lambda: sweep_visits_needed(at=AT, business_date=TODAY),
        )
        assert [each for each in outcomes if isinstance(each, DoorstepError)] == []

    assert BorrowerFlag.objects.filter(kind="HARDSHIP").count() == 24


def test_the_last_place_of_an_agency_is_taken_once(shanghai):
    agency = make_agency(territory=shanghai, capacity=1)
    cases = [make_case(territory=shanghai) for _each in range(3)]

    outcomes = at_once(
        *(
            lambda case=case: place_case(case=case, agency=agency, actor=None, at=AT, business_date=TODAY)
            for case in cases
        )
    )

    assert sum(isinstance(each, DoorstepError) for each in outcomes) == 2
    assert Placement.objects.count() == 1


def test_a_visit_accepted_while_its_case_is_recalled_ends_cancelled(shanghai, approver):
    agency = make_agency(territory=shanghai)
    case = make_case(territory=shanghai)
    placement = make_placement(case=case, agency=agency)
    pair = make_member(agency=agency), make_member(agency=agency)
    order = make_order(case=case, placement=placement, state="SCHEDULED", approver=approver, pair=pair)

    at_once(
        lambda: recall_placement(placement=placement, reason="x", actor=None, at=AT, business_date=TODAY),
        lambda: accept_visit(order=order, actor=None, at=AT),
    )

    assert VisitOrder.objects.get().state == "CANCELLED"


def test_two_sweeps_at_once_draft_each_case_once(shanghai):
    make_agency(territory=shanghai)
    for _each in range(4):
        make_case(territory=shanghai)

    at_once(*(lambda: sweep_visits_needed(at=AT, business_date=TODAY) for _each in range(2)))

    assert (VisitOrder.objects.count(), Placement.objects.count()) == (4, 4)


def test_two_dispatchers_who_move_one_visit_take_turns_and_one_crew_is_not_doubled(shanghai, approver):
    """Both moves of the first visit are lawful; of the two visits that are moved to one crew and hour, one is refused."""
    agency = make_agency(territory=shanghai)
    pairs = [pair_of(lead=make_member(agency=agency), second=make_member(agency=agency), base=HOME) for _each in "abc"]
    orders = []
    for number in range(2):
        case = make_case(territory=shanghai)
        placement = make_placement(case=case, agency=agency)
        order = make_order(case=case, placement=placement, state="APPROVED", approver=approver)
        mine = pairs[number]
        orders.append(
            assign_crew(order=order, lead=mine.lead, second=mine.second, starts_at=VISIT_AT, actor=None, at=AT)
        )

    def move(order, to, minutes=0):
        starts_at = VISIT_AT + timedelta(minutes=minutes)
        return move_visit(order=order, pair=pairs[to], starts_at=starts_at, actor=None, at=AT)

    moved = at_once(lambda: move(orders[0], 2), lambda: move(orders[0], 2, minutes=40))
    assert [each for each in moved if isinstance(each, DoorstepError)] == []
    first = VisitOrder.objects.get(pk=orders[0].pk)
    minutes = (first.planned_arrival_at - VISIT_AT).total_seconds() // 60

    outcomes = at_once(lambda: move(orders[1], 0), lambda: move(orders[0], 0, minutes=minutes and 10))
    assert sum(isinstance(each, DoorstepError) for each in outcomes) == 1
    assert VisitOrder.objects.filter(lead=pairs[0].lead).count() == 1


def test_a_letter_of_a_plan_that_changes_meanwhile_is_made_again(shanghai, approver):
    agency, case = make_agency(territory=shanghai), make_case(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    placement = make_placement(case=case, agency=agency)
    order = make_order(
        case=case, placement=placement, state="SCHEDULED", approver=approver, pair=pair, letter_code=None
    )
    want_letters(orders=[order], at=AT)
    other = pair_of(lead=make_member(agency=agency), second=pair[1], base=None)

    during(
        lambda: move_visit(order=order, pair=other, starts_at=VISIT_AT, actor=None, at=AT),
        lambda: make_letter(at=AT),
    )

    assert (LetterDue.objects.get().state, VisitOrder.objects.get().letter_code) == ("WAITING", None)
    make_letter(at=AT)
    assert LetterDue.objects.get().state == "MADE"


def test_a_letter_that_another_worker_made_meanwhile_is_left_as_it_is(shanghai, approver):
    agency, case = make_agency(territory=shanghai), make_case(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    placement = make_placement(case=case, agency=agency)
    order = make_order(
        case=case, placement=placement, state="SCHEDULED", approver=approver, pair=pair, letter_code=None
    )
    want_letters(orders=[order], at=AT)

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            VisitOrder.objects.select_for_update().get()
            slow = threads.submit(lambda: closing(lambda: make_letter(at=AT)))
            while not LetterDue.objects.filter(attempts=1).exists():
                sleep(0.05)
            sleep(0.5)
            # Its lease is over.
            assert make_letter(at=AT + timedelta(minutes=3))
        assert slow.result(timeout=30)

    due = LetterDue.objects.get()
    assert (due.state, due.attempts, due.updated_at) == ("MADE", 2, AT + timedelta(minutes=3))
    assert VisitOrder.objects.get().letter_issued_at == AT + timedelta(minutes=3)
