"""The shipped limits of each jurisdiction, one second to each side of what it sets itself."""

from dataclasses import replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from backoffice.access.models import Jurisdiction
from cases.enums import AddressKind
from cases.rules.calendar import Calendar
from cases.rules.holidays import Notice
from tests.factories.conduct import LAWFUL, NO_HISTORY
from visits.rules.conduct.clauses import ConductRule
from visits.rules.conduct.guard import may_schedule_visit
from visits.rules.conduct.jurisdictions import HOUSE, SHIPPED, Standing, limits_of
from visits.rules.conduct.policy import TIGHTER_WAY, PolicyLoosened, Tighter, loosened_fields

ZONES = {
    "UK": "Europe/London",
    "US": "America/New_York",
    "AU": "Australia/Sydney",
    "IN": "Asia/Kolkata",
    "CN": "Asia/Urumqi",
}
HALF_HOUR = timedelta(minutes=30)
SECOND = timedelta(seconds=1)


def rules(code, *, starts, ends=None, **changes):
    """Return the rules that refuse a visit at a local time of Tuesday, 24 November 2026, in a known calendar."""
    policy = limits_of(jurisdiction=code, time_zone=ZONES[code], own={})
    zone = ZoneInfo(policy.official_time_zone)
    start = datetime(2026, 11, 24, tzinfo=zone) + starts
    end = start + HALF_HOUR if ends is None else datetime(2026, 11, 24, tzinfo=zone) + ends
    proposal = replace(LAWFUL, starts_at=start, ends_at=end, **changes)
    calendar = Calendar(notices=(Notice(year=2026, breaks=()),), jurisdiction=code)
    found = may_schedule_visit(policy=policy, calendar=calendar, proposal=proposal, history=NO_HISTORY, flags=())
    return [refusal.rule for refusal in found]


def at(hours, minutes=0, seconds=0):
    return timedelta(hours=hours, minutes=minutes, seconds=seconds)


def test_every_jurisdiction_of_territories_has_limits_with_source_and_standing():
    assert set(SHIPPED) == set(Jurisdiction.values)
    assert {code: shipped.standing for code, shipped in SHIPPED.items()} == {
        "CN": Standing.RECOMMENDED,
        "UK": Standing.IN_FORCE,
        "US": Standing.IN_FORCE,
        "AU": Standing.GUIDANCE,
        "IN": Standing.DRAFT,
    }
    assert all(shipped.source and shipped.policy.version == f"{code}-1" for code, shipped in SHIPPED.items())


@pytest.mark.parametrize("code", SHIPPED)
def test_no_jurisdiction_is_looser_than_the_house_and_each_own_limit_is_one(code):
    looser = loosened_fields(base=HOUSE, changed=SHIPPED[code].policy)

    assert [name for name in looser if TIGHTER_WAY[name] is not Tighter.FIXED] == []
    assert set(SHIPPED[code].own) <= set(TIGHTER_WAY)


@pytest.mark.parametrize("code", ["UK", "US", "AU", "IN"])
def test_hours_are_those_of_the_clock_at_the_address(code):
    permitted = {"permission_ref": "rec-1"}

    assert rules(code, starts=at(9), **permitted) == []
    assert rules(code, starts=at(9) - SECOND, **permitted) == [ConductRule.VISIT_WINDOW]


@pytest.mark.parametrize("code", ["UK", "US", "AU"])
def test_the_house_window_ends_at_eight_where_a_law_allows_more(code):
    permitted = {"permission_ref": "rec-1"}

    assert rules(code, starts=at(19, 30), ends=at(20), **permitted) == []
    assert rules(code, starts=at(19, 30), ends=at(20) + SECOND, **permitted) == [ConductRule.VISIT_WINDOW]


def test_india_ends_before_seven_in_the_evening():
    assert rules("IN", starts=at(18), ends=at(19) - SECOND) == []
    assert rules("IN", starts=at(18), ends=at(19)) == [ConductRule.QUIET_HOURS]
    assert rules("IN", starts=at(18), ends=at(19) + SECOND) == [ConductRule.QUIET_HOURS, ConductRule.VISIT_WINDOW]


def test_australia_asks_for_permission_first():
    assert rules("AU", starts=at(10)) == [ConductRule.PERMISSION]
    assert rules("AU", starts=at(10), permission_ref=" ") == [ConductRule.PERMISSION]
    assert rules("AU", starts=at(10), permission_ref="rec-1") == []
    assert rules("UK", starts=at(10)) == []


@pytest.mark.parametrize("place", [AddressKind.EMPLOYER, AddressKind.BUSINESS])
def test_a_workplace_in_australia_is_left_by_five(place):
    permitted = {"permission_ref": "rec-1", "place_consent_ref": "rec-2", "place": place}

    assert rules("AU", starts=at(16, 30), ends=at(17), **permitted) == []
    assert rules("AU", starts=at(16, 30), ends=at(17) + SECOND, **permitted) == [ConductRule.WORKPLACE_HOURS]
    assert rules("UK", starts=at(19, 30), ends=at(20), **permitted) == []


def test_a_year_whose_holidays_nobody_entered_has_no_visits_outside_of_china():
    policy = limits_of(jurisdiction="UK", time_zone="Europe/London", own={})
    start = datetime(2026, 11, 24, 12, tzinfo=ZoneInfo("Europe/London"))
    proposal = replace(LAWFUL, starts_at=start, ends_at=start + HALF_HOUR)

    found = may_schedule_visit(
        policy=policy, calendar=Calendar(jurisdiction="UK"), proposal=proposal, history=NO_HISTORY, flags=()
    )

    assert [(refusal.rule, refusal.until) for refusal in found] == [(ConductRule.HOLIDAY, None)]


def test_a_tenant_tightens_and_never_loosens():
    found = limits_of(jurisdiction="UK", time_zone="Europe/London", own={"visit_until": "18:00", "debtor_cap": 1})

    assert (found.visit_until, found.debtor_cap, found.jurisdiction) == (time(18), 1, "UK")
    with pytest.raises(PolicyLoosened):
        limits_of(jurisdiction="AU", time_zone="Australia/Perth", own={"visit_until": "20:01"})
    with pytest.raises(PolicyLoosened):
        limits_of(jurisdiction="IN", time_zone="Asia/Kolkata", own={"jurisdiction": "CN"})
    with pytest.raises(ValueError, match="No conduct limits are shipped for FR"):
        limits_of(jurisdiction="FR", time_zone="Europe/Paris", own={})
