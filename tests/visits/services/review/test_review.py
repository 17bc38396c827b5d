"""Judging a report: four eyes, all or nothing, and what each finding means below."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from cases.models import BorrowerFlag, ContactAttempt, Verification
from tests.factories.visits import VISIT_AT, make_order
from visits.models import Evidence, Placement, PriceCard, ReportSection, Review, VisitOrder, VisitReport
from visits.selectors.conduct import conduct_history
from visits.services.review.review import review_report

DONE = VISIT_AT + timedelta(hours=3)


@pytest.fixture
def make_report(case, placement, approver, pair, coordinator):
    def make(*, findings=("F01",), person="BORROWER", verdict="VALID", sections=(), trust=None, **fields):
        order = make_order(case=case, placement=placement, state="REPORTED", approver=approver, pair=pair)
        report = VisitReport.objects.create(
            **{
                "order": order,
                "external_ref": f"R{order.pk}",
                "findings": list(findings),
                "person_met": person,
                "address_verdict": verdict,
                "recommendation": "CLOSE",
                "submitted_by": coordinator,
                "submitted_at": DONE,
                "created_at": DONE,
                "contact_started_at": VISIT_AT,
                "contact_ended_at": VISIT_AT + timedelta(minutes=9),
            }
            | fields
        )
        for section, fact, confidence in sections:
            ReportSection.objects.create(report=report, section=section, verdict=fact, confidence=confidence)
        if trust is not None:
            Evidence.objects.create(
                report=report,
                external_ref=f"E{order.pk}",
                kind="DOOR",
                media_type="image/jpeg",
                byte_count=1,
                sha256="0" * 64,
                trust_score=trust,
                state="READ",
                read_at=DONE,
                updated_at=DONE,
                received_at=DONE,
            )
        return report

    return make


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
