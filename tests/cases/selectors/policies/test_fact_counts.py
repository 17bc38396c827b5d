"""Counting facts for a page: samples, the cache, and the time limit."""

from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection

from cases.rules.policy.draft_reading import read_draft
from cases.selectors.policies.draft_counts import draft_counts
from cases.selectors.policies.fact_counts import TooSlow, time_limit
from tests.factories.facts import make_facts
from tests.factories.policy import make_rule, policy_body
from tests.factories.portfolio import make_overdue

pytestmark = pytest.mark.django_db


ALL = {"feature": "arrears_amount", "op": "gte", "value": "0"}


@pytest.fixture(autouse=True)
def _no_old_counts() -> None:
    cache.clear()


def counts(user: Any, *, segment: str = "", body: Any = None, **how: Any) -> Any:
    reading = read_draft(body or policy_body(gate=ALL, rules=[make_rule()], rewards=[], restrictions=[]))
    return draft_counts(reading=reading, segment=segment, user=user, **how)


def test_a_large_portfolio_is_estimated_from_a_sample_with_bounds(risk_manager: Any, shanghai: Any) -> None:
    for index in range(120):
        make_facts(account=make_overdue(territory=shanghai, arrears="30000" if index % 3 else "100"))

    exact = counts(risk_manager)
    sample = counts(risk_manager, counted_rows=50, sampled_rows=60)

    assert (exact.is_estimate, exact.parts["rules[0]"].now.value) == (False, 80)
    assert (sample.is_estimate, sample.judged) == (True, 120)
    assert 20 <= sample.sampled < 120
    now = sample.parts["rules[0]"].now
    assert now.low <= 80 <= now.high


def test_what_was_counted_a_moment_ago_is_not_counted_again(
    risk_manager: Any, shanghai: Any, django_assert_num_queries: Any
) -> None:
    make_facts(account=make_overdue(territory=shanghai))
    first = counts(risk_manager)

    # Runs, the day's facts, the versions in force, and the statement's bounds set and reset; no facts are read.
    with django_assert_num_queries(8):
        again = counts(risk_manager)

    assert again == first


def test_a_statement_that_takes_too_long_is_cut_off_and_leaves_no_trace() -> None:
    with pytest.raises(TooSlow), time_limit(0.05), connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(2)")

    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone()[0] == "0"
