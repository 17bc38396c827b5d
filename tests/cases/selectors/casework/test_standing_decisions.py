"""What stands for an account: the same answers for the pure rules and for the standing job's SQL."""

from datetime import timedelta
from decimal import Decimal
from itertools import product

import pytest

from cases.models import AccountFacts, Complaint, Decision, RepaymentPlan, Statement, TermsMeasure
from cases.rules.approval import StandingNow, UpheldAppeal
from cases.selectors.casework.approvals import judge_decisions
from cases.selectors.casework.standing_decisions import barred, reward_still_true, standing_of, upheld_appeals
from cases.services.casework.circumstances import protect
from tests.factories.casework import AT, TODAY, make_decision
from tests.factories.portfolio import make_account, make_borrower, make_overdue
from tests.factories.standing import judge, make_good, version_with


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def standing(account, on=TODAY):
    return standing_of(accounts=[account.pk], on=on)[account.pk]


def in_force(account, kind, approver, state="ACKNOWLEDGED", **fields):
    return make_decision(account=account, kind=kind, state=state, approved_by=approver, approved_at=AT, **fields)


def reduce_rate(account, approver, before, after, **fields):
    return TermsMeasure.objects.create(
        account=account,
        decision=in_force(account, "RATE_REDUCTION", approver),
        field="RATE",
        mode="REDUCTION",
        amount=Decimal(before) - Decimal(after),
        began_at=AT,
        **fields,
    )


def uphold(decision, at=AT):
    return Complaint.objects.create(
        borrower=decision.borrower,
        decision=decision,
        kind="APPEAL",
        state="UPHELD",
        received_at=at,
        answer_due_on=TODAY,
        answered_at=at,
        created_at=at,
        updated_at=at,
    )


def test_nothing_stands_for_a_new_account(account):
    assert standing(account) == StandingNow()


def test_grace_and_care_stand_until_their_last_day(account, approver):
    in_force(account, "GRACE", approver, expires_on=TODAY)
    in_force(account, "SPECIAL_CARE", approver, expires_on=TODAY, state="APPROVED")

    assert standing(account) == StandingNow(in_grace=True, in_care=True)
    assert standing(account, TODAY + timedelta(days=1)) == StandingNow()


@pytest.mark.parametrize("state", ["PROPOSED", "REJECTED", "EXPIRED", "REVERSED"])
def test_help_that_is_proposed_or_has_ended_does_not_stand(account, approver, state):
    in_force(account, "GRACE", approver, state=state)

    assert standing(account) == StandingNow()


@pytest.mark.parametrize(("state", "kept"), [("PROPOSED", False), ("ACTIVE", True), ("BROKEN", False)])
def test_an_agreed_plan_stands_and_an_offer_does_not(account, approver, state, kept):
    RepaymentPlan.objects.create(
        account=account,
        decision=in_force(account, "PLAN", approver),
        state=state,
        total_amount=Decimal(1000),
        annual_rate=Decimal("0.18"),
        starts_on=TODAY,
        agreement_ref="REC-1",
        created_at=AT,
        updated_at=AT,
    )

    assert standing(account) == StandingNow(on_plan=kept)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("HARDSHIP", StandingNow(protected=True)),
        ("REPRESENTED", StandingNow()),
        ("DECEASED", StandingNow(protected=True, no_increase=True)),
        ("FRAUD_CLAIM", StandingNow(protected=True, no_increase=True)),
    ],
)
def test_circumstances_stand_for_the_person(shanghai, account, kind, expected):
    protect(borrower=account.borrower, kind=kind, source="CALL", actor=None, at=AT)

    assert (standing(account), standing(make_overdue(territory=shanghai))) == (expected, StandingNow())


@pytest.mark.parametrize(
    ("fields", "reduced"),
    [({}, "0.00500"), ({"suspended_at": AT}, "0.00500"), ({"ended_at": AT, "end_reason": "REVERSED"}, "0")],
)
def test_reductions_count_until_they_end(account, approver, fields, reduced):
    reduce_rate(account, approver, "0.18000", "0.17500", **fields)

    assert standing(account) == StandingNow(reduced=Decimal(reduced))


@pytest.mark.parametrize(("fields", "cut"), [({}, True), ({"ended_at": AT, "end_reason": "EXPIRED"}, False)])
def test_a_cut_stands_until_it_ends(account, approver, fields, cut):
    TermsMeasure.objects.create(
        account=account,
        decision=in_force(account, "LIMIT_CUT", approver),
        field="LIMIT",
        mode="CAP",
        amount=Decimal(30000),
        began_at=AT,
        **fields,
    )

    assert standing(account) == StandingNow(limit_is_cut=cut)


def test_several_reductions_are_one_sum(account, approver):
    reduce_rate(account, approver, "0.19000", "0.18500")
    reduce_rate(account, approver, "0.18500", "0.18000")

    assert standing(account) == StandingNow(reduced=Decimal("0.01"))


@pytest.mark.parametrize(("days_back", "late"), [(0, True), (89, True), (150, False)])
def test_a_late_statement_counts_for_ninety_days(account, days_back, late):
    period = (TODAY - timedelta(days=days_back)).replace(day=1)
    Statement.objects.create(account=account, period=period, days_past_due=12)

    assert standing(account) == StandingNow(overdue_lately=late)


def test_standing_of_costs_the_same_for_one_and_three(shanghai, django_assert_num_queries):
    accounts = [make_overdue(territory=shanghai).pk for _number in range(3)]

    # what stands, appeals
    for some in (accounts[:1], accounts):
        with django_assert_num_queries(2):
            assert standing_of(accounts=some, on=TODAY) == dict.fromkeys(some, StandingNow())


def test_an_upheld_appeal_is_known_for_its_account_while_it_bars(shanghai, account, approver):
    cut = in_force(account, "LIMIT_CUT", approver, state="REVERSED", reasons=["LOSS0"])
    uphold(cut)
    other = make_overdue(territory=shanghai)
    wanted = {account.pk: (UpheldAppeal(kind="LIMIT_CUT", reasons=("LOSS0",), answered_on=TODAY),)}

    assert upheld_appeals(accounts=[account.pk, other.pk], on=TODAY + timedelta(days=180)) == wanted
    assert upheld_appeals(accounts=[account.pk, other.pk], on=TODAY + timedelta(days=181)) == {}


@pytest.mark.parametrize("kind", ["LIMIT_CUT", "FREEZE"])
@pytest.mark.parametrize("reason", ["LOSS0", "LOSS1", "OFFICER_JUDGEMENT"])
@pytest.mark.parametrize("days", [0, 180, 181])
def test_the_sql_of_the_bar_says_what_the_rule_says(account, approver, kind, reason, days):
    cut = in_force(account, "LIMIT_CUT", approver, state="REVERSED", reasons=["LOSS0"])
    uphold(cut)
    appeal = UpheldAppeal(kind="LIMIT_CUT", reasons=("LOSS0",), answered_on=TODAY)
    on = TODAY + timedelta(days=days)

    by_sql = Decision.objects.filter(barred(kind=kind, reason=reason, on=on)).exists()

    assert by_sql is appeal.bars(kind=kind, reasons=[reason], on=on)


def test_the_sql_of_rewards_says_what_the_rule_says(shanghai, approver):
    """Each account differs from a good one in two things, so that each condition decides somewhere."""
    version = version_with()
    changes = (
        {},
        {"days_past_due": 1},
        {"arrears_amount": Decimal("0.01")},
        {"status": "CLOSED"},
        {"status": "FROZEN"},
        {"credit_limit": Decimal(20000)},
        {"credit_limit": Decimal("43950.00")},
        {"credit_limit": Decimal("44100.00")},
        {"credit_limit": Decimal(66000)},
        {"annual_rate": Decimal("0.17500")},
        {"annual_rate": Decimal("0.20500")},
        {"annual_rate": Decimal("0.20501")},
        {"annual_rate": Decimal("0.10000")},
        {"pre_default_limit": Decimal(66000)},
        {"pre_default_limit": Decimal(65999)},
    )
    around = ("nothing", "flag", "reduced", "paid long")
    for change, what in product(changes, around):
        account = make_account(borrower=make_borrower(territory=shanghai), **change)
        if what == "flag":
            protect(borrower=account.borrower, kind="DECEASED", source="CALL", actor=None, at=AT)
        if what == "reduced":
            reduce_rate(account, approver, "0.19000", "0.18500")
        make_decision(account=account, kind="LIMIT_INCREASE", policy_version=version)
        make_decision(account=account, kind="RATE_REDUCTION", policy_version=version)
        if what == "paid long":
            account.borrower.external_ref = f"LONG{account.pk}"
            account.borrower.save()
    judge(version)
    AccountFacts.objects.filter(borrower__external_ref__startswith="LONG").update(on_time_months=12)
    proposed = Decision.objects.filter(state="PROPOSED")

    by_rule = judge_decisions(decisions=proposed.select_related("account"), on=TODAY)
    by_sql = proposed.filter(
        reward_still_true(max_limit_percent=Decimal(50), rate_max=Decimal("0.03"), on=TODAY)
    ).values_list("pk", flat=True)

    assert set(by_sql) == {pk for pk, judged in by_rule.items() if not judged.refusals}
    assert {refusal.code for judged in by_rule.values() for refusal in judged.refusals} == {
        "OVERDUE",
        "ACCOUNT_ENDED",
        "RAISED_TOO_FAR",
        "NOT_RAISED",
        "RATE_NOT_LOWERED",
        "RATE_LOWERED_TOO_FAR",
        "ABOVE_OLD_LIMIT",
        "NOBODY_TO_ACCEPT",
    }
    assert 20 < len(by_sql) < len(by_rule) - 20


def test_the_sql_of_rewards_keeps_to_the_cap_on_rates(shanghai):
    account = make_good(shanghai, annual_rate=Decimal("0.26"))
    decision = make_decision(account=account, kind="RATE_REDUCTION", terms={"rate": "0.24500"})

    fits = reward_still_true(max_limit_percent=Decimal(50), rate_max=Decimal("0.03"), on=TODAY)

    assert not Decision.objects.filter(fits).exists()
    codes = [r.code for r in judge_decisions(decisions=[decision], on=TODAY)[decision.pk].refusals]
    assert codes == ["RATE_OVER_CAP"]
