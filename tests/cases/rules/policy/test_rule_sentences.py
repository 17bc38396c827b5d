"""A whole rule as one sentence, with its effect and its days."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from cases.rules.policy.body import Effect
from cases.rules.policy.parser import parse_policy
from cases.rules.policy.rule_sentences import effect_text, gate_sentence, result_text, rule_sentence
from tests.factories.policy import make_rule, policy_body
from tests.factories.policy_checks import is_, reward
from tests.factories.proposals import asked, rest, row, taking


def test_a_visit_rule_says_priority_and_days() -> None:
    days = {"sla_days": {"1": 2, "2": 5, "3": 10}, "visit_days": {"1": 7, "2": 14, "3": 21}}
    rules = [make_rule(priority=1), make_rule(code="DESK", needs_visit=False)]
    policy = parse_policy(policy_body(rules=rules, parameters=days))

    with override("en"):
        texts = [rule_sentence(rule, policy=policy) for rule in policy.rules]

    assert texts == [
        "If Arrears at least CNY 20,000: open a case of priority 1, taken up within 2 days, with a visit within 7 days.",
        "If Arrears at least CNY 20,000: open a case of priority 2, taken up within 5 days, without a visit.",
    ]


def test_a_reward_says_its_effect_and_the_gate_its_accounts() -> None:
    body = policy_body(gate=is_("days_past_due", "gte", 1), rewards=[reward("R1", is_("on_time_months", "gte", 3))])
    policy = parse_policy(body)

    with override("en"):
        assert rule_sentence(policy.rewards[0], policy=policy) == (
            "If Consecutive months on time at least 3: raise the limit by 10 %."
        )
        assert gate_sentence(policy.gate, policy=policy) == (
            "Looked at for a visit: accounts with Days past due at least 1 days."
        )


@pytest.mark.parametrize(
    ("effect", "text"),
    [
        (Effect(kind="RATE_REDUCTION", points=Decimal("0.005")), "lower the annual rate by 0.5 percentage points"),
        (Effect(kind="FREEZE", expires_days=90), "propose to freeze the limit, for 90 days"),
        (
            Effect(kind="LIMIT_CUT", percent=Decimal(20), max_amount=Decimal(3000), expires_days=9),
            "propose to cut the limit by 20 %, by CNY 3,000 at most, for 9 days",
        ),
    ],
)
def test_an_effect_is_said_with_its_bounds(effect: Effect, text: str) -> None:
    with override("en"):
        assert effect_text(effect, currency="CNY") == text


def test_a_row_of_proposals_says_what_it_gives() -> None:
    care = row(
        "CARE",
        asked("capacity", "UNABLE"),
        reasons=["HARDSHIP"],
        decisions=[{"kind": "SPECIAL_CARE", "flag": "HARDSHIP", "days": 90}],
    )
    plan = row(
        "PLAN",
        asked("capacity", "ABLE"),
        reasons=["HARDSHIP"],
        decisions=[{"kind": "PLAN", "instalments": 36, "relief": "0.03"}],
    )
    relief = row(
        "RELIEF",
        asked("capacity", "UNABLE"),
        reasons=["HARDSHIP"],
        decisions=[{"kind": "RATE_RELIEF", "relief": "0.015", "days": 60}],
    )
    policy = parse_policy(policy_body(proposals=[care, plan, relief, taking(kind="LIMIT_CUT"), rest()]))

    with override("en"):
        assert [result_text(each) for each in policy.proposals] == [
            "propose Cease and special care (Hardship), for 90 days",
            "propose Repayment plan of 36 instalments, the rate lowered by 3 points",
            "propose Rate relief, the rate lowered by 1.5 points, for 60 days",
            "propose Cut the limit by 20 %, for 180 days",
            "Stay in contact from afar",
        ]
        assert rule_sentence(policy.proposals[4], policy=policy) == (
            "If Days past due at least 0 days: Stay in contact from afar."
        )
