"""A visit at a time or place that the borrower agreed to, at every moment: planned, moved, on the way, at the door, reported."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from time import sleep

import pytest
from django.db import connection, transaction

from backoffice.core.errors import InvalidInput
from tests.factories.agreements import CLOSES, OPENS, SECOND, SHANGHAI, make_consent, make_office, make_time
from tests.factories.people import merged_by_number
from tests.factories.visits import (
    AT,
    HOME,
    TODAY,
    VISIT_AT,
    draft,
    make_agency,
    make_case,
    make_letters,
    make_member,
    make_order,
    make_placement,
    photos,
    position,
)
from tests.visits.services.doorstep.test_attendance import knock
from visits.models import VisitOrder
from visits.rules.conduct.clauses import ConductRule
from visits.services.answers.agreements import withdraw_agreement
from visits.services.dispatch.moving import ask_move, move_visit, pair_of
from visits.services.dispatch.orders import (
    CrewPair,
    accept_visit,
    assign_crew,
    depart,
    request_visit,
    schedule_visits,
    stand_down_visits,
)
from visits.services.doorstep.attendance import check_in, check_out, submit_report
from visits.services.doorstep.reports import ReportRefused
from visits.services.orders.conduct_guard import ConductRefused

HALF_HOUR = timedelta(minutes=30)
OUTSIDE = [ConductRule.QUIET_HOURS, ConductRule.VISIT_WINDOW]
LEFT = [ConductRule.AGREED_TIME, *OUTSIDE]
LATER = AT + timedelta(hours=1)


@pytest.fixture
def order(case, placement, approver):
    return make_order(case=case, placement=placement, state="APPROVED", approver=approver)


@pytest.fixture
def evening(case, officer):
    return make_time(case=case, actor=officer)


@pytest.fixture
def office(case):
    return make_office(borrower=case.borrower)


def going(case, placement, approver, pair, state="EN_ROUTE", **fields):
    """Make an order that is planned for the agreed evening."""
    values = {
        "planned_arrival_at": OPENS,
        "window_start": OPENS - timedelta(minutes=5),
        "window_end": CLOSES,
    } | fields
    return make_order(case=case, placement=placement, state=state, approver=approver, pair=pair, **values)


def rules_against(work):
    """Return the rules that refuse the work, empty if none does."""
    try:
        with transaction.atomic():
            work()
    except ConductRefused as refused:
        return [refusal.rule for refusal in refused.refusals]
    return []


def assign(order, pair, actor, starts_at, at=AT):
    return assign_crew(order=order, lead=pair[0], second=pair[1], starts_at=starts_at, actor=actor, at=at)


@pytest.mark.parametrize(
    ("starts_at", "refused"),
    [
        # A plan begins on the next whole minute.
        (OPENS - timedelta(minutes=1), [ConductRule.AGREED_TIME, ConductRule.VISIT_WINDOW]),
        (OPENS - SECOND, []),
        (CLOSES - HALF_HOUR, []),
        (CLOSES - HALF_HOUR + SECOND, LEFT),
    ],
)
def test_a_visit_is_planned_by_hand_inside_the_agreed_time_and_not_a_second_outside(
    starts_at, refused, order, evening, pair, dispatcher
):
    assert rules_against(lambda: assign(order, pair, dispatcher, starts_at)) == refused


def test_without_an_agreement_the_evening_is_refused(order, pair, dispatcher):
    assert rules_against(lambda: assign(order, pair, dispatcher, OPENS)) == [ConductRule.VISIT_WINDOW]
    assert rules_against(lambda: assign(order, pair, dispatcher, OPENS + timedelta(hours=1))) == OUTSIDE


def test_the_announced_window_ends_with_the_agreed_time(order, evening, pair, dispatcher):
    planned = assign(order, pair, dispatcher, OPENS + timedelta(minutes=50))

    assert (planned.window_start, planned.window_end) == (OPENS + timedelta(minutes=50), CLOSES)


def test_the_days_plan_goes_there_at_the_agreed_time(order, evening, pair, dispatcher):
    crews = [CrewPair(lead=pair[0], second=pair[1], latitude=HOME[0], longitude=HOME[1])]

    schedule = schedule_visits(
        orders=[order], crews=crews, day=OPENS.date(), actor=dispatcher, at=AT, seconds=1, seed=7
    )

    assert schedule.refused == ()
    planned = VisitOrder.objects.get(pk=order.pk)
    assert OPENS <= planned.planned_arrival_at <= CLOSES - timedelta(minutes=40)
    assert planned.window_end == CLOSES
    # The next day is planned by the hours of visits.
    next_day = OPENS.date() + timedelta(days=1)
    moved = schedule_visits(
        orders=[planned], crews=crews, day=next_day, actor=dispatcher, at=AT, seconds=1, seed=7, moves=True
    )
    assert [9 <= each.planned_arrival_at.astimezone(SHANGHAI).hour < 20 for each in moved.scheduled] == [True]


def test_where_the_notice_leaves_no_room_in_the_agreed_time_the_hours_of_visits_are_offered(
    order, pair, officer, dispatcher
):
    early = OPENS.replace(hour=6, minute=30)
    make_time(case=order.case, actor=officer, opens_at=early, closes_at=early + timedelta(hours=2))
    crews = [CrewPair(lead=pair[0], second=pair[1], latitude=HOME[0], longitude=HOME[1])]

    schedule = schedule_visits(
        orders=[order],
        crews=crews,
        day=OPENS.date(),
        actor=dispatcher,
        at=early - timedelta(hours=22, minutes=30),
        seconds=1,
        seed=7,
    )

    assert [9 <= each.planned_arrival_at.astimezone(SHANGHAI).hour < 20 for each in schedule.scheduled] == [True]


def test_a_planned_visit_is_moved_into_the_agreed_evening_and_again_within_its_window(
    order, evening, pair, agency, dispatcher
):
    planned = assign(order, pair, dispatcher, VISIT_AT)
    crew = pair_of(lead=pair[0], second=pair[1], base=HOME)
    others = pair_of(lead=make_member(agency=agency), second=make_member(agency=agency), base=HOME)

    def said(starts_at):
        answer = ask_move(order=planned, pair=crew, starts_at=starts_at, actor=dispatcher, at=AT)
        return [] if answer.refused is None else [refusal.rule for refusal in answer.refused.refusals]

    assert said(OPENS) == []
    assert said(OPENS - timedelta(minutes=1)) == [ConductRule.AGREED_TIME, ConductRule.VISIT_WINDOW]
    moved = move_visit(order=planned, pair=crew, starts_at=OPENS, actor=dispatcher, at=AT)
    assert (moved.planned_arrival_at, moved.window_end) == (OPENS, CLOSES)
    again = schedule_visits(
        orders=[moved],
        crews=[others],
        day=OPENS.date(),
        actor=dispatcher,
        at=OPENS - timedelta(hours=2),
        seconds=1,
        seed=7,
        moves=True,
    )
    assert [(each.lead, each.notice_sent_at) for each in again.scheduled] == [(others.lead, AT)]


def test_another_persons_agreement_opens_nothing_and_that_of_the_same_person_does(
    order, shanghai, officer, pair, dispatcher, approver
):
    other = make_case(territory=shanghai)
    make_time(case=other, actor=officer)
    assert rules_against(lambda: assign(order, pair, dispatcher, OPENS)) == [ConductRule.VISIT_WINDOW]

    merged_by_number(order.case.borrower, other.borrower, approver=approver)
    assert rules_against(lambda: assign(order, pair, dispatcher, OPENS)) == []


@pytest.mark.parametrize(
    ("at", "refused"),
    [
        (OPENS - SECOND, [ConductRule.AGREED_TIME, ConductRule.VISIT_WINDOW]),
        (OPENS, []),
        (CLOSES - HALF_HOUR, []),
        (CLOSES - HALF_HOUR + SECOND, LEFT),
    ],
)
def test_the_door_opens_inside_the_agreed_time_and_not_a_second_outside(
    at, refused, case, placement, approver, pair, evening
):
    order = going(case, placement, approver, pair)

    arrived = knock(order, pair, at=at - timedelta(seconds=60))

    assert ([refusal.rule for refusal in arrived.refusals], arrived.aborted) == (refused, False)
    assert VisitOrder.objects.get(pk=order.pk).state == ("EN_ROUTE" if refused else "CHECKED_IN")


def test_an_hour_of_visits_within_the_announced_window_needs_no_agreement(case, placement, approver, pair, officer):
    early = OPENS.replace(hour=8, minute=30)
    make_time(case=case, actor=officer, opens_at=early, closes_at=early + timedelta(hours=2))
    order = going(
        case, placement, approver, pair, planned_arrival_at=early, window_start=early, window_end=early + 4 * HALF_HOUR
    )

    # By then the visit would end after the agreed time, and inside the hours of visits.
    arrived = knock(order, pair, at=early + timedelta(minutes=100))

    assert arrived.opened is True


def test_a_withdrawal_calls_planned_visits_off_and_leaves_those_of_others(
    order, evening, pair, dispatcher, officer, shanghai, agency, approver
):
    planned = assign(order, pair, dispatcher, OPENS)
    other = make_case(territory=shanghai)
    make_time(case=other, actor=officer)
    crew = make_member(agency=agency), make_member(agency=agency)
    kept = make_order(
        case=other, placement=make_placement(case=other, agency=agency), state="APPROVED", approver=approver
    )
    assign(kept, crew, dispatcher, OPENS)
    assert stand_down_visits(at=LATER) == 0

    withdraw_agreement(agreement=evening, actor=officer, at=LATER)
    assert stand_down_visits(at=LATER) == 1

    planned.refresh_from_db()
    kept.refresh_from_db()
    assert (planned.state, planned.end_reason, kept.state) == ("CANCELLED", "NOT_DUE", "SCHEDULED")


def test_a_withdrawn_time_is_refused_when_it_is_planned_anew(order, evening, pair, dispatcher, officer):
    withdraw_agreement(agreement=evening, actor=officer, at=LATER)

    assert rules_against(lambda: assign(order, pair, dispatcher, OPENS, at=LATER)) == [ConductRule.VISIT_WINDOW]


def test_who_was_told_of_a_withdrawal_does_not_set_out(case, placement, approver, pair, evening, officer):
    order = going(case, placement, approver, pair, state="ACCEPTED")
    withdraw_agreement(agreement=evening, actor=officer, at=LATER)

    stayed = depart(order=order, actor=pair[0].user, at=OPENS - timedelta(minutes=30))

    assert (stayed.state, stayed.end_reason) == ("CANCELLED", "NOT_DUE")


def test_a_withdrawal_turns_the_crew_back_at_the_first_check_in(case, placement, approver, pair, evening, officer):
    order = going(case, placement, approver, pair)
    withdraw_agreement(agreement=evening, actor=officer, at=OPENS - SECOND)

    arrived = knock_once(order, pair[0], at=OPENS)

    assert (arrived.opened, arrived.aborted) == (False, True)
    assert VisitOrder.objects.get(pk=order.pk).state == "ABORTED"


def knock_once(order, member, *, at):
    return check_in(order=order, member=member, position=position(at=at), actor=member.user, at=at)


@pytest.mark.parametrize("state", ["EN_ROUTE", "CHECKED_IN"])
def test_a_withdrawal_stops_a_crew_on_its_way_and_at_the_door(state, case, placement, approver, pair, evening, officer):
    order = going(case, placement, approver, pair, state=state)
    # Late within the agreed time, or still at the door after it: not a reason to call anybody back.
    assert stand_down_visits(at=CLOSES - SECOND) == 0

    withdraw_agreement(agreement=evening, actor=officer, at=CLOSES - SECOND)

    assert stand_down_visits(at=CLOSES - SECOND) == 1
    assert VisitOrder.objects.get(pk=order.pk).state == "ABORTED"


def test_a_talk_that_began_before_the_expiry_is_not_stopped_by_it(case, placement, approver, pair, officer, office):
    make_consent(case=case, address=office, actor=officer)
    ends = AT + timedelta(days=30)
    going(
        case,
        placement,
        approver,
        pair,
        state="CHECKED_IN",
        address=office,
        planned_arrival_at=ends - SECOND,
        window_start=ends - SECOND,
        window_end=ends + timedelta(hours=2),
    )

    assert stand_down_visits(at=ends + timedelta(minutes=20)) == 0


def test_a_workplace_is_requested_planned_and_opened_with_consent_alone(
    case, placement, office, officer, approver, dispatcher, pair
):
    def request():
        return request_visit(
            case=case,
            address=office,
            purposes=["VERIFY_IDENTITY"],
            reason="x",
            actor=officer,
            at=AT,
            business_date=TODAY,
        )

    with pytest.raises(InvalidInput) as refused, transaction.atomic():
        request()
    assert refused.value.field == "address"
    consent = make_consent(case=case, address=office, actor=officer)
    assert request().state == "DRAFT"
    VisitOrder.objects.update(state="APPROVED", approved_by=approver, approved_at=AT)
    order = VisitOrder.objects.get()
    assert rules_against(lambda: assign(order, pair, dispatcher, VISIT_AT)) == []
    assert make_letters() == 1
    order.refresh_from_db()
    accept_visit(order=order, actor=None, at=AT)
    depart(order=order, actor=pair[0].user, at=order.window_start)
    assert knock(order, pair, at=order.window_start + timedelta(minutes=1)).opened is True

    withdraw_agreement(agreement=consent, actor=officer, at=order.window_start + timedelta(minutes=5))
    assert stand_down_visits(at=order.window_start + timedelta(minutes=5)) == 1


@pytest.mark.parametrize(
    ("kind", "rule"), [("EMPLOYER", ConductRule.WORKPLACE_CONSENT), ("RELATIVE", ConductRule.PLACE)]
)
def test_a_consent_is_in_force_to_the_second_of_its_expiry(
    kind, rule, case, placement, approver, pair, officer, dispatcher
):
    place = make_office(borrower=case.borrower, kind=kind)
    make_consent(case=case, address=place, actor=officer)
    ends = AT + timedelta(days=30)
    fields = {"address": place, "borrower_request_ref": "REC-7"}
    order = make_order(case=case, placement=placement, state="APPROVED", approver=approver, **fields)
    VisitOrder.objects.update(approved_at=ends - timedelta(days=5))
    order.refresh_from_db()
    told = ends - timedelta(days=2)

    minute = ends.replace(second=0, microsecond=0)
    assert rules_against(lambda: assign(order, pair, dispatcher, minute + timedelta(minutes=1), at=told)) == [rule]
    VisitOrder.objects.update(
        state="EN_ROUTE",
        lead=pair[0],
        second=pair[1],
        window_start=minute - timedelta(minutes=5),
        window_end=minute + timedelta(hours=2),
        planned_arrival_at=minute,
        notice_sent_at=told,
        letter_code="c",
        letter_issued_at=told,
    )
    late = knock(order, pair, at=ends + SECOND - timedelta(seconds=60))
    assert ([refusal.rule for refusal in late.refusals], late.aborted) == ([rule], False)
    assert knock(order, pair, at=ends - timedelta(seconds=60)).opened is True


def test_a_consent_to_one_workplace_opens_no_other_and_not_the_place_that_it_became(
    case, office, placement, approver, pair, officer, dispatcher
):
    make_consent(case=case, address=office, actor=officer)
    order = make_order(case=case, placement=placement, state="APPROVED", approver=approver, address=office)
    with transaction.atomic():
        assert assign(order, pair, dispatcher, VISIT_AT).state == "SCHEDULED"
        transaction.set_rollback(True)
    VisitOrder.objects.update(address=make_office(borrower=case.borrower))
    order.refresh_from_db()
    assert rules_against(lambda: assign(order, pair, dispatcher, VISIT_AT + timedelta(hours=1))) == [
        ConductRule.WORKPLACE_CONSENT
    ]

    office.line = "上海市黄浦区另一路9号909室"
    office.save()
    VisitOrder.objects.update(address=office)
    assert rules_against(lambda: assign(order, pair, dispatcher, VISIT_AT + timedelta(hours=2))) == [
        ConductRule.WORKPLACE_CONSENT
    ]


def test_a_talk_after_the_withdrawal_is_reported_with_its_incident(case, placement, approver, pair, evening, officer):
    order = going(case, placement, approver, pair)
    knock(order, pair, at=OPENS)
    began, withdrawn = OPENS + timedelta(minutes=3), OPENS + timedelta(minutes=10)
    withdraw_agreement(agreement=evening, actor=officer, at=withdrawn)
    left_at = withdrawn + timedelta(minutes=1)
    check_out(order=order, member=pair[0], position=position(at=left_at), actor=pair[0].user, at=left_at)
    pictures = [media for media, _content in photos()]

    def hand_in(ended, **fields):
        times = {"contact_started_at": began, "contact_ended_at": ended}
        try:
            with transaction.atomic():
                report = submit_report(
                    order=order,
                    draft=draft(media=pictures, **times, **fields),
                    actor=pair[0].user,
                    at=ended + timedelta(minutes=1),
                )
        except ReportRefused as refused:
            return [problem.code for problem in refused.problems]
        return report.incident_codes

    assert hand_in(withdrawn + SECOND) == ["CONTACT_WITHOUT_CONSENT"]
    with transaction.atomic():
        assert hand_in(withdrawn) == []
        transaction.set_rollback(True)
    assert hand_in(withdrawn + SECOND, incident="说完最后一句后离开") == ["CONTACT_WITHOUT_CONSENT"]


@pytest.mark.django_db(transaction=True)
def test_a_door_does_not_open_while_a_withdrawal_is_recorded(shanghai, approver, officer):
    agency, case = make_agency(territory=shanghai), make_case(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    agreed = make_time(case=case, actor=officer)
    order = going(case, make_placement(case=case, agency=agency), approver, pair)
    knock_once(order, pair[0], at=OPENS)

    def arrive():
        try:
            return knock_once(order, pair[1], at=OPENS + timedelta(minutes=1))
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            withdraw_agreement(agreement=agreed, actor=officer, at=OPENS + SECOND)
            waiting = threads.submit(arrive)
            sleep(0.5)
            assert not waiting.done()
        arrived = waiting.result(timeout=30)

    assert (arrived.opened, arrived.aborted) == (False, True)
