"""A report with reasons to check counts only when a second reviewer agrees; nothing of it is written before."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from cases.models import Verification
from tests.visits.services.review.conftest import DONE
from visits.models import CallBack, Evidence, Placement, ReportTrust, Review, SecondReview, VisitOrder
from visits.services.review.review import review_report
from visits.services.review.second_review import second_review

LOOKALIKE = [{"signal": "LOOKALIKE", "weight": -50}]


@pytest.fixture
def doubtful(make_report, reviewer):
    """A report that its first reviewer would accept, and that looks like a copy."""
    report = make_report(trust=50)
    Evidence.objects.update(signals=LOOKALIKE)
    review_report(report=report, verdict="ACCEPTED", quality_score=90, note="", actor=reviewer, at=DONE)
    return report


@pytest.fixture
def other_reviewer(person):
    return person("REVIEWER", name="other_reviewer")


def judge(report, actor, verdict="ACCEPTED", reason="两张照片是同一楼的不同门"):
    return second_review(report=report, verdict=verdict, reason=reason, actor=actor, at=DONE + timedelta(hours=1))


def test_nothing_counts_until_a_second_reviewer_agrees(doubtful, reviewer, other_reviewer):
    order, review, call_back = VisitOrder.objects.get(), Review.objects.get(), CallBack.objects.get()
    assert (order.state, order.fee, review.needs_second) == ("SECOND_REVIEW", None, True)
    assert (call_back.cause, call_back.state, call_back.fee) == ("LOW_TRUST", "OPEN", "WAITS")
    assert not Verification.objects.exists()

    judge(doubtful, other_reviewer)

    order.refresh_from_db()
    assert (order.state, order.fee, Verification.objects.count()) == ("VERIFIED", 220, 1)
    assert (review.second.reviewed_by, review.second.reason) == (other_reviewer, "两张照片是同一楼的不同门")
    assert CallBack.objects.get() == call_back


def test_the_reasons_and_the_level_are_kept(doubtful):
    trust = ReportTrust.objects.get()

    assert (trust.score, trust.level) == (50, "LOW")
    assert trust.reasons == [{"signal": "LOOKALIKE", "weight": -50, "count": 1}]


def test_the_second_is_neither_the_first_nor_who_handed_it_in(
    doubtful, reviewer, coordinator, officer, person, chengdu
):
    elsewhere = person("REVIEWER", name="elsewhere", territories=(chengdu,))

    refused = ((reviewer, SelfApproval), (coordinator, NotAllowed), (officer, NotAllowed), (elsewhere, NotAllowed))
    for actor, error in (*refused, (None, NotAllowed)):
        with pytest.raises(error):
            judge(doubtful, actor)

    assert (VisitOrder.objects.get().state, SecondReview.objects.count()) == ("SECOND_REVIEW", 0)


def test_who_handed_it_in_is_not_the_second_whatever_their_role(make_report, reviewer, other_reviewer):
    report = make_report(trust=50, submitted_by=other_reviewer)
    Evidence.objects.update(signals=LOOKALIKE)
    review_report(report=report, verdict="ACCEPTED", quality_score=90, note="", actor=reviewer, at=DONE)

    with pytest.raises(SelfApproval):
        judge(report, other_reviewer)


def test_the_database_refuses_the_same_person_twice_and_a_second_without_reason(doubtful, reviewer, other_reviewer):
    review = Review.objects.get()
    values = {"review": review, "verdict": "ACCEPTED", "first_by": reviewer, "submitted_by": review.submitted_by}
    for by in (reviewer, review.submitted_by):
        with pytest.raises(IntegrityError, match="second_review_is_by_another"), transaction.atomic():
            SecondReview.objects.create(**values, reviewed_by=by, reason="ja", reviewed_at=DONE)
    with pytest.raises(IntegrityError, match="second_review_has_a_reason"), transaction.atomic():
        SecondReview.objects.create(**values, reviewed_by=other_reviewer, reason="", reviewed_at=DONE)


@pytest.mark.parametrize(("verdict", "state"), [("RETURNED", "RETURNED"), ("RED_LINE", "ABORTED")])
def test_the_second_may_overrule_the_first(verdict, state, doubtful, other_reviewer):
    second = judge(doubtful, other_reviewer, verdict)

    assert (VisitOrder.objects.get().state, second.verdict, CallBack.objects.get().state) == (
        state,
        verdict,
        "WITHDRAWN",
    )
    assert not Verification.objects.exists()


@pytest.mark.parametrize(("verdict", "reason"), [("ACCEPTED", " "), ("ACCEPTED", "x" * 301), ("MAYBE", "ja")])
def test_a_verdict_and_a_reason_are_asked_for(verdict, reason, doubtful, other_reviewer):
    with pytest.raises(InvalidInput):
        judge(doubtful, other_reviewer, verdict, reason)

    assert VisitOrder.objects.get().state == "SECOND_REVIEW"


def test_a_report_is_not_returned_to_an_agency_that_no_longer_holds_the_case(doubtful, other_reviewer):
    Placement.objects.update(state="RECALLED", ended_on=DONE.date())

    with pytest.raises(InvalidInput):
        judge(doubtful, other_reviewer, "RETURNED")


def test_it_is_judged_a_second_time_once_and_only_where_it_waits(doubtful, reviewer, other_reviewer, person):
    judge(doubtful, other_reviewer)

    with pytest.raises(StateConflict):
        judge(doubtful, person("REVIEWER", name="third"))
    with pytest.raises(StateConflict):
        review_report(report=doubtful, verdict="ACCEPTED", quality_score=90, note="", actor=other_reviewer, at=DONE)


def test_ordinary_faults_of_a_photograph_need_no_second_reviewer(make_report, reviewer):
    report = make_report(trust=0)
    Evidence.objects.update(
        signals=[{"signal": each, "weight": -20} for each in ("NO_METADATA", "POSITION_INACCURATE", "CLOCK_DRIFT")]
    )

    review_report(report=report, verdict="ACCEPTED", quality_score=90, note="", actor=reviewer, at=DONE)

    assert (VisitOrder.objects.get().state, ReportTrust.objects.get().level) == ("VERIFIED", "MEDIUM")
