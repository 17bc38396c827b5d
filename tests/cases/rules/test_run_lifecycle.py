"""The lifecycle of a run, and the business dates that a job has missed."""

from datetime import date, timedelta

import pytest

from cases.rules.run_lifecycle import OPEN_CHUNKS, RUN, UNFINISHED, MissedDays, missed_days
from tests.factories.portfolio import TODAY


def day(number: int) -> date:
    return TODAY + timedelta(days=number)


def test_the_whole_table() -> None:
    steps = {(t.action, str(source)): (str(t.target), t.permission) for t in RUN.transitions for source in t.sources}

    assert steps == {
        ("pause", "RUNNING"): ("PAUSED", "cases.run_evaluation"),
        ("resume", "PAUSED"): ("RUNNING", "cases.run_evaluation"),
        ("cancel", "RUNNING"): ("CANCELLED", "cases.run_evaluation"),
        ("cancel", "PAUSED"): ("CANCELLED", "cases.run_evaluation"),
        ("cancel", "HELD"): ("CANCELLED", "cases.run_evaluation"),
        ("release", "HELD"): ("RUNNING", "cases.release_run"),
        ("refuse", "HELD"): ("CANCELLED", "cases.release_run"),
        ("reopen", "FINISHED"): ("RUNNING", "cases.run_evaluation"),
        ("reopen", "RUNNING"): ("RUNNING", "cases.run_evaluation"),
    }


@pytest.mark.parametrize(
    ("last", "until", "expected"),
    [
        (None, 0, MissedDays(days=(day(0),), given_up=0)),
        (0, 0, MissedDays(days=(), given_up=0)),
        (5, 0, MissedDays(days=(), given_up=0)),
        (0, 3, MissedDays(days=(day(1), day(2), day(3)), given_up=0)),
        (0, 14, MissedDays(days=tuple(day(n) for n in range(1, 15)), given_up=0)),
        (0, 17, MissedDays(days=tuple(day(n) for n in range(4, 18)), given_up=3)),
    ],
)
def test_missed_days(last: int | None, until: int, expected: MissedDays) -> None:
    assert missed_days(last_finished=None if last is None else day(last), until=day(until)) == expected


def test_run_that_has_not_ended_and_chunk_that_is_not_finished() -> None:
    assert {str(state) for state in UNFINISHED} == {"RUNNING", "PAUSED", "HELD"}
    assert {str(state) for state in OPEN_CHUNKS} == {"READY", "LEASED"}
