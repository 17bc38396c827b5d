"""Every step of a visit order: allowed from its sources, refused from everywhere else, and the second caller loses."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from cases.models import CaseEvent
from tests.factories.visits import AT, TODAY, VISIT_AT, draft, make_case, make_order, position
from visits.enums import EndReason, VisitState
from visits.models import CallBack, Review, VisitOrder, VisitReport
from visits.services.dispatch import orders as dispatch
from visits.services.doorstep import attendance
from visits.services.orders.conduct_guard import ConductRefused
from visits.services.orders.endings import call_off, end_orders
from visits.services.review.review import begin_review, review_report

KNOCK = VISIT_AT + timedelta(minutes=5)


def _knock(order: Any, people: Any) -> Any:
    first, second = people["pair"]
    for at, member in ((KNOCK, first), (KNOCK + timedelta(minutes=1), second)):
        arrived = attendance.check_in(
            order=order, member=member, position=position(at=at), badge_evidence_ref="M1", actor=member.user, at=at
        )
    return arrived


def _report(order: Any, people: Any) -> Any:
    # Turned back: the one report that needs neither check-in nor pictures.
    turned_back = draft(
        findings=["F41"],
        person_met="NOBODY",
        recommendation="CLOSE",
        sections=(),
        disclosure="NONE",
        identity_factors=0,
        address_verdict=None,
        contact_started_at=None,
        contact_ended_at=None,
    )
    return attendance.submit_report(order=order, draft=turned_back, actor=people["coordinator"], at=KNOCK)


def _review(verdict: str, score: int) -> Callable[[Any, Any], Any]:
    def judge(order: Any, people: Any) -> Any:
        report = order.reports.first() or VisitReport.objects.create(
            order=order,
            external_ref=f"R-{order.pk}",
            findings=["F41"],
            recommendation="CLOSE",
            submitted_at=KNOCK,
            created_at=KNOCK,
            submitted_by=people["coordinator"],
        )
        return review_report(
            report=report, verdict=verdict, quality_score=score, note="", actor=people["reviewer"], at=KNOCK
        )

    return judge


STEPS: dict[str, tuple[Callable[[Any, Any], Any], set[str], str]] = {
    "approve": (lambda o, p: dispatch.approve_visit(order=o, actor=p["approver"], at=AT), {"DRAFT"}, "APPROVED"),
    "assign": (
        lambda o, p: dispatch.assign_crew(
            order=o, lead=p["pair"][0], second=p["pair"][1], starts_at=VISIT_AT, actor=p["dispatcher"], at=AT
        ),
        {"APPROVED"},
        "SCHEDULED",
    ),
    "accept": (lambda o, p: dispatch.accept_visit(order=o, actor=p["coordinator"], at=AT), {"SCHEDULED"}, "ACCEPTED"),
    "decline": (
        lambda o, p: dispatch.decline_visit(order=o, reason="满", actor=p["coordinator"], at=AT),
        {"SCHEDULED"},
        "APPROVED",
    ),
    "unschedule": (
        lambda o, p: dispatch.unschedule_visit(order=o, reason="改", actor=p["dispatcher"], at=AT),
        {"SCHEDULED", "ACCEPTED"},
        "APPROVED",
    ),
    "depart": (lambda o, p: dispatch.depart(order=o, actor=p["pair"][0].user, at=AT), {"ACCEPTED"}, "EN_ROUTE"),
    "check_in": (_knock, {"EN_ROUTE"}, "CHECKED_IN"),
    "abort": (
        lambda o, p: attendance.abort_visit(order=o, finding="F40", reason="犬", actor=p["pair"][0].user, at=KNOCK),
        {"EN_ROUTE", "CHECKED_IN"},
        "ABORTED",
    ),
    "report": (_report, {"CHECKED_IN", "ABORTED", "RETURNED"}, "REPORTED"),
    "begin_review": (lambda o, p: begin_review(order=o, actor=p["reviewer"], at=KNOCK), {"REPORTED"}, "UNDER_REVIEW"),
    "accept_report": (_review("ACCEPTED", 90), {"REPORTED", "UNDER_REVIEW"}, "VERIFIED"),
    "return_report": (_review("RETURNED", 60), {"REPORTED", "UNDER_REVIEW"}, "RETURNED"),
    "red_line": (_review("RED_LINE", 0), {"REPORTED", "UNDER_REVIEW"}, "ABORTED"),
    "cancel": (
        lambda o, p: dispatch.cancel_visit(order=o, reason="NOT_NEEDED", actor=p["dispatcher"], at=AT),
        {"DRAFT", "APPROVED", "SCHEDULED", "ACCEPTED", "EN_ROUTE"},
        "CANCELLED",
    ),
}


@pytest.fixture
def people(pair, coordinator, approver, dispatcher, reviewer, officer):
    return {
        "pair": pair,
        "coordinator": coordinator,
        "approver": approver,
        "dispatcher": dispatcher,
        "reviewer": reviewer,
        "officer": officer,
    }


@pytest.mark.owner_rights
@pytest.mark.parametrize("name", list(STEPS))
def test_a_step_is_taken_from_its_sources_only_and_once(name, shanghai, case, placement, people):
    step, sources, target = STEPS[name]
    for state in VisitState.values:
        # An accepted visit may be drawn to be called back, by its number.
        CallBack.objects.all().delete()
        VisitReport.objects.all().delete()
        VisitOrder.objects.all().delete()
        placement.agency.state = "ACTIVE"
        placement.agency.save(update_fields=["state"])
        type(placement).objects.filter(pk=placement.pk).update(state="ACTIVE", ended_on=None)
        type(case).objects.filter(pk=case.pk).update(stage="IN_WORK", needs_visit_by=None)
        case.refresh_from_db()
        # With a crew in every state, so that it is the state that refuses and not the sight.
        lead, second = people["pair"]
        order = make_order(
            case=case,
            placement=placement,
            state=state,
            approver=people["approver"],
            pair=people["pair"],
            **({"lead": lead, "second": second} if state in ("DRAFT", "APPROVED") else {}),
        )
        lines = CaseEvent.objects.filter(case=case).count()

        if state in sources:
            step(order, people)

            assert VisitOrder.objects.get(pk=order.pk).state == target, state
            assert CaseEvent.objects.filter(case=case).count() > lines, state
            if target not in sources:
                with pytest.raises(StateConflict):
                    step(VisitOrder.objects.get(pk=order.pk), people)
        else:
            with pytest.raises(StateConflict):
                step(order, people)
            assert VisitOrder.objects.get(pk=order.pk).state == state
            assert CaseEvent.objects.filter(case=case).count() == lines
        Review.objects.all().delete()


@pytest.mark.parametrize(
    ("name", "role"),
    [
        ("approve", "DISPATCHER"),
        ("assign", "APPROVER"),
        ("accept", "CREW"),
        ("unschedule", "AGENCY_COORDINATOR"),
        ("cancel", "AGENCY_COORDINATOR"),
        ("begin_review", "AGENCY_COORDINATOR"),
        ("depart", "REVIEWER"),
    ],
)
def test_a_step_is_refused_to_roles_without_its_permission(name, role, case, placement, people, person):
    step, sources, _target = STEPS[name]
    order = make_order(
        case=case, placement=placement, state=min(sources), approver=people["approver"], pair=people["pair"]
    )
    stranger = person(role, name="stranger")
    strangers = {key: stranger for key in people} | {"pair": people["pair"]}
    if name == "depart":
        strangers["pair"] = [type("Member", (), {"user": stranger})()]

    with pytest.raises(NotAllowed):
        step(order, strangers)

    assert VisitOrder.objects.get(pk=order.pk).state == min(sources)


def test_who_requests_a_visit_does_not_approve_it(case, placement, person, approver):
    order = make_order(case=case, placement=placement, state="DRAFT", approver=None, requested_by=approver)

    with pytest.raises(SelfApproval):
        dispatch.approve_visit(order=order, actor=approver, at=AT)
    with pytest.raises(NotAllowed):
        dispatch.approve_visit(order=order, actor=None, at=AT)

    assert VisitOrder.objects.get(pk=order.pk).state == "DRAFT"


@pytest.mark.parametrize("wish", ["", " \t"])
def test_request_visit_lists_the_missing_steps_without_a_reason(wish, shanghai, officer):
    case = make_case(territory=shanghai, with_reason=False)

    with pytest.raises(InvalidInput, match=r"6.*7.*3") as refused:
        dispatch.request_visit(
            case=case,
            address=case.borrower.addresses.get(),
            purposes=["VERIFY_IDENTITY"],
            reason="",
            actor=officer,
            at=AT,
            business_date=TODAY,
            borrower_request_ref=wish,
        )

    assert refused.value.field == "case"
    assert not VisitOrder.objects.exists()


def test_a_case_has_one_open_visit(case, officer):
    asked = {
        "case": case,
        "address": case.borrower.addresses.get(),
        "purposes": ["VERIFY_IDENTITY"],
        "reason": "",
        "actor": officer,
        "at": AT,
        "business_date": TODAY,
    }
    dispatch.request_visit(**asked)

    with pytest.raises(StateConflict):
        dispatch.request_visit(**asked)

    assert VisitOrder.objects.count() == 1


def test_assign_crew_lists_all_refusals_and_changes_nothing(case, placement, pair, approver, dispatcher):
    order = make_order(case=case, placement=placement, state="APPROVED", approver=approver)
    type(pair[0]).objects.filter(pk=pair[0].pk).update(screened_on=None)
    pair[0].refresh_from_db()

    with pytest.raises(ConductRefused) as refused:
        # Tomorrow at nine is too early for the notice.
        dispatch.assign_crew(
            order=order, lead=pair[0], second=pair[1], starts_at=AT + timedelta(hours=23), actor=dispatcher, at=AT
        )

    assert {refusal.rule.value for refusal in refused.value.refusals} == {"NOTICE", "CREW_STANDING"}
    assert VisitOrder.objects.get(pk=order.pk).state == "APPROVED"


def test_declined_visit_forgets_its_crew_window_and_letter(case, placement, pair, approver, coordinator):
    order = make_order(case=case, placement=placement, state="SCHEDULED", approver=approver, pair=pair)

    dispatch.decline_visit(order=order, reason="满", actor=coordinator, at=AT)

    order = VisitOrder.objects.get(pk=order.pk)
    assert (order.lead, order.window_start, order.letter_code, order.notice_sent_at) == (None, None, None, None)
    case.refresh_from_db()
    assert case.stage == "IN_WORK"


def test_ending_orders_takes_the_same_statements_for_one_and_three(
    shanghai, agency, pair, approver, django_assert_num_queries
):
    from django.db import transaction

    from tests.factories.visits import make_placement

    def some(number: int) -> Any:
        orders = []
        for _each in range(number):
            case = make_case(territory=shanghai)
            held = make_placement(case=case, agency=agency)
            orders.append(make_order(case=case, placement=held, state="SCHEDULED", approver=approver, pair=pair))
        return VisitOrder.objects.filter(pk__in=[order.pk for order in orders])

    for number in (1, 3):
        rows = some(number)
        # lock, orders, cases, two empty or full timelines, notices
        with transaction.atomic(), django_assert_num_queries(5):
            ended = end_orders(rows=rows, action="cancel", reason=EndReason.NOT_NEEDED, actor=None, at=AT)
        assert len(ended) == number


def test_call_off_leaves_reports_that_wait_for_review(case, placement, pair, approver):
    order = make_order(case=case, placement=placement, state="REPORTED", approver=approver, pair=pair)

    from django.db import transaction

    with transaction.atomic():
        ended = call_off(rows=VisitOrder.objects.filter(pk=order.pk), reason=EndReason.RECALLED, actor=None, at=AT)

    assert ended == []
    assert VisitOrder.objects.get(pk=order.pk).state == "REPORTED"
