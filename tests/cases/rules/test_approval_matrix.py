"""How far an officer's own proposal may go, and how many people approve a decision."""

from dataclasses import replace
from decimal import Decimal

import pytest
from django.utils import translation

from cases.enums import DecisionKind
from cases.rules.approval import AccountNow, ProposalView, StandingNow
from cases.rules.approval_matrix import MATRIX, approvals_needed, outside_envelope

ACCOUNT = AccountNow(
    status="ACTIVE",
    days_past_due=0,
    arrears_amount=Decimal(0),
    outstanding_principal=Decimal(40000),
    credit_limit=Decimal(60000),
    annual_rate=Decimal("0.18"),
)
RICH = replace(ACCOUNT, credit_limit=Decimal(500_000), outstanding_principal=Decimal(200_000))
NOTHING = StandingNow()


def proposal(kind, origin="OFFICER", reasons=("OFFICER_JUDGEMENT",), currency_rate="1", **terms):
    rate = None if currency_rate is None else Decimal(currency_rate)
    return ProposalView(kind=kind, origin=origin, reasons=reasons, terms=terms, currency_rate=rate)


def test_every_kind_of_decision_has_its_row():
    assert set(MATRIX) == set(DecisionKind)


@pytest.mark.parametrize(
    ("decision", "account", "standing", "expected"),
    [
        (proposal("LIMIT_INCREASE", limit="72000.00"), ACCOUNT, NOTHING, []),
        (proposal("LIMIT_INCREASE", limit="72000.01"), ACCOUNT, NOTHING, ["SHARE_TOO_LARGE"]),
        (proposal("LIMIT_INCREASE", limit="9999999.00"), ACCOUNT, NOTHING, ["SHARE_TOO_LARGE"]),
        (proposal("LIMIT_INCREASE", limit="550000.00"), RICH, NOTHING, []),
        (proposal("LIMIT_INCREASE", limit="550000.01"), RICH, NOTHING, ["AMOUNT_TOO_LARGE"]),
        (proposal("LIMIT_INCREASE", limit="550000.01", currency_rate="4.4"), RICH, NOTHING, []),
        (proposal("LIMIT_INCREASE", limit="505000.00", currency_rate=None), RICH, NOTHING, ["AMOUNT_TOO_LARGE"]),
        (proposal("LIMIT_INCREASE", limit="66000.00"), ACCOUNT, StandingNow(overdue_lately=True), ["OVERDUE_LATELY"]),
        (proposal("LIMIT_INCREASE", "STANDING", limit="90000.00"), ACCOUNT, StandingNow(overdue_lately=True), []),
        (proposal("GRACE", days=90), ACCOUNT, NOTHING, []),
        (proposal("GRACE", days=91), ACCOUNT, NOTHING, ["DAYS_TOO_MANY"]),
        (proposal("RATE_RELIEF", rate="0.17500", days=180), ACCOUNT, NOTHING, []),
        (proposal("RATE_RELIEF", rate="0.17500", days=181), ACCOUNT, NOTHING, ["DAYS_TOO_MANY"]),
    ],
)
def test_an_officer_proposes_within_the_envelope_only(decision, account, standing, expected):
    found = outside_envelope(decision=decision, account=account, standing=standing)

    assert [refusal.code for refusal in found] == expected


def test_the_words_name_the_bound():
    decision = proposal("LIMIT_INCREASE", limit="90000.00")

    with translation.override("en"):
        found = outside_envelope(decision=decision, account=ACCOUNT, standing=StandingNow(overdue_lately=True))
        words = [str(refusal.text) for refusal in found]

    assert words == [
        "An officer raises a limit by at most 20 %.",
        "The account was overdue in the last 90 days; its limit is not raised.",
    ]


@pytest.mark.parametrize(
    ("decision", "account", "expected"),
    [
        (proposal("LIMIT_INCREASE", limit="66000.00"), ACCOUNT, 1),
        (proposal("LIMIT_INCREASE", limit="66000.01"), ACCOUNT, 2),
        (proposal("LIMIT_INCREASE", limit="519999.99"), RICH, 1),
        (proposal("LIMIT_INCREASE", limit="520000.00"), RICH, 2),
        (proposal("LIMIT_INCREASE", limit="505000.00", currency_rate=None), RICH, 2),
        # People approved the rules of the policy that gives it.
        (proposal("LIMIT_INCREASE", "STANDING", limit="90000.00"), ACCOUNT, 1),
        (proposal("RATE_REDUCTION", rate="0.17000"), ACCOUNT, 1),
        (proposal("RATE_REDUCTION", rate="0.16999"), ACCOUNT, 2),
        (proposal("RATE_RELIEF", rate="0.17000", days=90), ACCOUNT, 1),
        (proposal("RATE_RELIEF", rate="0.16999", days=90), ACCOUNT, 2),
        (proposal("RATE_RELIEF", rate="0.17000", days=91), ACCOUNT, 2),
        (proposal("LIMIT_CUT", "STANDING", limit="30000.00"), ACCOUNT, 1),
        (proposal("LIMIT_CUT", "STANDING", limit="29999.00"), ACCOUNT, 2),
        (proposal("LIMIT_CUT", "STANDING", limit="450000.00"), RICH, 2),
        (proposal("LEGAL"), ACCOUNT, 1),
        (proposal("LEGAL"), RICH, 2),
        (proposal("LEGAL", "VERIFICATION", ("ABLE_WITH_EVIDENCE", "WILFUL_WITH_EVIDENCE")), ACCOUNT, 2),
        (proposal("FREEZE"), RICH, 1),
        (proposal("FREEZE", "VERIFICATION", ("ABLE_WITH_EVIDENCE", "WILFUL_WITH_EVIDENCE")), ACCOUNT, 2),
        (proposal("LIMIT_CUT", "VERIFICATION", ("WILFUL_WITH_EVIDENCE",), limit="50000.00"), ACCOUNT, 2),
        (proposal("GRACE", days=60), ACCOUNT, 1),
        (proposal("GRACE", days=61), ACCOUNT, 2),
        (proposal("PLAN", total="199999.99", instalments=36), ACCOUNT, 1),
        (proposal("PLAN", total="200000.00", instalments=36), ACCOUNT, 2),
        (proposal("PLAN", total="1000.00", instalments=37), ACCOUNT, 2),
        (proposal("SPECIAL_CARE"), RICH, 1),
        (proposal("CLOSE"), RICH, 1),
    ],
)
def test_one_or_two_people_approve(decision, account, expected):
    assert approvals_needed(decision=decision, account=account, standing=NOTHING) == expected


def test_the_points_of_all_standing_reductions_count_together():
    decision = proposal("RATE_REDUCTION", rate="0.17500")

    assert approvals_needed(decision=decision, account=ACCOUNT, standing=StandingNow(reduced=Decimal("0.005"))) == 1
    assert approvals_needed(decision=decision, account=ACCOUNT, standing=StandingNow(reduced=Decimal("0.006"))) == 2


WAIVED = {"part": "PENALTY", "due": "800.00", "amount": "800.00", "pay": "31200.00", "settle_by": "2026-03-22"}
LATE = replace(ACCOUNT, days_past_due=95, arrears_amount=Decimal(32000))


@pytest.mark.parametrize(
    ("changes", "standing", "expected"),
    [
        ({}, NOTHING, 1),
        ({"due": "5000", "amount": "4999.99", "pay": "27000.01"}, NOTHING, 1),
        ({"due": "5000", "amount": "5000", "pay": "27000"}, NOTHING, 2),
        ({"part": "INTEREST", "amount": "240", "pay": "31760"}, NOTHING, 1),
        ({"part": "INTEREST", "amount": "240.01", "pay": "31759.99"}, NOTHING, 2),
        ({"pay": "31199.99"}, NOTHING, 2),
        ({}, StandingNow(waived_lately=True), 2),
    ],
)
def test_two_people_approve_a_waiver_that_is_large_deep_partial_or_not_the_first(changes, standing, expected):
    decision = proposal("WAIVER", **WAIVED | changes)

    assert approvals_needed(decision=decision, account=LATE, standing=standing) == expected
