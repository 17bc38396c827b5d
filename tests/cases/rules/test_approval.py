"""Whether what a decision says still fits the account when somebody approves it."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from cases.rules.approval import AccountNow, ProposalView, StandingNow, UpheldAppeal, still_true
from cases.rules.waivers import KnownParts

ON = date(2026, 3, 2)
CURRENT = AccountNow(
    status="ACTIVE",
    days_past_due=0,
    arrears_amount=Decimal(0),
    outstanding_principal=Decimal(40000),
    credit_limit=Decimal(60000),
    annual_rate=Decimal("0.18"),
)
LATE = replace(CURRENT, days_past_due=95, arrears_amount=Decimal(32000))
NOTHING = StandingNow()


def proposal(kind, origin="STANDING", reasons=("RULE",), **terms):
    return ProposalView(kind=kind, origin=origin, reasons=reasons, terms=terms)


def codes(decision, account, standing=NOTHING, on=ON):
    return [refusal.code for refusal in still_true(decision=decision, account=account, standing=standing, on=on)]


@pytest.mark.parametrize(
    ("decision", "account", "expected"),
    [
        (proposal("LIMIT_INCREASE", limit="66000.00"), CURRENT, []),
        # The core raised or cut the limit meanwhile.
        (proposal("LIMIT_INCREASE", limit="66000.00"), replace(CURRENT, credit_limit=Decimal(80000)), ["NOT_RAISED"]),
        (proposal("LIMIT_INCREASE", limit="66000.00"), replace(CURRENT, credit_limit=Decimal(66000)), ["NOT_RAISED"]),
        (
            proposal("LIMIT_INCREASE", limit="66000.00"),
            replace(CURRENT, credit_limit=Decimal(20000)),
            ["RAISED_TOO_FAR"],
        ),
        (proposal("LIMIT_INCREASE", limit="90000.00"), CURRENT, []),
        (proposal("LIMIT_INCREASE", limit="90000.01"), CURRENT, ["RAISED_TOO_FAR"]),
        (proposal("LIMIT_INCREASE", limit="66000.00"), LATE, ["OVERDUE"]),
        (proposal("LIMIT_INCREASE", limit="66000.00"), replace(CURRENT, days_past_due=1), ["OVERDUE"]),
        (proposal("LIMIT_INCREASE", limit="66000.00"), replace(CURRENT, arrears_amount=Decimal("0.01")), ["OVERDUE"]),
        (proposal("LIMIT_INCREASE", limit="66000.00"), replace(CURRENT, status="FROZEN"), []),
        (proposal("LIMIT_INCREASE", limit="66000.00"), replace(CURRENT, status="CLOSED"), ["ACCOUNT_ENDED"]),
        (proposal("RATE_REDUCTION", rate="0.17500"), CURRENT, []),
        (
            proposal("RATE_REDUCTION", rate="0.17500"),
            replace(CURRENT, annual_rate=Decimal("0.10")),
            ["RATE_NOT_LOWERED"],
        ),
        (proposal("RATE_REDUCTION", rate="0.15000"), CURRENT, []),
        (proposal("RATE_REDUCTION", rate="0.14999"), CURRENT, ["RATE_LOWERED_TOO_FAR"]),
        (proposal("RATE_REDUCTION", rate="0.24001"), replace(CURRENT, annual_rate=Decimal("0.25")), ["RATE_OVER_CAP"]),
        (proposal("RATE_REDUCTION", rate="0.17500"), LATE, ["OVERDUE"]),
        (proposal("LIMIT_CUT", limit="30000.00"), LATE, []),
        (proposal("LIMIT_CUT", limit="30000.00"), replace(LATE, credit_limit=Decimal(20000)), ["NOT_LOWERED"]),
        (proposal("LIMIT_CUT", limit="30000.00"), replace(LATE, arrears_amount=Decimal(0)), ["PAID"]),
        (proposal("LIMIT_CUT", limit="30000.00"), replace(LATE, status="WRITTEN_OFF"), ["ACCOUNT_ENDED"]),
        (proposal("FREEZE", status="FROZEN"), LATE, []),
        (proposal("FREEZE", status="FROZEN"), replace(LATE, status="FROZEN"), ["STATUS_CHANGED"]),
        (proposal("LEGAL"), replace(LATE, arrears_amount=Decimal(0)), ["PAID"]),
        (proposal("LEGAL"), replace(LATE, status="WRITTEN_OFF"), []),
        (proposal("LEGAL"), replace(LATE, status="CLOSED"), ["ACCOUNT_ENDED"]),
        (proposal("GRACE", days=30), LATE, []),
        (proposal("GRACE", days=30), replace(LATE, status="CLOSED"), ["ACCOUNT_ENDED"]),
        (proposal("RATE_RELIEF", rate="0.17000"), LATE, []),
        (proposal("RATE_RELIEF", rate="0.15000"), LATE, []),
        (proposal("RATE_RELIEF", rate="0.14999"), LATE, ["RATE_LOWERED_TOO_FAR"]),
        (proposal("RATE_RELIEF", rate="0.17000"), CURRENT, ["PAID"]),
        (proposal("RATE_RELIEF", rate="0.17000"), replace(LATE, annual_rate=Decimal("0.16")), ["RATE_NOT_LOWERED"]),
        (proposal("RATE_RELIEF", rate="0.24001"), replace(LATE, annual_rate=Decimal("0.25")), ["RATE_OVER_CAP"]),
        (proposal("RATE_RELIEF", rate="0.17000"), replace(LATE, status="WRITTEN_OFF"), ["ACCOUNT_ENDED"]),
        (proposal("PLAN", annual_rate="0.18000"), LATE, []),
        (proposal("PLAN", annual_rate="0.18000"), replace(LATE, annual_rate=Decimal("0.15")), ["PLAN_RATE_RISES"]),
        (proposal("CLOSE", close_reason="CURED"), CURRENT, []),
        (proposal("CLOSE", close_reason="CURED"), LATE, ["OVERDUE_AGAIN"]),
        (proposal("CLOSE", close_reason="DECISION"), replace(LATE, status="CLOSED"), []),
    ],
)
def test_a_decision_is_refused_once_the_account_has_changed(decision, account, expected):
    assert codes(decision, account) == expected


@pytest.mark.parametrize("kind", ["LEGAL", "FREEZE", "LIMIT_CUT"])
@pytest.mark.parametrize(
    ("standing", "expected"),
    [
        (StandingNow(on_plan=True), ["ON_PLAN"]),
        (StandingNow(in_grace=True), ["IN_GRACE"]),
        (StandingNow(in_care=True), ["IN_CARE"]),
        (StandingNow(protected=True), ["PROTECTED"]),
    ],
)
def test_nothing_is_taken_while_help_or_protection_stands(kind, standing, expected):
    assert codes(proposal(kind, limit="30000.00"), LATE, standing) == expected


@pytest.mark.parametrize("kind", ["LIMIT_INCREASE", "RATE_REDUCTION"])
def test_help_and_protection_cost_no_reward(kind):
    standing = StandingNow(in_grace=True, in_care=True, protected=True, on_plan=True)

    assert codes(proposal(kind, limit="66000.00", rate="0.17500"), CURRENT, standing) == []


def test_relief_of_the_rate_adds_to_other_help_but_not_to_a_plan():
    relief = proposal("RATE_RELIEF", rate="0.17000")

    assert codes(relief, LATE, StandingNow(in_grace=True, in_care=True, protected=True)) == []
    assert codes(relief, LATE, StandingNow(on_plan=True)) == ["ON_PLAN"]
    assert codes(relief, LATE, StandingNow(reduced=Decimal("0.02001"))) == ["RATE_LOWERED_TOO_FAR"]


def test_a_limit_is_raised_for_nobody_who_cannot_accept_it_and_the_rate_is_still_cut():
    standing = StandingNow(no_increase=True)

    assert codes(proposal("LIMIT_INCREASE", limit="66000.00"), CURRENT, standing) == ["NOBODY_TO_ACCEPT"]
    assert codes(proposal("RATE_REDUCTION", rate="0.17500"), CURRENT, standing) == []


def test_a_limit_is_not_raised_while_a_cut_of_it_stands():
    standing = StandingNow(limit_is_cut=True)

    assert codes(proposal("LIMIT_INCREASE", limit="66000.00"), CURRENT, standing) == ["CUT_STANDS"]
    assert codes(proposal("RATE_REDUCTION", rate="0.17500"), CURRENT, standing) == []


@pytest.mark.parametrize(
    ("reduced", "expected"),
    [("0.02500", []), ("0.02501", ["RATE_LOWERED_TOO_FAR"]), ("0.03", ["RATE_LOWERED_TOO_FAR"])],
)
def test_all_standing_reductions_together_keep_to_three_points(reduced, expected):
    standing = StandingNow(reduced=Decimal(reduced))

    assert codes(proposal("RATE_REDUCTION", rate="0.17500"), CURRENT, standing) == expected


@pytest.mark.parametrize(
    ("origin", "may_pass", "expected"),
    [
        ("STANDING", False, ["ABOVE_OLD_LIMIT"]),
        ("STANDING", True, []),
        ("OFFICER", True, ["ABOVE_OLD_LIMIT"]),
    ],
)
def test_the_limit_before_the_default_is_passed_by_a_policy_after_twelve_payments_only(origin, may_pass, expected):
    account = replace(CURRENT, pre_default_limit=Decimal(65000))
    standing = StandingNow(may_pass_old_limit=may_pass)

    assert codes(proposal("LIMIT_INCREASE", origin, limit="66000.00"), account, standing) == expected
    assert codes(proposal("LIMIT_INCREASE", origin, limit="65000.00"), account, standing) == []


APPEAL = UpheldAppeal(kind="LIMIT_CUT", reasons=("LONG_OVERDUE_LIMIT",), answered_on=ON)


@pytest.mark.parametrize(
    ("kind", "reasons", "days", "expected"),
    [
        ("LIMIT_CUT", ("LONG_OVERDUE_LIMIT",), 0, ["BARRED"]),
        ("LIMIT_CUT", ("OTHER_RULE", "LONG_OVERDUE_LIMIT"), 180, ["BARRED"]),
        ("LIMIT_CUT", ("LONG_OVERDUE_LIMIT",), 181, []),
        ("LIMIT_CUT", ("OTHER_RULE",), 0, []),
        # An officer's judgement names no ground of its own.
        ("LIMIT_CUT", ("OFFICER_JUDGEMENT",), 0, ["BARRED"]),
        ("LEGAL", ("LONG_OVERDUE_LIMIT",), 0, []),
    ],
)
def test_an_upheld_appeal_bars_its_kind_and_ground_for_a_time(kind, reasons, days, expected):
    decision = proposal(kind, reasons=reasons, limit="30000.00")

    assert codes(decision, LATE, StandingNow(appeals=(APPEAL,)), ON + timedelta(days=days)) == expected


def test_the_words_say_until_when_the_bar_lasts():
    decision = proposal("LIMIT_CUT", reasons=("LONG_OVERDUE_LIMIT",), limit="30000.00")

    with translation.override("en"):
        found = still_true(decision=decision, account=LATE, standing=StandingNow(appeals=(APPEAL,)), on=ON)
        words = [str(refusal.text) for refusal in found]

    assert words == ["An appeal against such a decision was upheld; the same is not decided again up to Aug. 29, 2026."]


def test_an_upheld_appeal_keeps_no_help_away():
    appeal = UpheldAppeal(kind="GRACE", reasons=("HARDSHIP",), answered_on=ON)

    assert codes(proposal("GRACE", reasons=("HARDSHIP",)), LATE, StandingNow(appeals=(appeal,))) == []


WAIVED = {"part": "PENALTY", "due": "800.00", "amount": "800.00", "pay": "31200.00", "settle_by": "2026-03-22"}


@pytest.mark.parametrize(
    ("changes", "account", "standing", "expected"),
    [
        ({}, LATE, NOTHING, []),
        ({}, replace(LATE, status="WRITTEN_OFF"), NOTHING, []),
        ({}, replace(LATE, status="CLOSED"), NOTHING, ["ACCOUNT_ENDED"]),
        ({}, CURRENT, NOTHING, ["PAID", "MORE_THAN_DUE", "PAYS_TOO_MUCH"]),
        ({}, LATE, StandingNow(on_plan=True), ["ON_PLAN"]),
        ({}, LATE, StandingNow(waiver_waits=True), ["WAIVER_WAITS"]),
        ({}, LATE, StandingNow(known_parts=KnownParts(penalty=Decimal(1))), ["MORE_THAN_DUE"]),
        ({"settle_by": "2026-03-01"}, LATE, NOTHING, ["DAY_OUT_OF_RANGE"]),
        # Help, protection and hardship keep no waiver away.
        ({}, LATE, StandingNow(in_care=True, in_grace=True, protected=True, waived_lately=True), []),
    ],
)
def test_a_waiver_is_refused_once_it_no_longer_fits(changes, account, standing, expected):
    assert codes(proposal("WAIVER", origin="OFFICER", **WAIVED | changes), account, standing) == expected
