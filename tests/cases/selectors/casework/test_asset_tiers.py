"""The tier of one account as its periods and plans stand."""

from datetime import date

from cases.enums import AssetTier
from cases.models import Statement
from cases.rules.asset_tiers import TierReading
from cases.selectors.casework.asset_tiers import tier_of
from tests.factories.portfolio import make_overdue


def test_a_cured_account_is_read_with_its_closed_periods(shanghai, django_assert_num_queries):
    account = make_overdue(territory=shanghai, days=0, as_of=date(2026, 3, 2))
    for period, days, is_idle in (
        (date(2026, 2, 1), 0, False),
        (date(2026, 1, 1), 300, True),
        (date(2025, 12, 1), 95, False),
        # After the day of the figures.
        (date(2026, 4, 1), 400, False),
    ):
        Statement.objects.create(account=account, period=period, days_past_due=days, is_idle=is_idle)

    # periods, plan
    with django_assert_num_queries(2):
        found = tier_of(account=account)

    assert found == TierReading(tier=AssetTier.SUBSTANDARD, by_days=AssetTier.NORMAL)
