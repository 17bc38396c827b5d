"""Reasons to check a report as a whole, at their limits, and what honest crews meet."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from visits.enums import Finding
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.report.report_signals import Journey, ReportFacts, report_signals
from visits.trust_enums import ReportSignal

IN = datetime(2026, 3, 4, 2, 30, tzinfo=UTC)
HONEST = ReportFacts(
    findings=(Finding.F01,),
    sections=3,
    opened_at=IN,
    left_at=IN + timedelta(minutes=20),
    submitted_at=IN + timedelta(hours=1),
)


def found(**changes: Any) -> list[ReportSignal]:
    return list(report_signals(policy=ConductPolicy(), facts=replace(HONEST, **changes)))


def test_an_honest_report_gives_no_reason() -> None:
    assert found() == []


@pytest.mark.parametrize(
    ("metres", "seconds", "expected"),
    [
        (50_000, 1200, []),
        (50_000, 1199, [ReportSignal.TRAVEL_TOO_FAST]),
        (2_600, 61, [ReportSignal.TRAVEL_TOO_FAST]),
        # The error of two positions is no journey.
        (2_000, 61, []),
        # Two places at one minute, where a speed would say nothing of so short a way.
        (1_001, 60, [ReportSignal.TWO_PLACES]),
        (1_001, 61, []),
        (1_000, 0, []),
        (50_000, 0, [ReportSignal.TWO_PLACES]),
        (-80, 0, []),
    ],
)
def test_a_way_that_nobody_travels(metres: float, seconds: float, expected: list[str]) -> None:
    assert found(journeys=(Journey(metres=metres, seconds=seconds),)) == expected


def test_a_telephone_that_changes_hands_travels_no_faster_than_a_person() -> None:
    fast, slow = Journey(metres=50_000, seconds=1199), Journey(metres=50_000, seconds=1200)

    assert found(phone_journeys=(slow,)) == []
    assert found(phone_journeys=(fast,)) == [ReportSignal.PHONE_TOO_FAST]
    assert found(phone_journeys=(Journey(metres=1_001, seconds=60),)) == [ReportSignal.TWO_PLACES]
    # One way is one reason.
    assert found(journeys=(fast,), phone_journeys=(fast,)) == [ReportSignal.TRAVEL_TOO_FAST]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"left_at": IN + timedelta(seconds=179)}, [ReportSignal.SHORT_STAY]),
        ({"left_at": IN + timedelta(seconds=180)}, []),
        # Without a check-out the crew was there until the report was handed in, at most.
        ({"left_at": None, "submitted_at": IN + timedelta(seconds=40)}, [ReportSignal.SHORT_STAY]),
        ({"left_at": None, "submitted_at": IN + timedelta(hours=9)}, []),
        # A closed door, and a borrower who wants no talk, take a moment.
        ({"left_at": IN + timedelta(seconds=40), "findings": (Finding.F10,)}, []),
        ({"left_at": IN + timedelta(seconds=40), "sections": 1}, []),
        ({"opened_at": None, "left_at": None}, []),
        ({"left_at": IN + timedelta(hours=3)}, []),
        ({"left_at": IN + timedelta(hours=3, seconds=1)}, [ReportSignal.LONG_STAY]),
    ],
)
def test_stays_that_do_not_fit_what_is_said(changes: dict[str, Any], expected: list[ReportSignal]) -> None:
    assert found(**changes) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"same_place_addresses": 1}, []),
        ({"same_place_addresses": 2}, [ReportSignal.POSITION_REPEATED]),
        ({"same_photo_place_addresses": 1}, []),
        ({"same_photo_place_addresses": 2}, [ReportSignal.PHOTO_POSITION_REPEATED]),
        # One telephone that keeps an old position is one reason.
        ({"same_place_addresses": 2, "same_photo_place_addresses": 2}, [ReportSignal.POSITION_REPEATED]),
        ({"shared_pieces": 25}, []),
        ({"shared_pieces": 26}, [ReportSignal.TEXT_COPIED]),
        ({"repeated_pictures": 1}, []),
        ({"repeated_pictures": 2}, [ReportSignal.PICTURES_REPEATED]),
        ({"incident_codes": frozenset({"STAYED_TOO_LONG"})}, []),
        ({"incident_codes": frozenset({"CONTACT_AFTER_CHECK_OUT"})}, [ReportSignal.TALK_OUTSIDE_STAY]),
    ],
)
def test_what_repeats_and_what_lies_outside_the_stay(changes: dict[str, Any], expected: list[ReportSignal]) -> None:
    assert found(**changes) == expected
