"""At the door: who may knock, what turns a crew back, and what a report must hold."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backoffice.core.errors import InvalidInput, NotAllowed
from cases.models import Account, BorrowerFlag, ContactPermit, Repayment
from tests.factories.contacts import ask, report, rules
from tests.factories.visits import (
    AT,
    HOME,
    TODAY,
    VISIT_AT,
    draft,
    make_case,
    make_member,
    make_order,
    make_placement,
    photos,
    position,
)
from visits.models import CheckIn, HouseholdVisit, VisitOrder, VisitReport
from visits.services.dispatch.orders import depart, stand_down_visits
from visits.services.doorstep.attendance import check_in, check_out, submit_report

KNOCK = VISIT_AT + timedelta(minutes=5)
BREAKABLE = ["PLAN", "PAID", "PART_PAID", "FLAG"]


@pytest.fixture
def order(case, placement, pair, approver):
    return make_order(case=case, placement=placement, state="EN_ROUTE", approver=approver, pair=pair)


def knock(order, pair, *, at=KNOCK, seconds=60, second_place=HOME, **fields):
    """Check both in, the second `seconds` later."""
    check_in(order=order, member=pair[0], position=position(at=at), actor=pair[0].user, at=at)
    later = at + timedelta(seconds=seconds)
    return check_in(
        order=order,
        member=pair[1],
        position=position(at=later, place=second_place, **fields),
        badge_evidence_ref="M1",
        actor=pair[1].user,
        at=later,
    )


def something_arrives(what, case):
    account = Account.objects.get(borrower=case.borrower)
    if what == "FLAG":
        BorrowerFlag.objects.create(borrower=case.borrower, kind="BEREAVED", source="CALL", set_at=VISIT_AT)
    elif what == "PLAN":
        from cases.models import Decision, RepaymentPlan

        decision = Decision.objects.create(
            borrower=case.borrower,
            account=account,
            policy_version=case.policy_version,
            kind="PLAN",
            origin="OFFICER",
            state="PROPOSED",
            business_date=TODAY,
            created_at=AT,
            updated_at=AT,
        )
        RepaymentPlan.objects.create(
            account=account,
            decision=decision,
            state="ACTIVE",
            total_amount=1,
            annual_rate=0,
            starts_on=TODAY,
            agreement_ref="rec-1",
            created_at=AT,
            updated_at=AT,
        )
    else:
        amount = account.arrears_amount if what == "PAID" else Decimal(10)
        Repayment.objects.create(
            account=account, external_ref="pay-1", amount=amount, paid_on=VISIT_AT.date(), created_at=VISIT_AT
        )


@pytest.mark.parametrize("what", BREAKABLE)
def test_what_arrives_on_the_way_breaks_the_visit_off_at_the_knock(what, order, case, pair):
    something_arrives(what, case)

    arrived = check_in(order=order, member=pair[0], position=position(at=KNOCK), actor=pair[0].user, at=KNOCK)

    order.refresh_from_db()
    case.refresh_from_db()
    assert (arrived.opened, arrived.aborted) == (False, True)
    assert (order.state, order.end_reason, case.stage) == ("ABORTED", "NOT_DUE", "IN_WORK")
    # The agency set out and is paid for it, whatever was found.
    assert order.fee == Decimal("140.00")


@pytest.mark.parametrize("what", BREAKABLE)
def test_what_arrives_before_departure_cancels_the_visit(what, case, placement, pair, approver):
    order = make_order(case=case, placement=placement, state="ACCEPTED", approver=approver, pair=pair)
    something_arrives(what, case)

    stayed = depart(order=order, actor=pair[0].user, at=VISIT_AT + timedelta(minutes=1))

    assert (stayed.state, stayed.end_reason, stayed.fee) == ("CANCELLED", "NOT_DUE", None)


@pytest.mark.parametrize("what", BREAKABLE)
def test_the_sweep_stops_crews_whose_visit_is_no_longer_due(what, order, case):
    assert stand_down_visits(at=VISIT_AT) == 0
    something_arrives(what, case)

    assert stand_down_visits(at=VISIT_AT + timedelta(minutes=1)) == 1

    assert VisitOrder.objects.get(pk=order.pk).state == "ABORTED"


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"seconds": 601}, "CHECK_IN_TOGETHER"),
        ({"second_place": (HOME[0] + 0.0007, HOME[1])}, "CHECK_IN_TOGETHER"),
        ({"accuracy_m": 51.0}, "AT_ADDRESS"),
        ({"mock_location": True}, "TRUE_POSITION"),
    ],
)
def test_a_door_stays_closed_until_the_arrival_is_in_order(change, rule, order, pair):
    arrived = knock(order, pair, **change)

    assert {refusal.rule.value for refusal in arrived.refusals} == {rule}
    assert (arrived.opened, arrived.aborted) == (False, False)
    assert VisitOrder.objects.get(pk=order.pk).state == "EN_ROUTE"


def test_a_crew_away_from_the_address_does_not_open_the_door(order, pair):
    away = (HOME[0] + 0.002, HOME[1])
    for member in pair:
        arrived = check_in(
            order=order,
            member=member,
            position=position(at=KNOCK, place=away),
            badge_evidence_ref="M1",
            actor=member.user,
            at=KNOCK,
        )

    assert {refusal.rule.value for refusal in arrived.refusals} == {"AT_ADDRESS"}
    assert all(200 < distance < 250 for distance in CheckIn.objects.values_list("distance_m", flat=True))


def test_checking_in_again_mends_the_arrival(order, pair):
    knock(order, pair, mock_location=True)

    arrived = check_in(
        order=order, member=pair[1], position=position(at=KNOCK), badge_evidence_ref="M1", actor=pair[1].user, at=KNOCK
    )

    assert arrived.opened
    assert CheckIn.objects.filter(order=order).count() == 2


@pytest.mark.parametrize(
    ("at", "device_at", "field"),
    [
        (VISIT_AT - timedelta(seconds=1), None, "at"),
        (VISIT_AT + timedelta(hours=2, seconds=1), None, "at"),
        (KNOCK, KNOCK + timedelta(seconds=301), "device_at"),
    ],
)
def test_nobody_checks_in_outside_the_window_or_by_a_false_clock(at, device_at, field, order, pair):
    with pytest.raises(InvalidInput) as refused:
        check_in(order=order, member=pair[0], position=position(at=device_at or at), actor=pair[0].user, at=at)

    assert refused.value.field == field
    assert not CheckIn.objects.exists()


def test_nobody_checks_in_for_a_colleague_or_for_another_crew(order, pair, agency):
    other = make_member(agency=agency)

    with pytest.raises(NotAllowed):
        check_in(order=order, member=pair[1], position=position(at=KNOCK), actor=pair[0].user, at=KNOCK)
    with pytest.raises(NotAllowed):
        check_in(order=order, member=other, position=position(at=KNOCK), actor=other.user, at=KNOCK)
    with pytest.raises(InvalidInput):
        check_in(order=order, member=other, position=position(at=KNOCK), actor=pair[0].user, at=KNOCK)

    assert not CheckIn.objects.exists()


def test_a_device_that_repeats_itself_changes_nothing(order, pair, coordinator):
    from visits.services.doorstep.attendance import check_out

    knock(order, pair)
    last = position(at=KNOCK, external_ref="again")
    out = check_out(order=order, member=pair[0], position=last, actor=pair[0].user, at=KNOCK)
    arrival = CheckIn.objects.get(order=order, member=pair[1], moment="IN")
    repeated = position(at=KNOCK, external_ref=arrival.external_ref)
    media = [each for each, _content in photos()]
    report = submit_report(
        order=order,
        draft=draft(media=media, external_ref="R-once", incident="先打了招呼"),
        actor=coordinator,
        at=KNOCK + timedelta(hours=1),
    )

    with pytest.raises(InvalidInput):
        check_out(order=order, member=pair[1], position=last, actor=pair[1].user, at=KNOCK)
    assert check_out(order=order, member=pair[0], position=last, actor=pair[0].user, at=KNOCK) == out
    VisitOrder.objects.filter(pk=order.pk).update(state="CHECKED_IN")
    assert check_in(order=order, member=pair[1], position=repeated, actor=pair[1].user, at=KNOCK).opened
    again = submit_report(
        order=order,
        draft=draft(media=media, external_ref="R-once", incident="先打了招呼"),
        actor=coordinator,
        at=KNOCK + timedelta(hours=1),
    )
    assert again == report
    assert (VisitReport.objects.count(), CheckIn.objects.count()) == (1, 3)


@pytest.mark.parametrize("accuracy_m", [float("nan"), float("inf"), -1.0])
def test_an_impossible_accuracy_is_no_position(accuracy_m, order, pair):
    with pytest.raises(InvalidInput):
        check_in(
            order=order,
            member=pair[0],
            position=position(at=KNOCK, accuracy_m=accuracy_m),
            actor=pair[0].user,
            at=KNOCK,
        )

    assert not CheckIn.objects.exists()


def asked_for(order):
    """Let the borrower have asked for the visit: else whoever was reached today is not visited at all."""
    VisitOrder.objects.filter(pk=order.pk).update(borrower_request_ref="REC-1")


def test_a_door_stays_closed_once_the_conversations_of_the_day_are_used_up(order, pair, case):
    asked_for(order)
    for number in range(3):
        report(borrower=case.borrower, attempted_at=KNOCK - timedelta(minutes=number), at=KNOCK)

    arrived = knock(order, pair)

    order.refresh_from_db()
    assert (arrived.opened, arrived.aborted, [refusal.rule for refusal in arrived.refusals]) == (
        False,
        False,
        ["CONTACT_BUDGET"],
    )
    assert order.state == "EN_ROUTE"
    assert ContactPermit.objects.count() == 0


def test_an_opened_door_takes_a_place_among_the_conversations_of_the_day(order, pair, case):
    asked_for(order)
    for number in range(2):
        report(borrower=case.borrower, attempted_at=KNOCK - timedelta(minutes=number), at=KNOCK)

    assert knock(order, pair).opened

    permit = ContactPermit.objects.get()
    assert (permit.channel, permit.state, permit.request_id) == ("VISIT", "RESERVED", f"visit:{order}")
    later = ask(borrower=case.borrower, purpose="REQUEST_ANSWER", at=KNOCK + timedelta(hours=1))
    assert rules(later) == ["CONVERSATIONS_A_DAY"]


@pytest.fixture
def household(shanghai, agency, pair, approver):
    """Return a maker of orders of people of one door, on their way, of one visit that begins at an instant."""

    def make(*, people=3, begins=VISIT_AT, closes=VISIT_AT + timedelta(hours=2)):
        visit = HouseholdVisit.objects.create(lead=pair[0], second=pair[1], starts_at=begins)
        orders = []
        for _each in range(people):
            case = make_case(territory=shanghai)
            order = make_order(
                case=case,
                placement=make_placement(case=case, agency=agency),
                state="EN_ROUTE",
                approver=approver,
                pair=pair,
                household=visit,
                planned_arrival_at=begins,
                window_start=begins,
                window_end=closes,
            )
            order.address.line = "示范路7号1栋301室"
            order.address.save()
            orders.append(order)
        return orders

    return make


def states():
    return list(VisitOrder.objects.order_by("pk").values_list("state", flat=True))


def test_the_people_of_a_household_are_checked_in_one_after_the_other(household, pair):
    orders = household()

    arrived = [knock(order, pair, at=KNOCK + timedelta(minutes=15 * n)) for n, order in enumerate(orders)]

    assert [(each.opened, each.refusals) for each in arrived] == [(True, ())] * 3
    assert states() == ["CHECKED_IN"] * 3
    assert CheckIn.objects.filter(order=orders[2]).count() == 2


def test_who_lives_there_and_is_no_part_of_the_visit_is_not_visited_with_it(household, pair):
    first, second = household(people=1) + household(people=1)
    knock(first, pair)

    arrived = knock(second, pair)

    assert [refusal.rule.value for refusal in arrived.refusals] == ["ADDRESS_CAP"]


def test_each_person_of_a_household_needs_ten_minutes_in_the_hours_of_visits(household, pair):
    """The first needs thirty, as anybody does who is visited alone."""
    closing = VISIT_AT.replace(hour=12, minute=0, second=0, microsecond=0)
    first, second, third = household(begins=closing - timedelta(minutes=50), closes=closing)

    def refusals(order, minutes, more=timedelta()):
        arrived = knock(order, pair, at=closing - timedelta(minutes=minutes) + more, seconds=0)
        return [refusal.rule.value for refusal in arrived.refusals]

    moment = timedelta(microseconds=1)
    assert refusals(first, 30, moment) == ["VISIT_WINDOW"]
    assert refusals(first, 30) == []
    assert refusals(second, 20) == []
    assert refusals(third, 10, moment) == ["VISIT_WINDOW"]
    assert refusals(third, 10) == []


def test_what_arrives_for_one_of_a_household_ends_only_their_visit(household, pair):
    first, second, third = household()
    something_arrives("FLAG", second.case)

    assert stand_down_visits(at=VISIT_AT) == 1

    assert states() == ["EN_ROUTE", "ABORTED", "EN_ROUTE"]
    assert [knock(order, pair).opened for order in (first, third)] == [True, True]
    assert VisitOrder.objects.filter(household=first.household).count() == 3


def test_each_of_a_household_has_a_report_and_the_next_one_is_visited_meanwhile(household, pair, coordinator):
    first, second = household(people=2)
    knock(first, pair)
    left = KNOCK + timedelta(minutes=25)
    for member in pair:
        check_out(order=first, member=member, position=position(at=left), actor=member.user, at=left)
    media = [each for each, _content in photos()]
    report_of = draft(media=media, contact_started_at=KNOCK + timedelta(minutes=2), contact_ended_at=left)
    submit_report(order=first, draft=report_of, actor=coordinator, at=left)

    arrived = knock(second, pair, at=left)

    assert arrived.opened
    assert states() == ["REPORTED", "CHECKED_IN"]
    assert [report.order_id for report in VisitReport.objects.all()] == [first.pk]
