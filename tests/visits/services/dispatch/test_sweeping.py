"""The sweep: cases that left word become drafts with an agency; what cannot be visited is said once."""

from datetime import date, timedelta

import pytest

from cases.models import Address, BorrowerFlag, Case, CaseEvent
from tests.factories.holidays import notice_of, put_in_use
from tests.factories.visits import (
    AT,
    TODAY,
    make_agency,
    make_attempts,
    make_case,
    make_member,
    make_order,
    make_placement,
)
from visits.models import PassedOver, Placement, SweepLine, VisitOrder
from visits.services.agencies.placement_ends import end_placements
from visits.services.dispatch.sweeping import sweep_visits_needed


def sweep(**fields):
    return sweep_visits_needed(**({"at": AT, "business_date": TODAY} | fields))


def test_a_case_that_left_word_gets_a_draft_and_the_least_loaded_agency(shanghai):
    busy, free = make_agency(territory=shanghai, capacity=10), make_agency(territory=shanghai, capacity=10)
    make_placement(case=make_case(territory=shanghai, needs_visit_by=None), agency=busy)
    case = make_case(territory=shanghai)

    swept = sweep()

    order = VisitOrder.objects.get()
    assert (swept.drafted, swept.placed, swept.skipped) == (1, 1, {})
    assert (order.case, order.state, order.requested_by, order.placement.agency) == (case, "DRAFT", None, free)
    assert order.reason == "UNREACHABLE"
    assert order.valid_until == TODAY + timedelta(days=14)


def test_sweeping_again_changes_nothing(shanghai):
    make_agency(territory=shanghai)
    make_case(territory=shanghai)
    sweep()

    assert (sweep().drafted, VisitOrder.objects.count(), Placement.objects.count()) == (0, 1, 1)


def test_who_lives_together_is_placed_with_the_agency_at_their_door(shanghai):
    for _each in range(2):
        make_agency(territory=shanghai)
    # With an agency each they could never be visited at one door.
    together = [make_case(territory=shanghai) for _each in range(3)]
    for address in Address.objects.all():
        address.line = "上海市浦东新区同心路9号3幢501室"
        address.save()

    sweep()
    late = make_case(territory=shanghai)
    for address in Address.objects.filter(borrower=late.borrower):
        address.line = "上海市浦东新区同心路9号3幢501室"
        address.save()
    sweep()

    placed = Placement.objects.filter(case__in=[*together, late])
    assert (placed.count(), placed.values("agency").distinct().count()) == (4, 1)


def test_a_case_already_placed_keeps_its_agency(shanghai):
    held, _other = make_agency(territory=shanghai), make_agency(territory=shanghai)
    case = make_case(territory=shanghai)
    placement = make_placement(case=case, agency=held)

    swept = sweep()

    assert (swept.drafted, swept.placed) == (1, 0)
    assert VisitOrder.objects.get().placement == placement


def spoil(what, case):
    address = case.borrower.addresses.all()
    if what == "NO_ADDRESS":
        address.update(verdict="INVALID")
    elif what == "PROTECTED":
        BorrowerFlag.objects.create(borrower=case.borrower, kind="CEASE", source="CALL", set_at=AT)
    elif what == "REACHED":
        case.borrower.contact_attempts.filter(channel="APP").update(outcome="RIGHT_PARTY", right_party=True)
    elif what == "COOLING_OFF":
        from cases.models import PromiseToPay

        PromiseToPay.objects.create(
            borrower=case.borrower,
            account=case.borrower.accounts.get(),
            external_ref="p1",
            channel="VOICE",
            amount=1,
            promised_on=TODAY,
            due_on=TODAY + timedelta(days=30),
            created_at=AT,
            updated_at=AT,
        )


@pytest.mark.parametrize("what", ["NO_ADDRESS", "PROTECTED", "LAST_RESORT", "REACHED", "COOLING_OFF", "NO_AGENCY"])
def test_a_case_that_cannot_be_visited_is_passed_over_once_a_day(what, shanghai):
    make_agency(territory=shanghai, capacity=0 if what == "NO_AGENCY" else 5)
    # An open reason does not replace the attempts: nobody has tried, or the borrower was just reached.
    case = make_case(territory=shanghai, is_tried=what != "LAST_RESORT")
    spoil(what, case)

    what = "LAST_RESORT" if what == "REACHED" else what
    first, second = sweep(), sweep()
    tomorrow = sweep(business_date=TODAY + timedelta(days=1), at=AT + timedelta(days=1))

    assert (first.skipped, second.skipped, tomorrow.skipped) == ({what: 1}, {}, {what: 1})
    assert not VisitOrder.objects.exists()
    # The timeline says once that a reason began, and nothing of a full territory; the day's line counts.
    assert CaseEvent.objects.filter(case=case, body__skipped=what).count() == (what != "NO_AGENCY")
    lines = SweepLine.objects.order_by("business_date").values_list("territory", "business_date", "reason", "cases")
    assert list(lines) == [(shanghai.pk, TODAY + timedelta(days=n), what, 1) for n in range(2)]


def test_a_door_that_has_had_its_visits_gets_no_draft(shanghai, approver):
    agency = make_agency(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    cases = [make_case(territory=shanghai, needs_visit_by=None) for _each in range(2)]
    case = make_case(territory=shanghai)
    for days, other in zip((2, 9), cases, strict=True):
        placement = make_placement(case=other, agency=agency)
        made_at = AT - timedelta(days=days)
        make_order(
            case=other, placement=placement, state="VERIFIED", approver=approver, pair=pair, planned_arrival_at=made_at
        )
    for each in (*cases, case):
        address = each.borrower.addresses.get()
        address.line = "示范路7号1栋301室"
        address.save()

    # Two in thirty days: the next is lawful in three weeks, after an order would have lapsed.
    assert (sweep().drafted, sweep(business_date=TODAY + timedelta(days=1)).skipped) == (0, {"COOLING_OFF": 1})


def test_a_full_agency_leaves_the_rest_for_another_day(shanghai):
    make_agency(territory=shanghai, capacity=2)
    for _each in range(3):
        make_case(territory=shanghai)

    swept = sweep()

    assert (swept.drafted, swept.placed, swept.skipped) == (2, 2, {"NO_AGENCY": 1})


def test_the_batch_is_bounded_and_takes_the_most_urgent(shanghai):
    make_agency(territory=shanghai)
    make_case(territory=shanghai, needs_visit_by=TODAY + timedelta(days=9))
    urgent = make_case(territory=shanghai, needs_visit_by=TODAY + timedelta(days=1))

    sweep(batch=1)

    assert VisitOrder.objects.get().case == urgent


def test_all_chunks_of_the_due_set_are_swept_and_skipped_cases_starve_nobody(shanghai):
    make_agency(territory=shanghai)
    for number in range(7):
        make_case(territory=shanghai, needs_visit_by=TODAY + timedelta(days=number // 3), is_tried=number >= 4)

    swept = sweep(chunk=2)

    assert (swept.drafted, swept.placed, swept.skipped) == (3, 3, {"LAST_RESORT": 4})
    assert (VisitOrder.objects.count(), Placement.objects.count()) == (3, 3)


def test_a_sweep_that_died_goes_on_behind_its_last_chunk(shanghai):
    make_agency(territory=shanghai)
    for number in range(4):
        make_case(territory=shanghai, is_tried=number > 0)
    sweep(batch=2, chunk=2)
    before = list(VisitOrder.objects.values_list("pk", "updated_at"))

    swept = sweep(at=AT + timedelta(minutes=10))

    assert (len(before), swept.drafted, swept.skipped) == (1, 2, {})
    assert list(VisitOrder.objects.order_by("pk").values_list("pk", "updated_at")[:1]) == before


def test_a_full_territory_is_said_once_and_swept_again_when_there_is_room(shanghai, chengdu):
    full, other = make_agency(territory=shanghai, capacity=1), make_agency(territory=chengdu)
    for territory in (shanghai, shanghai, shanghai, chengdu):
        make_case(territory=territory)

    first, second = sweep(chunk=1), sweep(chunk=1)
    full.capacities.update(capacity=3)
    third = sweep(chunk=1)

    assert (first.drafted, first.skipped) == (2, {"NO_AGENCY": 2})
    assert (second.drafted, second.skipped) == (0, {})
    assert (third.drafted, third.skipped) == (2, {})
    assert Placement.objects.filter(agency=other).count() == 1
    assert SweepLine.objects.filter(reason="NO_AGENCY").values_list("territory", "cases").get() == (shanghai.pk, 2)


def test_no_agency_gets_more_than_its_share_of_a_territory(shanghai):
    agencies = [make_agency(territory=shanghai, capacity=capacity) for capacity in (900, 90, 60)]
    for _each in range(14):
        make_case(territory=shanghai)

    swept = sweep(chunk=5)

    held = [Placement.objects.filter(agency=agency).count() for agency in agencies]
    # Forty percent of fourteen, rounded up.
    assert (swept.placed, held, max(held)) == (14, held, 6)
    assert not SweepLine.objects.exists()


def test_where_two_agencies_take_cases_the_sweep_places_them_and_warns(shanghai):
    for _each in range(2):
        make_agency(territory=shanghai)
    for _each in range(3):
        make_case(territory=shanghai)

    swept = sweep(chunk=2)

    assert (swept.placed, swept.skipped) == (3, {})
    assert list(SweepLine.objects.values_list("territory", "reason", "cases")) == [(shanghai.pk, "FEW_AGENCIES", 3)]


def test_agencies_with_room_that_hold_their_share_are_told_apart_from_full_ones(shanghai):
    for capacity in (100, 1, 1):
        make_agency(territory=shanghai, capacity=capacity)
    for _each in range(5):
        make_case(territory=shanghai)

    swept = sweep()

    assert (swept.placed, swept.skipped) == (4, {"SHARE_CAP": 1})


def test_a_case_whose_term_ended_goes_to_another_agency(shanghai):
    agencies = [make_agency(territory=shanghai, capacity=capacity) for capacity in (1000, 10, 10)]
    case = make_case(territory=shanghai)
    placement = make_placement(case=case, agency=agencies[0])
    after = placement.term_ends_on + timedelta(days=1)
    end_placements(business_date=after, at=AT)

    sweep(business_date=after)

    assert VisitOrder.objects.get().placement.agency == agencies[1]


def test_a_reason_that_changes_begins_a_new_line_and_a_draft_ends_it(shanghai):
    make_agency(territory=shanghai)
    case = make_case(territory=shanghai, is_tried=False)
    sweep()
    tomorrow, next_day = TODAY + timedelta(days=1), TODAY + timedelta(days=2)
    flag = BorrowerFlag.objects.create(borrower=case.borrower, kind="CEASE", source="CALL", set_at=AT)

    sweep(business_date=tomorrow, at=AT + timedelta(days=1))

    assert PassedOver.objects.values_list("reason", "since", "looked_on").get() == ("PROTECTED", tomorrow, tomorrow)
    skips = CaseEvent.objects.filter(case=case, body__has_key="skipped").order_by("pk")
    assert [event.body["skipped"] for event in skips] == ["LAST_RESORT", "PROTECTED"]
    flag.cleared_at = AT
    flag.save()
    make_attempts(borrower=case.borrower)
    assert sweep(business_date=next_day, at=AT + timedelta(days=2)).drafted == 1
    assert not PassedOver.objects.exists()


def test_closed_held_and_silent_cases_are_left_alone(shanghai):
    make_agency(territory=shanghai)
    make_case(territory=shanghai, needs_visit_by=None)
    make_case(territory=shanghai, stage="ON_HOLD")
    make_case(territory=shanghai, stage="CLOSED", closed_on=TODAY)

    assert (sweep().drafted, Case.objects.count()) == (0, 3)


def test_the_sweep_takes_the_same_statements_for_one_and_three(shanghai, django_assert_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    make_agency(territory=shanghai)
    counts = []
    for number in (1, 3):
        for _each in range(number):
            make_case(territory=shanghai)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert sweep().drafted == number
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_a_break_that_staff_have_entered_for_the_whole_validity_of_an_order_passes_the_case_over(
    shanghai, risk_manager, approver
):
    make_agency(territory=shanghai)
    make_case(territory=shanghai)
    long_break = notice_of(2026, OTHER=(date(2026, 3, 2), date(2026, 3, 17)))
    put_in_use(notice=long_break, made_by=risk_manager, confirmed_by=approver)

    swept = sweep()

    assert (swept.drafted, swept.skipped) == (0, {"COOLING_OFF": 1})
