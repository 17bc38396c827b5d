"""Estimates from blocks: the bounds hold what they promise, and what was seen is certain."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.trials.estimates import counted, estimated

BLOCKS = st.lists(
    st.integers(0, 40).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1, max_size=30
)


def test_counted_has_no_spread() -> None:
    number = counted(value=7)

    assert (number.low, number.value, number.high) == (7, 7, 7)


@given(BLOCKS, st.integers(1, 50))
def test_bounds_stand_in_order_and_hold_what_was_seen(blocks: list[tuple[int, int]], times: int) -> None:
    hits, rows = sum(h for h, _n in blocks), sum(n for _h, n in blocks)
    population = rows * times

    number = estimated(blocks=blocks, population=population)

    assert 0 <= number.low <= number.value <= number.high <= population
    assert number.low >= hits or rows == 0
    assert number.high <= population - (rows - hits)


def test_nothing_seen_still_allows_a_few() -> None:
    number = estimated(blocks=[(0, 200)] * 200, population=1_000_000)

    assert (number.value, number.low) == (0, 0)
    assert 50 <= number.high <= 150


def test_neighbours_that_resemble_each_other_widen_the_bounds() -> None:
    mixed = estimated(blocks=[(20, 40)] * 100, population=1_000_000)
    clumped = estimated(blocks=[(40, 40), (0, 40)] * 50, population=1_000_000)

    assert mixed.value == clumped.value == 500_000
    assert clumped.high - clumped.low > 4 * (mixed.high - mixed.low)


@pytest.mark.parametrize(("share", "clump"), [(0.002, 1), (0.05, 1), (0.5, 1), (0.05, 20), (0.5, 20)])
def test_the_true_number_lies_within_in_about_95_of_100(share: float, clump: int) -> None:
    draw = random.Random(7)
    portfolio = []
    while len(portfolio) < 100_000:
        portfolio += [draw.random() < share] * clump
    truth, within = sum(portfolio), 0

    for _ in range(200):
        offset, step, width = draw.randrange(500), 500, 40
        blocks = [portfolio[begin : begin + width] for begin in range(offset, len(portfolio) - width, step)]
        number = estimated(blocks=[(sum(b), len(b)) for b in blocks], population=len(portfolio))
        within += number.low <= truth <= number.high

    assert within >= 180
