"""A lender's file of borrowers and accounts: its first load, the same file again, and the file of the next day."""

import tempfile
import time
from pathlib import Path
from typing import Final

from django.db import connection
from django.utils import timezone

from backoffice.bench import intake_floor, intake_naive
from backoffice.bench.intake_file import PROFILE, write_file
from backoffice.bench.registry import ProgressLog, Result
from cases.rules.profile.parse import parse_profile
from cases.services.intake.file_record import IntakeResult
from cases.services.intake.take_in import take_in

NAIVE_SAMPLE: Final = 300


def run(*, scale: int, log_progress: ProgressLog) -> Result:
    """
    Measure the intake of `scale` accounts of as many people with name, identity number, telephone and address.

    The floor copies the very bytes that our first load left behind (ciphertexts, indexes, figures) to staging tables and
    upserts them by one statement a table, in one transaction, into the same tables; then once more. The naive loop runs
    on a sample; its time is the sample's rate over all rows. `extra` tells of the unchanged file and of the next day's.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "portfolio.csv"
        log_progress(f"writing {scale:,} rows")
        write_file(path=path, rows=scale)

        rate = intake_naive.sample_rate(path=path, size=min(NAIVE_SAMPLE, scale))
        log_progress(f"a loop: {rate:.0f} rows/s; {scale:,} would take {scale / rate:,.0f} s (extrapolated)")
        intake_floor.empty_tables()

        first = _take(path, log_progress, "first load")
        _expect(first.created == scale, "created")
        _settle()
        again = _take(path, log_progress, "unchanged file")
        _expect(again.unchanged == scale, "found unchanged")

        log_progress("bare SQL")
        intake_floor.keep_bytes(folder=folder)
        intake_floor.empty_tables()
        floor = intake_floor.load(folder=folder)
        _settle()
        floor_again = intake_floor.load(folder=folder)
        log_progress(f"bare SQL: {floor:.1f} s, unchanged {floor_again:.1f} s")
        _settle()

        write_file(path=path, rows=scale, days_later=1)
        later = _take(path, log_progress, "next day")
        _expect(later.updated == scale, "updated")
    return Result(
        seconds=first.seconds,
        items=scale,
        floor_seconds=floor,
        naive_seconds=scale / rate,
        extra={
            "reload_seconds": round(again.seconds, 3),
            "reload_floor_seconds": round(floor_again, 3),
            "reload_ratio_to_floor": round(again.seconds / floor_again, 3),
            "next_day_seconds": round(later.seconds, 3),
        },
    )


def _take(path: Path, log_progress: ProgressLog, what: str) -> IntakeResult:
    began = time.monotonic()

    def progress(rows: int) -> None:
        if rows % 100_000 == 0:
            log_progress(f"{what}: {rows:,} rows, {time.monotonic() - began:.1f} s")

    profile = parse_profile(text=PROFILE, name="bench")
    result = take_in(path=path, profile=profile, actor=None, at=timezone.now(), progress=progress)
    log_progress(f"{what}: {result.seconds:.1f} s")
    return result


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise RuntimeError(f"Not every row was {what}: another work than the floor's was measured.")


def _settle() -> None:
    """Vacuum and analyse the tables, as autovacuum does between two intakes."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
