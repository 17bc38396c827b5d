"""How far an intake is, and whether somebody works on it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cases.models import IntakeFile
from cases.selectors.intake.progress import PATIENCE, intake_progress

AT = datetime(2026, 3, 2, 2, 0, 0, 123456, tzinfo=UTC)


def _progress(*, at: datetime = AT + timedelta(seconds=10), **changes: Any) -> Any:
    return intake_progress(file=IntakeFile(started_at=AT, **changes), at=at)


def test_running_file_has_rate_share_and_time_left() -> None:
    found = _progress(state="RUNNING", total_count=1000, row_count=250, leased_until=AT + timedelta(minutes=2))

    assert (found.percent, found.rate, found.eta) == (25, 25.0, timedelta(seconds=30))
    assert (found.is_live, found.is_silent) == (True, False)


def test_nothing_is_known_before_the_file_is_read_to_its_end() -> None:
    found = _progress(state="RUNNING", leased_until=AT + timedelta(minutes=2))

    assert (found.percent, found.total, found.rate, found.eta) == (None, None, None, None)


@pytest.mark.parametrize(
    ("state", "changes", "seconds", "silent"),
    [
        ("RUNNING", {"leased_until": AT + timedelta(seconds=5)}, 6, True),
        ("RUNNING", {"leased_until": AT + timedelta(seconds=5)}, 4, False),
        ("QUEUED", {}, PATIENCE.total_seconds() + 1, True),
        ("QUEUED", {}, PATIENCE.total_seconds(), False),
        ("FINISHED", {"finished_at": AT}, 600, False),
    ],
)
def test_file_that_nobody_works_on_is_silent(state: str, changes: dict[str, Any], seconds: float, silent: bool) -> None:
    assert _progress(state=state, at=AT + timedelta(seconds=seconds), **changes).is_silent is silent
