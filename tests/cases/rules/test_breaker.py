"""The arithmetic of the circuit breaker."""

from decimal import Decimal

import pytest

from cases.rules.breaker import RUNS_NEEDED, FiguresLimit, Limit, OldFigures, excess, old_figures

LIMIT = Limit(max_share=Decimal("0.5"), max_multiple=Decimal(5), at_least=100)


@pytest.mark.parametrize(
    ("count", "of", "past", "share", "multiple"),
    [
        (99, 100, [1] * 9, None, None),  # below what counts at all
        (500, 1000, [], None, None),  # exactly the share
        (501, 1000, [], True, False),
        (200, 1000, [10] * (RUNS_NEEDED - 1), None, None),  # too few nights to know the usual one
        (200, 1000, [10] * RUNS_NEEDED, False, True),
        (200, 1000, [40] * RUNS_NEEDED, None, None),  # exactly five times
        (201, 1000, [40] * RUNS_NEEDED, False, True),
        (900, 1000, [10] * RUNS_NEEDED, True, True),
        (400, 1000, [0] * RUNS_NEEDED, None, None),  # a median of nothing gives no multiple
        (200, 0, [], None, None),
    ],
)
def test_excess_names_which_bound_is_broken(count, of, past, share, multiple):
    found = excess(count=count, of=of, past=past, limit=LIMIT)

    assert (
        (share, multiple) == (None, None) if found is None else (found.is_share, found.is_multiple) == (share, multiple)
    )


def test_excess_looks_at_the_newest_fourteen_runs():
    past = [10] * 14 + [10_000] * 100

    found = excess(count=200, of=10_000, past=past, limit=LIMIT)

    assert found is not None
    assert found.median == 10


def test_old_figures_names_each_source_of_which_too_many_accounts_are_behind():
    ages = {"a": {0: 990, 4: 9}, "b": {3: 800}, "c": {4: 10, 9: 191}, "weekly": {7: 1000}}
    weekly = FiguresLimit(max_age_days=7)

    found = old_figures(ages=ages, limits={"weekly": weekly})

    assert found == [OldFigures(source="c", count=201, of=3000, newest_age_days=4, limit=FiguresLimit())]
    assert [each.source for each in old_figures(ages=ages, limits={"": weekly})] == ["c"]
    assert [each.source for each in old_figures(ages=ages, limits={})] == ["c", "weekly"]


@pytest.mark.parametrize(
    ("older", "of", "exceeded"), [(0, 100, False), (1, 101, False), (1, 100, True), (2, 100, True), (0, 0, False)]
)
def test_one_account_in_a_hundred_is_too_many(older, of, exceeded):
    assert FiguresLimit().is_exceeded(older=older, of=of) is exceeded
