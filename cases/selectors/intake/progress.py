"""How far the intake of a file is."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cases.enums import IntakeState
from cases.models import IntakeFile

# After so long a queued file that nobody has begun counts as silent.
PATIENCE: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeProgress:
    """
    How far an intake is.

    `percent` (0 to 100) and `total` are None until the file was read to its end; `rate` is rows a second since the
    beginning, None in the first second. `is_live` says that the intake has not ended, `is_silent` that nobody works on
    it: its worker is lost, or none has begun.
    """

    state: str
    rows: int
    total: int | None
    percent: int | None
    rate: float | None
    eta: timedelta | None
    is_live: bool
    is_silent: bool


def intake_progress(*, file: IntakeFile, at: datetime) -> IntakeProgress:
    """Return how far the intake of `file` is at a moment."""
    is_running = file.state == IntakeState.RUNNING
    ended = file.finished_at if file.finished_at is not None else at
    seconds = max((ended - file.started_at).total_seconds(), 0.0)
    rate = file.row_count / seconds if seconds >= 1 and file.row_count else None
    left = None if file.total_count is None else max(file.total_count - file.row_count, 0)
    percent = None if not file.total_count else min(100, 100 * file.row_count // file.total_count)
    lost = is_running and file.leased_until is not None and file.leased_until < at
    return IntakeProgress(
        state=file.state,
        rows=file.row_count,
        total=file.total_count,
        percent=0 if file.state == IntakeState.QUEUED else percent,
        rate=rate,
        eta=timedelta(seconds=round(left / rate)) if is_running and rate and left is not None else None,
        is_live=file.state in (IntakeState.QUEUED, IntakeState.RUNNING),
        is_silent=lost or (file.state == IntakeState.QUEUED and at - file.started_at > PATIENCE),
    )
