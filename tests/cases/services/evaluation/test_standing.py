"""Rewards under the policy, restrictions before a person, each in set-based statements."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from backoffice.outbox.models import OutboxEvent
from cases.models import Account, Decision, PolicyVersion, TermsChange
from cases.rules.policy.default import DEFAULT_POLICY
from cases.rules.standing import cut_limit, lowered_rate, raised_limit
from cases.services.casework.circumstances import protect
from cases.services.evaluation.facts import write_facts
from cases.services.evaluation.standing import evaluate_range
from cases.services.policies.book import book_of
from tests.factories.casework import AT, TODAY, make_decision, make_policy_version
from tests.factories.portfolio import make_account, make_borrower, make_overdue

EVERYBODY = {"feature": "credit_limit", "op": "gte", "value": "0"}
GAIN = {"code": "GAIN", "title": {"en": "Gain", "zh": "奖励"}, "when": EVERYBODY}
LOSS = {"code": "LOSS", "title": {"en": "Loss", "zh": "限制"}, "when": EVERYBODY}


def version_with(*, rewards=(), restrictions=(), **caps):
    body = DEFAULT_POLICY | {
        "rewards": [GAIN | {"code": f"GAIN{i}", "effect": effect} for i, effect in enumerate(rewards)],
        "restrictions": [LOSS | {"code": f"LOSS{i}", "effect": effect} for i, effect in enumerate(restrictions)],
        "caps": DEFAULT_POLICY["caps"] | {"max_share_rewarded": "1", "max_share_restricted": "1"} | caps,
    }
    return make_policy_version(body=body)


def judge(version, *, on=TODAY, at=AT):
    with transaction.atomic():
        write_facts(business_date=on, lower=0, upper=10**9, scope="overdue")
        return evaluate_range(book=book_of({"": version}), business_date=on, lower=0, upper=10**9, at=at)


def make_good(territory, **fields):
    return make_account(borrower=make_borrower(territory=territory), **fields)


RAISE = {"kind": "LIMIT_INCREASE", "percent": "10"}
LOWER = {"kind": "RATE_REDUCTION", "points": "0.005"}
FREEZE = {"kind": "FREEZE", "expires_days": 180}
CUT = {"kind": "LIMIT_CUT", "percent": "50", "expires_days": 365}


def test_evaluate_range_rewards_under_the_policy_and_instructs(shanghai):
    account = make_good(shanghai)
    version = version_with(rewards=[RAISE, LOWER])

    outcome = judge(version)

    assert (outcome.accounts, outcome.proposed) == (1, 2)
    rows = Decision.objects.order_by("kind").values_list(
        "kind", "state", "approved_under", "approved_by", "terms", "reasons"
    )
    assert list(rows) == [
        ("LIMIT_INCREASE", "APPROVED", version.pk, None, {"limit": "66000.00"}, ["GAIN0"]),
        ("RATE_REDUCTION", "APPROVED", version.pk, None, {"rate": "0.17500"}, ["GAIN1"]),
    ]
    lines = TermsChange.objects.order_by("field").values_list("field", "before", "after", "opt_in_required")
    assert list(lines) == [("LIMIT", "60000.00", "66000.00", True), ("RATE", "0.18000", "0.17500", False)]
    keys = set(OutboxEvent.objects.filter(topic="terms.changed").values_list("key", flat=True))
    assert keys == set(TermsChange.objects.values_list("effect_key", flat=True))
    account.refresh_from_db()
    assert account.credit_limit == Decimal(60000)


def test_evaluate_range_again_writes_nothing(shanghai):
    make_good(shanghai)
    version = version_with(rewards=[RAISE], restrictions=[CUT])
    judge(version)
    before = (Decision.objects.count(), TermsChange.objects.count(), OutboxEvent.objects.count())

    outcome = judge(version, at=AT + timedelta(hours=1))

    assert outcome.proposed == 0
    assert (Decision.objects.count(), TermsChange.objects.count(), OutboxEvent.objects.count()) == before


def test_evaluate_range_takes_the_first_rule_of_a_kind(shanghai):
    make_good(shanghai)

    judge(version_with(rewards=[RAISE | {"percent": "50"}, RAISE]))

    assert list(Decision.objects.values_list("terms__limit", flat=True)) == ["90000.00"]


def test_evaluate_range_leaves_more_than_the_cap_to_a_person(shanghai):
    for _number in range(5):
        make_good(shanghai)

    judge(version_with(rewards=[RAISE], max_share_rewarded="0.5"))

    assert set(Decision.objects.values_list("state", flat=True)) == {"PROPOSED"}
    assert (TermsChange.objects.count(), OutboxEvent.objects.count()) == (0, 0)


def test_evaluate_range_only_proposes_restrictions(shanghai):
    account = make_overdue(territory=shanghai)

    judge(version_with(restrictions=[FREEZE, CUT]))

    rows = Decision.objects.order_by("kind").values_list("account", "kind", "state", "expires_on")
    assert list(rows) == [
        (account.pk, "FREEZE", "PROPOSED", TODAY + timedelta(days=180)),
        (account.pk, "LIMIT_CUT", "PROPOSED", TODAY + timedelta(days=365)),
    ]
    assert TermsChange.objects.count() == 0


def test_evaluate_range_restricts_at_most_the_cap_longest_overdue_first(shanghai):
    for days in (70, 300, 100, 90):
        make_overdue(territory=shanghai, days=days)

    judge(version_with(restrictions=[FREEZE], max_share_restricted="0.5"))

    assert set(Decision.objects.values_list("account__days_past_due", flat=True)) == {300, 100}


def test_evaluate_range_takes_nothing_from_a_protected_borrower(shanghai):
    account = make_overdue(territory=shanghai)
    protect(borrower=account.borrower, kind="HARDSHIP", source="CALL", actor=None, at=AT)

    assert judge(version_with(restrictions=[FREEZE, CUT])).proposed == 0


def test_evaluate_range_freezes_nothing_that_is_frozen(shanghai):
    make_overdue(territory=shanghai, status="FROZEN")

    assert judge(version_with(restrictions=[FREEZE])).proposed == 0


@pytest.mark.parametrize(("state", "expected"), [("REJECTED", 0), ("PROPOSED", 0), ("EXPIRED", 1)])
def test_evaluate_range_does_not_come_back_at_once_with_what_a_person_refused(shanghai, approver, state, expected):
    account = make_overdue(territory=shanghai)
    make_decision(
        account=account,
        kind="FREEZE",
        state=state,
        business_date=TODAY - timedelta(days=30),
        approved_by=approver,
        approved_at=AT,
    )

    assert judge(version_with(restrictions=[FREEZE])).proposed == expected


@pytest.mark.parametrize("limit", ["0", "49.99", "12345.67", "60000", "999950"])
@pytest.mark.parametrize("percent", ["10", "25", "50"])
@pytest.mark.parametrize("most", [None, "3000"])
def test_evaluate_range_counts_limits_like_the_rules_do(shanghai, limit, percent, most):
    make_good(shanghai, credit_limit=Decimal(limit))
    bound = {"max_amount": most} if most else {}

    judge(
        version_with(rewards=[RAISE | bound | {"percent": percent}], restrictions=[CUT | bound | {"percent": percent}])
    )

    numbers = {"limit": Decimal(limit), "percent": Decimal(percent), "most": Decimal(most) if most else None}
    wanted = {"LIMIT_INCREASE": raised_limit(**numbers), "LIMIT_CUT": cut_limit(**numbers)}
    found = {kind: Decimal(value) for kind, value in Decision.objects.values_list("kind", "terms__limit")}
    assert found == {kind: value for kind, value in wanted.items() if value != Decimal(limit)}


def test_evaluate_range_counts_the_largest_amount_in_the_accounts_currency(shanghai):
    make_good(shanghai, currency="TWD", credit_limit=Decimal(100000))

    judge(version_with(rewards=[RAISE | {"percent": "50", "max_amount": "1000"}]))

    assert Decision.objects.get().terms == {"limit": "104400.00"}


def test_evaluate_range_never_passes_the_limit_before_default_within_twelve_payments(shanghai):
    make_good(shanghai, credit_limit=Decimal(30000), pre_default_limit=Decimal(31000))

    judge(version_with(rewards=[RAISE]))

    assert Decision.objects.get().terms == {"limit": "31000.00"}


@pytest.mark.parametrize(
    ("rate", "original"),
    [("0.18", "0.18"), ("0.155", "0.18"), ("0.152", "0.18"), ("0.15", "0.18"), ("0.003", "0.003"), ("0", "0")],
)
def test_evaluate_range_lowers_rates_like_the_rules_do(shanghai, rate, original):
    account = make_good(shanghai, annual_rate=Decimal(rate))
    if rate != original:
        earlier = make_decision(account=account, kind="GRACE", business_date=TODAY - timedelta(days=200))
        TermsChange.objects.create(
            account=account,
            decision=earlier,
            field="RATE",
            before=original,
            after=rate,
            effective_on=TODAY,
            effect_key="earlier",
            created_at=AT,
        )

    judge(version_with(rewards=[LOWER]))

    wanted = lowered_rate(rate=Decimal(rate), original=Decimal(original), points=Decimal("0.005"), most=Decimal("0.03"))
    found = Decision.objects.filter(kind="RATE_REDUCTION").values_list("terms__rate", flat=True)
    assert [Decimal(value) for value in found] == ([wanted] if wanted < Decimal(rate) else [])


@pytest.mark.parametrize("count", [1, 3])
def test_evaluate_range_costs_the_same_for_one_and_three(shanghai, django_assert_num_queries, count):
    version = version_with(rewards=[RAISE, LOWER], restrictions=[FREEZE, CUT])
    for _number in range(count):
        make_good(shanghai)

    # how to join (2), facts (4), judged, two weighings; judged, two rewards, how many gain, states, lines with their events, two restrictions,
    # three of the audit
    with transaction.atomic(), django_assert_num_queries(19):
        evaluate_range(book=book_of({"": version}), business_date=TODAY, lower=0, upper=10**9, at=AT)

    assert Account.objects.count() == count
    assert PolicyVersion.objects.get() == version
    assert Decision.objects.count() == 4 * count
