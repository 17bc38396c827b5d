"""The five tiers, one day to each side of every limit, and how long a cured account is observed."""

from datetime import date

import pytest

from cases.enums import AssetTier, Product
from cases.rules.asset_tiers import TABLE, TierReading, read_tier, tier_by_days

N, M, S, D, L = AssetTier
ON = date(2026, 11, 30)


@pytest.mark.parametrize(
    ("product", "days", "tier"),
    [
        *((product, days, tier) for product in ("CASH", "CONSUMER") for days, tier in (
            (0, N), (1, M), (90, M), (91, S), (270, S), (271, D), (360, D), (361, L),
        )),
        *(("CARD", days, tier) for days, tier in ((0, N), (1, M), (90, M), (91, S), (120, S), (121, D), (180, D), (181, L))),
    ],
)  # fmt: skip
def test_days_past_due_give_the_tier_of_the_product(product, days, tier):
    assert tier_by_days(product=product, days_past_due=days) is tier


def test_every_product_has_a_table():
    assert set(TABLE) == set(Product)


def read(*, days=0, closed=(), restructured_on=None, product="CASH"):
    return read_tier(product=product, days_past_due=days, closed=closed, restructured_on=restructured_on, on=ON)


@pytest.mark.parametrize(
    ("days", "closed", "expected"),
    [
        (0, [], TierReading(tier=N, by_days=N)),
        # Paid up after ninety days: never non-performing, so nothing is observed.
        (0, [0, 90], TierReading(tier=N, by_days=N)),
        # The fifth and the sixth period paid in time.
        (0, [0, 0, 0, 0, 0, 91], TierReading(tier=S, by_days=N)),
        (0, [0, 0, 0, 0, 0, 0, 91], TierReading(tier=N, by_days=N)),
        # A late period begins the observation anew; the worst tier of the stretch counts.
        (0, [0, 0, 0, 1, 0, 0, 0, 271], TierReading(tier=D, by_days=N)),
        (30, [0, 91], TierReading(tier=S, by_days=M)),
        (400, [91], TierReading(tier=L, by_days=L)),
    ],
)
def test_a_cured_account_is_observed_for_six_periods(days, closed, expected):
    assert read(days=days, closed=closed) == expected
    assert read(days=days, closed=closed).is_observed is (expected.tier is not expected.by_days)


@pytest.mark.parametrize(
    ("restructured_on", "tier"),
    [
        (date(2025, 11, 30), N),
        (date(2025, 12, 1), M),
        (None, N),
    ],
)
def test_a_restructured_account_is_special_mention_for_a_year(restructured_on, tier):
    assert read(restructured_on=restructured_on).tier is tier


def test_a_year_from_a_leap_day_ends_on_the_last_of_february():
    leap = {"product": "CASH", "days_past_due": 0, "closed": (), "restructured_on": date(2024, 2, 29)}

    assert read_tier(**leap, on=date(2025, 2, 27)).tier is M
    assert read_tier(**leap, on=date(2025, 2, 28)).tier is N
