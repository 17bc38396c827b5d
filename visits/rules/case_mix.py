"""
Rates of agencies made comparable: each as it would be with the cases of all agencies, with an interval.

An agency that takes hard cases may be better in every kind of case and still have the lower rate over all. So rates are
taken in each stratum of cases and put together with one weight for all agencies: the stratum's share of the cases of all
(direct standardisation). Few cases say little: in each stratum an agency is given `PRIOR_CASES` cases at the rate of all
agencies there (the mean of a beta-binomial with that prior). How sure a rate is follows from how many cases stand behind
it, as an interval by Wilson.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final, NamedTuple

# How many cases the rate of all agencies in a stratum counts for; the strength of the prior.
PRIOR_CASES: Final = 20
# Of a standard normal, for an interval that holds the rate with 90 % certainty.
Z_90: Final = Decimal("1.6449")
# Sums of rounded quotients differ in their last digits; rates that are equal are equal after this.
DIGITS: Final = Decimal("0.000001")
ONE, ZERO = Decimal(1), Decimal(0)


class Stratum(NamedTuple):
    """
    One kind of case: where it is (the territory's number), the grade of the sum at stake, and how long it was overdue.

    `overdue` is one of the words below, of the day on which the case was placed with the agency.
    """

    territory: int
    grade: str
    overdue: str


# Days overdue at which a kind of case ends, each with its word; the last has no end.
OVERDUE_UP_TO: Final = ((90, "TO_90"), (180, "TO_180"))
OVERDUE_LONGER: Final = "OVER_180"
# No figures of the case are kept of the day on which it was placed.
OVERDUE_UNKNOWN: Final = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Of how many cases (`count`) how many went well (`good`)."""

    good: int = 0
    count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A rate from 0 to 1, and the ends of the interval that holds it with 90 % certainty."""

    rate: Decimal
    low: Decimal
    high: Decimal


def standardised_rates(
    *, tallies: Mapping[int, Mapping[Stratum, Tally]], prior_cases: int = PRIOR_CASES
) -> dict[int, Rate]:
    """
    Return the rate of each agency that has a case, at the mix of cases of all agencies together.

    `tallies` holds the cases of each agency (by its number) by stratum; `prior_cases` is at least 1. In a stratum where an agency has no
    case it is taken to be as good as all others there. The order of agencies and strata does not matter.
    """
    of_all = _pooled(tallies)
    cases = sum(tally.count for tally in of_all.values())
    strata = sorted(stratum for stratum, tally in of_all.items() if tally.count)
    rates: dict[int, Rate] = {}
    for agency, own in tallies.items():
        if not any(tally.count for tally in own.values()):
            continue
        rate, spread = ZERO, ZERO
        for stratum in strata:
            weight = Decimal(of_all[stratum].count) / cases
            mine = own.get(stratum, Tally())
            prior = Decimal(of_all[stratum].good) / of_all[stratum].count
            behind = mine.count + prior_cases
            rate += weight * (mine.good + prior * prior_cases) / behind
            # The variance of the sum, for one unit of variance in each case.
            spread += weight * weight / behind
        rates[agency] = wilson(rate=min(ONE, rate), size=ONE / spread)
    return rates


def wilson(*, rate: Decimal, size: Decimal) -> Rate:
    """Return the interval by Wilson of a rate that `size` cases (above 0) stand behind; it never leaves 0 to 1."""
    square = Z_90 * Z_90
    middle = (rate + square / (2 * size)) / (1 + square / size)
    half = Z_90 * (rate * (1 - rate) / size + square / (4 * size * size)).sqrt() / (1 + square / size)
    shown = _rounded(rate)
    return Rate(
        rate=shown,
        low=min(shown, max(ZERO, _rounded(middle - half))),
        high=max(shown, min(ONE, _rounded(middle + half))),
    )


def _pooled(tallies: Mapping[int, Mapping[Stratum, Tally]]) -> dict[Stratum, Tally]:
    pooled: dict[Stratum, Tally] = {}
    for own in tallies.values():
        for stratum, tally in own.items():
            before = pooled.get(stratum, Tally())
            pooled[stratum] = Tally(good=before.good + tally.good, count=before.count + tally.count)
    return pooled


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(DIGITS, rounding=ROUND_HALF_EVEN)
