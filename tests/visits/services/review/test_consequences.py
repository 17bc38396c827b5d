"""What an accepted report changes in its case."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from backoffice.core.errors import StateConflict
from cases.models import Account, BorrowerFlag, ContactAttempt, Decision, PromiseToPay, SuspicionSignal, Verification
from cases.rules.plans.affordability import UNKNOWN_MEANS
from cases.rules.plans.means import means_of
from cases.selectors.casework.plan_schedules import plan_schedule
from tests.cases.services.casework.test_suspicion import make_signal
from tests.factories.papers import make_paper
from tests.factories.portfolio import make_account, make_application, make_borrower
from tests.factories.visits import TODAY, VISIT_AT
from visits.models import CheckIn, Evidence, Review, VisitOrder
from visits.selectors.conduct import conduct_history
from visits.services.review.consequences import read_consequences
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


def test_a_file_that_is_locked_away_counts_neither_for_nor_against(make_report):
    report = make_report(sections=[("CAPACITY", "ABLE", Decimal("0.90"))], trust=0)
    paper = make_paper(section=report.sections.get(), kind="BANK_STATEMENT")
    Evidence.objects.filter(report=report).update(state="LOCKED")

    found = read_consequences(order=report.order, report=report, on=DONE.date())

    facts = {fact.section: fact for fact in found.facts}
    assert (facts["CAPACITY"].confidence, facts["CAPACITY"].evidence) == (Decimal("0.45"), (f"paper:{paper.pk}",))


@pytest.mark.parametrize(
    ("trust", "verdict", "confidence"),
    [
        (100, "ABLE", "0.90"),
        (40, "ABLE", "0.36"),
        # Nothing is left of the confidence, so nothing was established.
        (0, "NOT_ESTABLISHED", "0.00"),
        (None, "ABLE", "0.45"),
    ],
)
def test_confidence_is_scaled_by_the_trust_in_the_evidence(trust, verdict, confidence, make_report, reviewer):
    report = make_report(sections=[("CAPACITY", "ABLE", Decimal("0.90"))], trust=trust)
    paper = make_paper(section=report.sections.get(), kind="BANK_STATEMENT")

    judge(report, reviewer)

    fact = Verification.objects.get().facts.get(section="CAPACITY")
    assert (fact.verdict, fact.confidence) == (verdict, Decimal(confidence))
    assert (f"paper:{paper.pk}" in fact.evidence) == (verdict == "ABLE")


@pytest.mark.parametrize(("section", "verdict"), [("IDENTITY", "CONFIRMED"), ("CAPACITY", "ABLE"), ("CAUSE", "WILFUL")])
def test_four_good_photographs_and_no_paper_establish_no_person_no_means_and_no_will(
    section, verdict, make_report, reviewer
):
    report = make_report(sections=[(section, verdict, Decimal("0.95"))], trust=100)

    judge(report, reviewer)

    fact = Verification.objects.get().facts.get(section=section)
    assert (fact.verdict, fact.confidence, fact.evidence) == ("NOT_ESTABLISHED", Decimal(0), [])


def test_a_paper_that_has_run_out_by_the_day_of_the_review_establishes_nothing(make_report, reviewer):
    report = make_report(sections=[("CAPACITY", "ABLE", Decimal("0.90"))], trust=100)
    paper = make_paper(
        section=report.sections.get(),
        kind="VEHICLE_REGISTRATION",
        inspected_until=(DONE - timedelta(days=1)).date().isoformat(),
    )

    judge(report, reviewer)

    paper.refresh_from_db()
    assert Verification.objects.get().facts.get(section="CAPACITY").verdict == "NOT_ESTABLISHED"
    assert {"field": "inspected_until", "verdict": "OUT_OF_DATE", "reason": "LAPSED"} in paper.computed_at_review


@pytest.mark.parametrize(("consent", "kind", "verdict"), [
    (True, "AUDIO", "WILFUL"), (False, "AUDIO", "NOT_ESTABLISHED"), (True, "DOOR", "NOT_ESTABLISHED"),
])  # fmt: skip
def test_a_will_is_established_by_words_on_the_announced_recording_only(consent, kind, verdict, make_report, reviewer):
    report = make_report(
        sections=[("CAUSE", "WILFUL", Decimal("0.90"))], trust=80, recording_consent=consent, statement="有钱也不还。"
    )
    Evidence.objects.update(kind=kind)

    judge(report, reviewer)

    assert Verification.objects.get().facts.get(section="CAUSE").verdict == verdict


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
    assert (case.stage, Verification.objects.count()) == ("IN_WORK", 0)
    assert not ContactAttempt.objects.filter(channel="VISIT").exists()


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


def test_a_promise_at_the_door_is_for_the_account_with_the_most_arrears(make_report, reviewer, case):
    account = make_account(borrower=case.borrower, days_past_due=200, arrears_amount=Decimal(90_000))
    report = make_report(trust=90, promised_amount=Decimal("500.00"), promised_for=TODAY + timedelta(days=9))

    judge(report, reviewer)

    promise = PromiseToPay.objects.get()
    assert (promise.account, promise.amount, promise.promised_on, promise.due_on) == (
        account,
        Decimal("500.00"),
        VISIT_AT.date(),
        TODAY + timedelta(days=9),
    )
    assert (promise.state, promise.channel, promise.external_ref, promise.created_at) == (
        "OPEN",
        "VISIT",
        f"visit:{report.order}",
        DONE,
    )


def test_a_promise_of_a_borrower_without_an_account_is_left_out(make_report, reviewer, case):
    report = make_report(trust=90, promised_amount=Decimal(500), promised_for=TODAY)
    Account.objects.filter(borrower=case.borrower).update(borrower=make_borrower(territory=case.territory))

    judge(report, reviewer)

    assert not PromiseToPay.objects.exists()
    assert Verification.objects.count() == 1


@pytest.mark.parametrize(
    ("arrivals", "visited_at"),
    [
        ((), DONE),
        ((timedelta(minutes=1),), VISIT_AT + timedelta(minutes=1)),
        # The crew waited for each other: the last check-in counts.
        ((timedelta(minutes=1), timedelta(minutes=6, microseconds=1)), VISIT_AT + timedelta(minutes=6, microseconds=1)),
    ],
)
def test_a_visit_that_met_nobody_was_at_its_last_check_in_or_when_it_was_reported(
    make_report, pair, arrivals, visited_at
):
    report = make_report(findings=("F20",), person="NOBODY", verdict="DOUBTFUL", contact_started_at=None)
    for member, after in zip(pair, arrivals, strict=False):
        CheckIn.objects.create(
            order=report.order,
            member=member,
            moment="IN",
            external_ref=f"CI{member.pk}",
            point="31.230400,121.473700",
            distance_m=5,
            device_at=VISIT_AT,
            received_at=VISIT_AT + after,
            happened_at=VISIT_AT + after,
        )

    assert read_consequences(order=report.order, report=report, on=TODAY).visited_at == visited_at


def test_the_day_of_a_contact_at_night_is_the_one_at_the_address(make_report, reviewer, case):
    # 16:00 UTC is midnight in Shanghai.
    midnight = datetime(2026, 3, 3, 16, 0, 0, 1, tzinfo=UTC)

    judge(make_report(trust=90, contact_started_at=midnight, contact_ended_at=midnight), reviewer)

    assert Verification.objects.get().verified_on.isoformat() == "2026-03-04"
    assert case.borrower.addresses.get().last_verified_on.isoformat() == "2026-03-04"
    assert ContactAttempt.objects.get(channel="VISIT").attempted_at == midnight


def test_a_plan_that_follows_keeps_to_the_income_of_the_papers(make_report, reviewer, approver, case, client):
    make_application(borrower=case.borrower, employer="示例制造有限公司", monthly_expenses="5200.00")
    sure = Decimal("0.95")
    report = make_report(
        sections=[("IDENTITY", "CONFIRMED", sure), ("CAPACITY", "PARTLY_ABLE", sure), ("CAUSE", "TEMPORARY", sure)],
        trust=100,
    )
    sections = {each.section: each for each in report.sections.all()}
    make_paper(section=sections["IDENTITY"], kind="IDENTITY_CARD")
    make_paper(section=sections["CAPACITY"], kind="BANK_STATEMENT")
    make_paper(section=sections["CAUSE"], kind="HARDSHIP_PROOF")

    judge(report, reviewer)

    plan = Decision.objects.get(kind="PLAN")
    schedule = plan_schedule(account=plan.account, terms=plan.terms, starts_on=plan.business_date)
    # 70 % of the 2,800 that are left of 8,000.
    assert schedule.largest <= Decimal("1960.00")
    assert means_of(text=plan.means) == {
        "monthly_income": "8000.00",
        "monthly_expenses": "5200.00",
        "surplus": "2800.00",
        "affordable": "1960.00",
    }
    client.force_login(approver)
    client.cookies["django_language"] = "en"
    told = client.get(reverse("admin:cases_decision_change", args=[plan.pk])).content.decode()
    for words in ("CNY 8,000.00", "CNY 5,200.00", "CNY 2,800.00", "CNY 1,960.00", "papers found sound"):
        assert words in told, words


def test_papers_in_doubt_size_no_plan(make_report, case):
    report = make_report(sections=[("CAPACITY", "PARTLY_ABLE", Decimal("0.90"))], trust=100)
    make_paper(section=report.sections.get(), kind="BANK_STATEMENT", closing="1.00")

    assert read_consequences(order=report.order, report=report, on=DONE.date()).means == UNKNOWN_MEANS


def test_sound_papers_that_say_what_was_stated_clear_the_doubts_about_it(make_report, reviewer, case):
    make_application(borrower=case.borrower, employer="示例制造有限公司", monthly_income="8000.00")
    for kind in ("FALSE_EMPLOYER", "FALSE_INCOME"):
        make_signal(case.borrower, kind=kind, noticed_on=TODAY)
    report = make_report(sections=[("CAPACITY", "ABLE", Decimal("0.90"))], trust=90)
    make_paper(section=report.sections.get(), kind="INCOME_PROOF")

    judge(report, reviewer)

    answered = SuspicionSignal.objects.values_list("answer", "answered_in")
    assert list(answered) == [("CLEARED", str(report.order))] * 2
