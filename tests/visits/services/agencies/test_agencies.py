"""Agencies: evaluated by what they did; suspended ones lose their cases at once."""

from datetime import timedelta

import pytest

from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from tests.factories.visits import AT, TODAY, VISIT_AT, make_agency, make_case, make_order, make_placement
from visits.models import Agency, AgencyEvaluation, CheckIn, Placement, Review, VisitOrder, VisitReport
from visits.rules.scorecard import ENOUGH_VISITS
from visits.services.agencies.agencies import (
    evaluate_agency,
    exit_agency,
    reinstate_agency,
    suspend_agency,
)


@pytest.fixture
def visited(shanghai, agency, pair, approver, reviewer, coordinator):
    def make(*, verdict="ACCEPTED", late=False, codes=()):
        case = make_case(territory=shanghai)
        placement = make_placement(case=case, agency=agency)
        order = make_order(case=case, placement=placement, state="VERIFIED", approver=approver, pair=pair)
        CheckIn.objects.create(
            order=order,
            member=pair[0],
            moment="IN",
            external_ref=f"I{order.pk}",
            device_at=VISIT_AT,
            received_at=VISIT_AT,
            happened_at=VISIT_AT,
        )
        at = VISIT_AT + timedelta(hours=30 if late else 3)
        report = VisitReport.objects.create(
            order=order,
            external_ref=f"R{order.pk}",
            findings=["F20"],
            recommendation="CLOSE",
            submitted_by=coordinator,
            submitted_at=at,
            created_at=at,
            incident_codes=list(codes),
        )
        Review.objects.create(
            report=report,
            verdict=verdict,
            quality_score=90 if verdict == "ACCEPTED" else 0,
            reviewed_by=reviewer,
            reviewed_at=at,
        )
        return order

    return make


LATER = TODAY + timedelta(days=10)


def test_a_good_year_keeps_the_agency_active(visited, agency, risk_manager):
    for _each in range(ENOUGH_VISITS):
        visited()

    evaluation = evaluate_agency(agency=agency, actor=risk_manager, at=AT, business_date=LATER)

    assert (evaluation.score, evaluation.score_low, evaluation.score_high) == (100, 73, 100)
    assert evaluation.parts == {"conduct": "1.0000", "quality": "1.0000", "timeliness": "1.0000", "recovery": None}
    assert Agency.objects.get(pk=agency.pk).state == "ACTIVE"


def test_a_poor_year_stops_new_cases_but_not_the_running_ones(visited, agency, risk_manager):
    for _each in range(ENOUGH_VISITS):
        visited(verdict="RETURNED", late=True, codes=["STAYED_TOO_LONG"])

    evaluation = evaluate_agency(agency=agency, actor=risk_manager, at=AT, business_date=LATER)

    assert evaluation.score < 60
    assert Agency.objects.get(pk=agency.pk).state == "RESTRICTED"
    assert set(Placement.objects.values_list("state", flat=True)) == {"ACTIVE"}


def test_with_too_few_visits_an_evaluation_is_filed_without_a_score_and_changes_nothing(visited, agency, risk_manager):
    for _each in range(ENOUGH_VISITS - 1):
        visited(verdict="RETURNED", late=True, codes=["STAYED_TOO_LONG"])

    evaluation = evaluate_agency(agency=agency, actor=risk_manager, at=AT, business_date=LATER)

    assert (evaluation.score, evaluation.score_low, evaluation.score_high) == (None, None, None)
    assert Agency.objects.get(pk=agency.pk).state == "ACTIVE"


def test_a_red_line_suspends_whatever_the_score(visited, agency, risk_manager):
    visited()
    visited(verdict="RED_LINE")

    evaluate_agency(agency=agency, actor=risk_manager, at=AT, business_date=LATER)

    assert Agency.objects.get(pk=agency.pk).state == "SUSPENDED"
    assert set(Placement.objects.values_list("state", flat=True)) == {"RECALLED"}


def test_people_of_a_territory_evaluate_the_agencies_that_take_cases_there(visited, agency, person, chengdu):
    visited()
    near = person("DISPATCHER", name="near")
    far = person("DISPATCHER", name="far", territories=(chengdu,))

    with pytest.raises(NotAllowed):
        evaluate_agency(agency=agency, actor=far, at=AT, business_date=LATER)
    assert not AgencyEvaluation.objects.exists()

    evaluate_agency(agency=agency, actor=near, at=AT, business_date=LATER)
    assert AgencyEvaluation.objects.get().evaluated_by == near


def test_nothing_done_is_nothing_to_evaluate(agency, risk_manager):
    with pytest.raises(InvalidInput):
        evaluate_agency(agency=agency, actor=risk_manager, at=AT, business_date=LATER)

    assert not AgencyEvaluation.objects.exists()


def test_suspending_recalls_every_live_placement(shanghai, agency, pair, approver, risk_manager, coordinator):
    for state in ("SCHEDULED", "EN_ROUTE", "CHECKED_IN"):
        case = make_case(territory=shanghai)
        make_order(
            case=case, placement=make_placement(case=case, agency=agency), state=state, approver=approver, pair=pair
        )
    other = make_placement(case=make_case(territory=shanghai), agency=make_agency(territory=shanghai))

    suspend_agency(agency=agency, reason="投诉", actor=risk_manager, at=AT, business_date=TODAY)

    assert sorted(VisitOrder.objects.values_list("state", flat=True)) == ["ABORTED", "ABORTED", "CANCELLED"]
    assert set(Placement.objects.filter(agency=agency).values_list("state", flat=True)) == {"RECALLED"}
    assert Placement.objects.get(pk=other.pk).state == "ACTIVE"
    assert not VisitOrder.objects.visible_to(coordinator).exists()
    assert not VisitOrder.objects.visible_to(pair[0].user).exists()


@pytest.mark.parametrize(
    ("act", "sources", "target"),
    [
        (suspend_agency, {"ACTIVE", "RESTRICTED"}, "SUSPENDED"),
        (reinstate_agency, {"RESTRICTED", "SUSPENDED"}, "ACTIVE"),
        (exit_agency, {"APPLICANT", "ACTIVE", "RESTRICTED", "SUSPENDED"}, "EXITED"),
    ],
)
def test_the_whole_table_of_an_agency(act, sources, target, shanghai, risk_manager, officer):
    for state in ("APPLICANT", "ACTIVE", "RESTRICTED", "SUSPENDED", "EXITED"):
        agency = make_agency(territory=shanghai, state=state)
        asked = {"agency": agency, "reason": "x", "at": AT, "business_date": TODAY}
        with pytest.raises(NotAllowed):
            act(**asked, actor=officer)
        assert Agency.objects.get(pk=agency.pk).state == state

        if state in sources:
            act(**asked, actor=risk_manager)
            assert Agency.objects.get(pk=agency.pk).state == target
        else:
            with pytest.raises(StateConflict):
                act(**asked, actor=risk_manager)
            assert Agency.objects.get(pk=agency.pk).state == state
