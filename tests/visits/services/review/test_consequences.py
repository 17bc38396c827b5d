"""What an accepted report changes in its case."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backoffice.core.errors import StateConflict
from cases.models import BorrowerFlag, ContactAttempt, Verification
from tests.factories.visits import VISIT_AT
from visits.models import Review, VisitOrder
from visits.selectors.conduct import conduct_history
from visits.services.review.review import review_report

DONE = VISIT_AT + timedelta(hours=3)


def judge(report, actor, verdict="ACCEPTED", score=90):
    return review_report(report=report, verdict=verdict, quality_score=score, note="", actor=actor, at=DONE)


@pytest.mark.parametrize(
    ("findings", "met", "verdict", "outcome", "address", "residence", "flag"),
    [
        (("F01",), "BORROWER", "VALID", "RIGHT_PARTY", "VALID", "CONFIRMED", None),
        (("F02",), "BORROWER", "VALID", "RIGHT_PARTY", "VALID", "CONFIRMED", "HARDSHIP"),
        (("F03",), "BORROWER", "VALID", "RIGHT_PARTY", "VALID", "CONFIRMED", "DISPUTED"),
        (("F05",), "BORROWER", "VALID", "RIGHT_PARTY", "VALID", "CONFIRMED", "VULNERABLE"),
        (("F10",), "FAMILY_ADULT", "DOUBTFUL", "THIRD_PARTY", "UNKNOWN", "NOT_ESTABLISHED", None),
        (("F20",), "NOBODY", "DOUBTFUL", "NO_ANSWER", "UNKNOWN", "NOT_ESTABLISHED", None),
        (("F22",), "NEIGHBOUR", "INVALID", "THIRD_PARTY", "INVALID", "REFUTED", None),
        (("F24",), "NOBODY", "INVALID", "NO_ANSWER", "INVALID", "REFUTED", None),
        (("F30",), "NEIGHBOUR", "DOUBTFUL", "THIRD_PARTY", "UNKNOWN", "NOT_ESTABLISHED", "DECEASED"),
        (("F50",), "BORROWER", "VALID", "RIGHT_PARTY", "VALID", "CONFIRMED", "FRAUD_CLAIM"),
    ],
)
def test_what_each_finding_means_below(
    findings, met, verdict, outcome, address, residence, flag, make_report, reviewer, case
):
    report = make_report(findings=findings, person=met, verdict=verdict, trust=80)

    judge(report, reviewer)

    contact = ContactAttempt.objects.get(channel="VISIT")
    verification = Verification.objects.get()
    assert (contact.outcome, contact.right_party) == (outcome, outcome == "RIGHT_PARTY")
    # The same for whatever was found.
    assert contact.cost == VisitOrder.objects.get().fee == Decimal("220.00")
    assert case.borrower.addresses.get().verdict == address
    assert verification.facts.get(section="RESIDENCE").verdict == residence
    assert list(BorrowerFlag.objects.values_list("kind", flat=True)) == ([flag] if flag else [])
    assert verification.findings == list(findings)


@pytest.mark.parametrize(("trust", "confidence"), [(100, "0.90"), (40, "0.36"), (0, "0.00"), (None, "0.45")])
def test_confidence_is_scaled_by_the_trust_in_the_evidence(trust, confidence, make_report, reviewer):
    report = make_report(sections=[("CAPACITY", "ABLE", Decimal("0.90"))], trust=trust)

    judge(report, reviewer)

    assert Verification.objects.get().facts.get(section="CAPACITY").confidence == Decimal(confidence)


def test_a_refusal_to_talk_is_neutral_and_starts_the_cool_off(make_report, reviewer, case):
    report = make_report(findings=("F04",), trust=90)

    judge(report, reviewer)

    verification = Verification.objects.get()
    assert (verification.right_party_met, verification.cooperative) == (True, False)
    known = conduct_history(borrower_id=case.borrower_id, at=DONE)
    assert known.history.talk_refused_at == VISIT_AT + timedelta(minutes=9)
    assert not BorrowerFlag.objects.exists()


def test_a_visit_that_turned_back_establishes_nothing(make_report, reviewer, case):
    report = make_report(findings=("F41",), person="NOBODY", verdict="DOUBTFUL")

    judge(report, reviewer)

    case.refresh_from_db()
    assert (case.stage, Verification.objects.count(), ContactAttempt.objects.count()) == ("IN_WORK", 0, 0)


def test_a_failure_below_leaves_nothing_above(make_report, reviewer):
    report = make_report(trust=90)
    # The contact of this visit stands already: recording it again must fail the whole acceptance.
    ContactAttempt.objects.create(
        borrower=report.order.case.borrower,
        external_ref=f"visit:{report.order}",
        channel="VISIT",
        outcome="NO_ANSWER",
        attempted_at=VISIT_AT,
        created_at=VISIT_AT,
    )

    with pytest.raises(StateConflict):
        judge(report, reviewer)

    assert VisitOrder.objects.get().state == "REPORTED"
    assert (Review.objects.count(), Verification.objects.count()) == (0, 0)
