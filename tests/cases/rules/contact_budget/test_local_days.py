"""The borrower's clock."""

from datetime import UTC, date, datetime, time

from cases.rules.contact_budget.jurisdictions import CHINA, UNITED_STATES
from cases.rules.contact_budget.local_days import instant, midnight_after, zone_of


def test_xinjiang_lives_by_the_official_time_and_a_state_by_its_own() -> None:
    assert zone_of(policy=CHINA, time_zone="Asia/Urumqi").key == "Asia/Shanghai"
    assert zone_of(policy=UNITED_STATES, time_zone="America/Denver").key == "America/Denver"


def test_instants_follow_summer_time() -> None:
    zone = zone_of(policy=UNITED_STATES, time_zone="America/New_York")

    # Clocks are set forward on 8 March 2026.
    assert instant(day=date(2026, 3, 7), at=time(8), zone=zone) == datetime(2026, 3, 7, 13, tzinfo=UTC)
    assert instant(day=date(2026, 3, 8), at=time(8), zone=zone) == datetime(2026, 3, 8, 12, tzinfo=UTC)
    assert midnight_after(day=date(2026, 3, 8), zone=zone) == datetime(2026, 3, 9, 4, tzinfo=UTC)
