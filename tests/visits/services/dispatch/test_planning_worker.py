"""A planning run from its row to the plan: outcomes with their rules, workers that die, and crews that cannot go."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from cases.models import BorrowerFlag
from tests.factories.visits import AT, HOME, make_member
from visits.models import PlanningRun, VisitOrder
from visits.planning_enums import PlanningPhase
from visits.services.dispatch.orders import assign_crew, depart
from visits.services.dispatch.planning_requests import request_crew_out, request_planning
from visits.services.dispatch.planning_worker import (
    ATTEMPTS_MAX,
    LEASE,
    OWN_MESSAGE,
    PlanningLost,
    RunHold,
    sweep_planning,
    work_planning,
)
from visits.services.dispatch.routes import CrewPair
from visits.services.dispatch.scheduling import Schedule

DAY = date(2026, 3, 4)
ZONE = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def crew(pair):
    return CrewPair(lead=pair[0], second=pair[1], latitude=HOME[0], longitude=HOME[1])


@pytest.fixture
def other_crew(agency):
    return CrewPair(
        lead=make_member(agency=agency), second=make_member(agency=agency), latitude=HOME[0], longitude=HOME[1]
    )


@pytest.fixture
def ask(shanghai, dispatcher):
    def of(orders, crews, **fields):
        values = {"day": DAY, "territory": shanghai, "seconds": 1, "actor": dispatcher, "at": AT} | fields
        return request_planning(orders=orders, crews=crews, **values)

    return of


def outcomes(run):
    return {
        each.order_id: (each.outcome, [refusal["rule"] for refusal in each.refusals], each.reason)
        for each in run.candidates.all()
    }


def test_a_run_ends_with_the_outcome_of_each_order_and_its_rules(approved, crew, ask):
    good, flagged, ended, nowhere = (approved() for _each in range(4))
    BorrowerFlag.objects.create(borrower=flagged.case.borrower, kind="DISPUTED", source="CALL", set_at=AT)
    nowhere.address.point = ""
    nowhere.address.save(update_fields=["point"])
    run = ask([good, flagged, ended, nowhere], [crew])
    VisitOrder.objects.filter(pk=ended.pk).update(state="CANCELLED", ended_at=AT)

    assert work_planning(run_id=run.pk, at=AT) is True

    run.refresh_from_db()
    assert (run.state, run.planned_count, run.refused_count, run.attempts) == ("FINISHED", 1, 3, 1)
    assert outcomes(run) == {
        good.pk: ("PLANNED", [], ""),
        flagged.pk: ("REFUSED", ["DISPUTE_OPEN"], ""),
        ended.pk: ("REFUSED", [], "STATE"),
        nowhere.pk: ("REFUSED", [], "BAD_POSITION"),
    }
    assert AT <= run.search_began_at <= run.finished_at < AT + timedelta(seconds=30)
    # The notice goes out when the plan is written.
    assert run.search_began_at < VisitOrder.objects.get(pk=good.pk).notice_sent_at
    assert work_planning(run_id=run.pk, at=AT) is False


def test_nothing_begins_before_the_notice_has_run_from_the_end_of_the_search(approved, crew, ask):
    run = ask([approved()], [crew], day=date(2026, 3, 3), seconds=20)

    work_planning(run_id=run.pk, at=AT)

    assert VisitOrder.objects.get().planned_arrival_at >= AT + timedelta(hours=24, seconds=80)


def test_a_second_plan_of_a_day_goes_around_the_first(approved, crew, ask):
    for _plan in range(2):
        run = ask([approved() for _each in range(3)], [crew])
        work_planning(run_id=run.pk, at=AT)
        run.refresh_from_db()
        assert (run.planned_count, run.refused_count) == (3, 0)

    begins = list(VisitOrder.objects.order_by("planned_arrival_at").values_list("planned_arrival_at", flat=True))
    assert all(later - earlier >= timedelta(minutes=30) for earlier, later in pairwise(begins))
    assert list(VisitOrder.objects.order_by("planned_arrival_at").values_list("route_position", flat=True)) == [
        1,
        2,
        3,
        4,
        5,
        6,
    ]


def test_a_run_whose_worker_died_is_begun_again_after_its_lease_and_given_up_in_the_end(approved, crew, ask):
    run = ask([approved()], [crew])
    assert (sweep_planning(at=AT + OWN_MESSAGE - timedelta(microseconds=1)), sweep_planning(at=AT + OWN_MESSAGE)) == (
        0,
        1,
    )
    until = AT + timedelta(seconds=1) + LEASE
    PlanningRun.objects.update(state="RUNNING", attempts=1, epoch=1, leased_until=until)

    assert (sweep_planning(at=until), work_planning(run_id=run.pk, at=until)) == (0, False)
    assert sweep_planning(at=until + timedelta(microseconds=1)) == 1
    PlanningRun.objects.update(attempts=ATTEMPTS_MAX)
    assert work_planning(run_id=run.pk, at=until + timedelta(microseconds=1)) is False

    run.refresh_from_db()
    assert (run.state, run.problem, run.leased_until) == ("FAILED", "worker_lost", None)
    assert VisitOrder.objects.get().state == "APPROVED"


def test_a_worker_that_lost_its_run_writes_nothing(approved, crew, ask):
    run = ask([approved()], [crew])
    hold = RunHold(at=AT, run=run)
    PlanningRun.objects.update(state="RUNNING", epoch=1)

    with pytest.raises(PlanningLost):
        hold.enter(PlanningPhase.SEARCH)
    with pytest.raises(PlanningLost):
        hold.write(Schedule(scheduled=(), refused=()))

    run.refresh_from_db()
    assert (run.state, run.search_began_at) == ("RUNNING", None)


def test_a_run_of_a_person_who_may_not_dispatch_any_more_fails_with_its_code(approved, crew, ask, dispatcher):
    run = ask([approved()], [crew])
    dispatcher.is_active = False
    dispatcher.save(update_fields=["is_active"])

    work_planning(run_id=run.pk, at=AT)

    run.refresh_from_db()
    assert (run.state, run.problem) == ("FAILED", "not_allowed")


def test_the_visits_of_a_crew_that_cannot_go_are_shared_out_within_their_announced_windows(
    approved, crew, other_crew, dispatcher, shanghai
):
    """On the morning of the day itself: no new notice could be given any more."""
    orders = [approved() for _each in range(3)]
    for number, order in enumerate(orders):
        begins = datetime(2026, 3, 4, 13 + number, 0, tzinfo=ZONE)
        assign_crew(order=order, lead=crew.lead, second=crew.second, starts_at=begins, actor=dispatcher, at=AT)
    busy = approved()
    assign_crew(
        order=busy,
        lead=other_crew.lead,
        second=other_crew.second,
        starts_at=datetime(2026, 3, 4, 14, 0, tzinfo=ZONE),
        actor=dispatcher,
        at=AT,
    )
    before = {order.pk: (order.window_start, order.window_end) for order in VisitOrder.objects.all()}
    morning = datetime(2026, 3, 4, 9, 0, tzinfo=ZONE)
    run = request_crew_out(
        day=DAY, territory=shanghai, out=crew, crews=[other_crew], seconds=1, actor=dispatcher, at=morning
    )

    work_planning(run_id=run.pk, at=morning)

    run.refresh_from_db()
    assert (run.state, run.planned_count, run.refused_count) == ("FINISHED", 3, 0)
    moved = list(VisitOrder.objects.order_by("planned_arrival_at"))
    assert {order.lead for order in moved} == {other_crew.lead}
    assert {order.pk: (order.window_start, order.window_end) for order in moved} == before
    assert [order.notice_sent_at for order in moved] == [AT] * 4
    assert all(order.window_start <= order.planned_arrival_at <= order.window_end for order in moved)
    begins = [order.planned_arrival_at for order in moved]
    assert all(later - earlier >= timedelta(minutes=30) for earlier, later in pairwise(begins))
    assert VisitOrder.objects.get(pk=busy.pk).planned_arrival_at == datetime(2026, 3, 4, 14, 0, tzinfo=ZONE)


def test_what_no_other_crew_can_take_stays_with_its_crew_and_is_named(approved, crew, other_crew, dispatcher, shanghai):
    agency_less = CrewPair(
        lead=other_crew.lead, second=other_crew.second, starts_at=None, ends_at=None, latitude=40.0, longitude=116.0
    )
    order = approved()
    begins = datetime(2026, 3, 4, 13, 0, tzinfo=ZONE)
    assign_crew(order=order, lead=crew.lead, second=crew.second, starts_at=begins, actor=dispatcher, at=AT)
    run = request_crew_out(
        day=DAY, territory=shanghai, out=crew, crews=[agency_less], seconds=1, actor=dispatcher, at=AT
    )

    work_planning(run_id=run.pk, at=AT)

    assert outcomes(run) == {order.pk: ("REFUSED", [], "OUT_OF_REACH")}
    assert VisitOrder.objects.get().lead == crew.lead


def test_a_visit_that_has_begun_stays_with_its_crew(approved, crew, other_crew, dispatcher, shanghai):
    begun, waiting = approved(), approved()
    for number, order in enumerate((begun, waiting)):
        begins = datetime(2026, 3, 4, 13 + 3 * number, 0, tzinfo=ZONE)
        assign_crew(order=order, lead=crew.lead, second=crew.second, starts_at=begins, actor=dispatcher, at=AT)
    VisitOrder.objects.filter(pk=begun.pk).update(state="ACCEPTED", letter_code="x")
    depart(order=begun, actor=None, at=datetime(2026, 3, 4, 12, 30, tzinfo=ZONE))
    noon = datetime(2026, 3, 4, 12, 40, tzinfo=ZONE)
    run = request_crew_out(
        day=DAY, territory=shanghai, out=crew, crews=[other_crew], seconds=1, actor=dispatcher, at=noon
    )

    work_planning(run_id=run.pk, at=noon)

    assert dict(VisitOrder.objects.values_list("pk", "lead")) == {
        begun.pk: crew.lead.pk,
        waiting.pk: other_crew.lead.pk,
    }


def test_a_household_of_a_crew_that_is_out_goes_to_another_crew_as_a_whole(
    at_door, crew, other_crew, shanghai, dispatcher
):
    starts_at = datetime(2026, 3, 4, 10, 0, tzinfo=ZONE)
    orders = [
        assign_crew(order=at_door(), lead=crew.lead, second=crew.second, starts_at=starts_at, actor=dispatcher, at=AT)
        for _each in range(3)
    ]
    values = {"day": DAY, "territory": shanghai, "seconds": 1, "actor": dispatcher, "at": AT}
    run = request_crew_out(out=crew, crews=[other_crew], **values)

    work_planning(run_id=run.pk, at=AT)

    assert outcomes(run) == dict.fromkeys([order.pk for order in orders], ("PLANNED", [], ""))
    moved = VisitOrder.objects.filter(lead=other_crew.lead)
    assert moved.values("household", "planned_arrival_at", "route_position").distinct().count() == 1
    assert moved.count() == 3


def test_a_household_of_which_one_is_refused_stays_with_its_crew(at_door, crew, other_crew, shanghai, dispatcher):
    starts_at = datetime(2026, 3, 4, 10, 0, tzinfo=ZONE)
    orders = [
        assign_crew(order=at_door(), lead=crew.lead, second=crew.second, starts_at=starts_at, actor=dispatcher, at=AT)
        for _each in range(3)
    ]
    BorrowerFlag.objects.create(borrower=orders[1].case.borrower, kind="CEASE", source="CALL", set_at=AT)
    values = {"day": DAY, "territory": shanghai, "seconds": 1, "actor": dispatcher, "at": AT}
    run = request_crew_out(out=crew, crews=[other_crew], **values)

    work_planning(run_id=run.pk, at=AT)

    assert outcomes(run) == {
        orders[0].pk: ("REFUSED", [], "WITH_HOUSEHOLD"),
        orders[1].pk: ("REFUSED", ["CEASE"], ""),
        orders[2].pk: ("REFUSED", [], "WITH_HOUSEHOLD"),
    }
    assert set(VisitOrder.objects.values_list("lead", flat=True)) == {crew.lead.pk}
