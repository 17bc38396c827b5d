"""A backtest counts what a person would count by hand, reads only, and costs the same statements at any size."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import AccountFacts, PolicyVersion, RuleMute
from cases.rules.policy.conditions import rule_q
from cases.rules.policy.parser import parse_policy
from cases.services.trials.backtest import backtest
from cases.services.trials.rule_masks import OVERDUE
from tests.factories.portfolio import AT, TODAY
from tests.factories.trials import portfolio, versions

pytestmark = pytest.mark.django_db


def by_hand(version: PolicyVersion) -> dict[str, set[tuple[int, int]]]:
    policy = parse_policy(version.body)
    return {
        rule.code: set(
            AccountFacts.objects.filter(OVERDUE, rule_q(rule.when, policy=policy)).values_list(
                "account_id", "borrower_id"
            )
        )
        for rule in policy.rules
    }


def test_backtest_counts_as_one_would_by_hand(shanghai: Any, chengdu: Any, risk_manager: Any) -> None:
    active, draft = versions()
    portfolio(territories=[shanghai, chengdu])
    old, new = by_hand(active), by_hand(draft)
    muted = sorted(borrower for _account, borrower in new["LARGE"] - old["LARGE"])[:2]
    for borrower in muted:
        RuleMute.objects.create(
            borrower_id=borrower, rule="LARGE", until=TODAY, why="known", set_by=risk_manager, created_at=AT
        )

    figures = backtest(version=draft, against=active, business_date=TODAY)

    live = {code: {b for _a, b in pairs if code != "LARGE" or b not in muted} for code, pairs in new.items()}
    before = {code: {b for _a, b in pairs if code != "LARGE" or b not in muted} for code, pairs in old.items()}
    people, people_before = set().union(*live.values()), set().union(*before.values())
    assert figures.accounts == AccountFacts.objects.filter(OVERDUE).count()
    assert figures.uncompared == AccountFacts.objects.filter(OVERDUE, currency="XXX").count() > 0
    assert figures.hits["new"] == {code: len(pairs) for code, pairs in new.items()}
    assert figures.hits["old"] == {code: len(pairs) for code, pairs in old.items()}
    assert figures.hits["entered"]["LARGE"] == len(new["LARGE"] - old["LARGE"])
    assert figures.hits["both"] == {"LARGE": len(new["LARGE"] & old["LARGE"])}
    assert figures.hits["muted"]["LARGE"] == len([1 for _a, b in new["LARGE"] if b in muted])
    assert figures.borrowers["opened"] == len(people - people_before) > 0
    assert figures.borrowers["closed"] == len(people_before - people) > 0
    assert figures.borrowers["kept"] == len(people & people_before) > 0
    assert figures.opened["reason"] == {
        code: len(borrowers - people_before) for code, borrowers in live.items() if borrowers - people_before
    }
    assert sum(figures.opened["city"].values()) == sum(figures.opened["bucket"].values()) == figures.borrowers["opened"]
    assert figures.borrowers["visits_new"] == len(people)
    assert figures.borrowers["visits_old"] == len(before["LARGE"])


def test_backtest_reads_with_as_many_statements_for_few_as_for_many(shanghai: Any, chengdu: Any) -> None:
    active, draft = versions()
    counts = []
    for _more in range(2):
        portfolio(territories=[shanghai, chengdu], size=20)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            backtest(version=draft, against=active, business_date=TODAY)
        counts.append(len(asked))
        assert not [each["sql"] for each in asked if each["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]

    assert counts[0] == counts[1] == 4
