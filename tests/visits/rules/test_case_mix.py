"""Rates at one mix of cases: who is better in every kind of case is not worse over all."""

from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from visits.rules.case_mix import Rate, Stratum, Tally, standardised_rates, wilson

EASY, HARD, THIRD = Stratum(1, "C", "TO_90"), Stratum(1, "A", "OVER_180"), Stratum(2, "B", "TO_180")
STRATA = (EASY, HARD, THIRD)


def tally(good: int, count: int) -> Tally:
    return Tally(good=good, count=count)


tallies = st.tuples(st.integers(0, 60), st.integers(0, 60)).map(lambda pair: tally(min(pair), max(pair)))
agency_tallies = st.fixed_dictionaries(dict.fromkeys(STRATA, tallies))
others = st.lists(agency_tallies, max_size=4)


def rates(*agencies: Any, **fields: Any) -> list[Decimal | None]:
    found = standardised_rates(tallies=dict(enumerate(agencies)), **fields)
    return [found[number].rate if number in found else None for number in range(len(agencies))]


def test_better_with_easy_and_with_hard_cases_is_better_over_all() -> None:
    mostly_hard = {EASY: tally(10, 10), HARD: tally(54, 90)}
    mostly_easy = {EASY: tally(81, 90), HARD: tally(5, 10)}

    first, second = rates(mostly_hard, mostly_easy)

    # Without a look at the kinds of cases: 64 of 100 against 86 of 100.
    assert first == Decimal("0.769091")
    assert second == Decimal("0.730909")


@settings(deadline=None)
@given(one=agency_tallies, other=agency_tallies)
def test_of_two_agencies_the_better_one_in_every_kind_never_ranks_lower(one: Any, other: Any) -> None:
    """Better: where both have cases, the share is at least that of the other. Any numbers of cases."""
    better, worse = {}, {}
    for stratum in STRATA:
        a, b = one[stratum], other[stratum]
        # a.good / a.count >= b.good / b.count, without dividing
        if a.count and b.count and a.good * b.count < b.good * a.count:
            a, b = b, a
        better[stratum], worse[stratum] = a, b

    first, second = rates(better, worse)

    assert first is None or second is None or first >= second


@settings(deadline=None)
@given(worse=agency_tallies, more=st.fixed_dictionaries(dict.fromkeys(STRATA, st.integers(0, 60))), among=others)
def test_with_as_many_cases_the_better_one_in_every_kind_never_ranks_lower_among_any_others(
    worse: Any, more: Any, among: Any
) -> None:
    better = {s: tally(min(worse[s].count, worse[s].good + more[s]), worse[s].count) for s in STRATA}

    first, second, *_rest = rates(better, worse, *among)

    assert first is None or second is None or first >= second


@settings(deadline=None)
@given(agencies=st.lists(agency_tallies, min_size=1, max_size=5), seed=st.randoms())
def test_the_order_of_agencies_and_kinds_changes_nothing(agencies: Any, seed: Any) -> None:
    named = dict(enumerate(agencies))
    order = list(named)
    seed.shuffle(order)
    strata = list(STRATA)
    seed.shuffle(strata)

    mixed = {number: {stratum: named[number][stratum] for stratum in strata} for number in order}

    assert standardised_rates(tallies=mixed) == standardised_rates(tallies=named)


@settings(deadline=None)
@given(
    shares=st.fixed_dictionaries(dict.fromkeys(STRATA, st.integers(0, 4))),
    sizes=st.lists(st.integers(1, 20), min_size=2, max_size=4),
    times=st.integers(2, 20),
)
def test_at_one_rate_more_cases_narrow_the_interval(shares: Any, sizes: list[int], times: int) -> None:
    """Every agency has the same share in each kind, so that only the numbers of cases differ."""

    def with_first(size: int) -> Rate:
        agencies = {
            number: {s: tally(shares[s] * n, 4 * n) for s in STRATA} for number, n in enumerate([size, *sizes[1:]])
        }
        return standardised_rates(tallies=agencies)[0]

    few, many = with_first(sizes[0]), with_first(sizes[0] * times)

    assert few.rate == many.rate
    assert many.high - many.low < few.high - few.low


@settings(deadline=None)
@given(rate=st.decimals(0, 1, places=4), size=st.integers(1, 10_000), more=st.integers(1, 10_000))
def test_the_interval_holds_the_rate_stays_in_bounds_and_shrinks(rate: Decimal, size: int, more: int) -> None:
    few, many = wilson(rate=rate, size=Decimal(size)), wilson(rate=rate, size=Decimal(size + more))

    for interval in (few, many):
        assert 0 <= interval.low <= interval.rate <= interval.high <= 1
    assert few.low <= many.low
    assert many.high <= few.high


def test_a_few_cases_say_little_and_many_say_what_they_are() -> None:
    house = {EASY: tally(900, 1000)}

    few, many = (rates({EASY: tally(0, n)}, house)[0] for n in (2, 2000))

    assert few is not None
    assert many is not None
    assert few > Decimal("0.8")
    assert many < Decimal("0.01")


def test_a_stronger_prior_pulls_more() -> None:
    own, house = {EASY: tally(0, 20)}, {EASY: tally(1000, 1000)}

    weak, strong = (rates(own, house, prior_cases=n)[0] for n in (1, 100))

    assert weak is not None
    assert strong is not None
    assert weak < strong


def test_an_agency_without_a_case_has_no_rate() -> None:
    assert rates({EASY: tally(0, 0)}, {EASY: tally(1, 2)}, {}) == [None, Decimal("0.5"), None]
