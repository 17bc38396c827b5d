"""Judging a report: four eyes, all or nothing, and what each finding means below."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from cases.models import Verification
from tests.factories.visits import VISIT_AT
from visits.models import Evidence, Placement, PriceCard, Review, VisitOrder, VisitReport
from visits.services.review.review import review_report

DONE = VISIT_AT + timedelta(hours=3)


def judge(report, actor, verdict="ACCEPTED", score=90):
    return review_report(report=report, verdict=verdict, quality_score=score, note="", actor=actor, at=DONE)


def test_a_red_line_discards_the_report_and_suspends_the_agency(make_report, reviewer, case, agency, coordinator):
    report = make_report(trust=90)

    judge(report, reviewer, "RED_LINE", 0)

    agency.refresh_from_db()
    case.refresh_from_db()
    order = VisitOrder.objects.get()
    assert (agency.state, order.state, case.stage) == ("SUSPENDED", "ABORTED", "IN_WORK")
    assert Placement.objects.get().state == "RECALLED"
    assert not VisitOrder.objects.visible_to(coordinator).exists()
    assert not Verification.objects.exists()


def test_a_returned_report_comes_back_as_the_next_version(make_report, reviewer, coordinator):
    from tests.factories.visits import draft
    from visits.services.doorstep.attendance import submit_report

    report = make_report()
    judge(report, reviewer, "RETURNED", 40)
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

    second = submit_report(order=report.order, draft=turned_back, actor=coordinator, at=DONE)

    assert second.version == 2
    with pytest.raises(StateConflict):
        judge(report, reviewer)
    judge(second, reviewer)
    assert VisitOrder.objects.get().state == "VERIFIED"


@pytest.mark.parametrize(("verdict", "score"), [("ACCEPTED", 84), ("RED_LINE", 1), ("RETURNED", 101), ("MAYBE", 50)])
def test_a_score_must_fit_the_verdict(verdict, score, make_report, reviewer):
    report = make_report()

    with pytest.raises(InvalidInput):
        judge(report, reviewer, verdict, score)

    assert VisitOrder.objects.get().state == "REPORTED"


def test_a_report_whose_files_have_not_arrived_is_not_accepted(make_report, reviewer):
    report = make_report(announced_media=[{"ref": "M1", "kind": "DOOR", "sha256": "0" * 64}])

    with pytest.raises(InvalidInput):
        judge(report, reviewer)

    assert not Review.objects.exists()


def test_a_report_whose_photographs_are_being_read_is_returned_but_not_accepted(make_report, reviewer):
    report = make_report(trust=90)
    Evidence.objects.update(state="WAITING", read_at=None)

    with pytest.raises(InvalidInput, match=r"1 张|: 1\."):
        judge(report, reviewer)
    judge(report, reviewer, "RETURNED", 40)

    assert Review.objects.get().verdict == "RETURNED"


def test_a_report_with_a_photograph_that_cannot_be_read_may_be_accepted(make_report, reviewer):
    report = make_report(sections=[("CAPACITY", "ABLE", Decimal("0.90"))], trust=0)
    Evidence.objects.update(state="UNREADABLE")

    judge(report, reviewer)

    assert Verification.objects.get().facts.get(section="CAPACITY").confidence == Decimal("0.00")


def test_nobody_judges_their_own_report_nor_without_being_somebody(make_report, reviewer, officer, person, chengdu):
    report = make_report(submitted_by=reviewer)
    elsewhere = person("REVIEWER", name="elsewhere", territories=(chengdu,))

    for actor, error in ((reviewer, SelfApproval), (None, NotAllowed), (officer, NotAllowed), (elsewhere, NotAllowed)):
        with pytest.raises(error):
            judge(report, actor)

    assert VisitOrder.objects.get().state == "REPORTED"


def test_an_agency_without_a_price_costs_nothing(make_report, reviewer):
    PriceCard.objects.all().delete()

    judge(make_report(trust=90), reviewer)

    assert VisitOrder.objects.get().fee == 0


def test_a_report_whose_recording_has_a_gap_does_not_pass(make_report, reviewer):
    report = make_report(incident_codes=["RECORDING_GAP"], incident="电池没电")

    with pytest.raises(InvalidInput) as refused:
        judge(report, reviewer)
    assert (refused.value.field, VisitOrder.objects.get().state) == ("verdict", "REPORTED")
    judge(report, reviewer, "RETURNED", 60)

    assert VisitOrder.objects.get().state == "RETURNED"


def test_accepting_a_report_forgets_the_texts_as_they_were_written(make_report, reviewer):
    report = make_report(marked_texts='{"observations": "邻居王五说"}', trust=90)

    judge(report, reviewer)

    assert VisitReport.objects.get().marked_texts == ""


def test_a_reviewers_note_keeps_no_data_of_other_people(make_report, reviewer):
    report = make_report()

    review_report(
        report=report, verdict="RETURNED", quality_score=40, note="补拍，勿写邻居13800138000", actor=reviewer, at=DONE
    )

    assert Review.objects.get().note == "补拍，勿写邻居■■■"
