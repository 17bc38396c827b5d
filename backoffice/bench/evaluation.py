"""Evaluation runs over a portfolio: the first, the second, and by two workers; beside bare SQL and a per-row loop."""

import time
from datetime import timedelta
from typing import Final

from django.db import connection
from django.utils import timezone

from backoffice.bench import evaluation_floor, evaluation_naive
from backoffice.bench.nights import Night, night
from backoffice.bench.portfolio import BUSINESS_DATE, change_some, empty_results, fill
from backoffice.bench.registry import ProgressLog, Result
from cases.models import Case, TriggerHit
from cases.services.policies import versions

NAIVE_SAMPLE: Final = 300
CHANGED_SHARE: Final = 0.01


def run(*, scale: int, log_progress: ProgressLog) -> Result:
    """
    Measure a first and a second night over `scale` accounts, by one worker process, and the first by two.

    The floor is one hand-written set of statements that works out the same features and writes the same hits and cases
    in one transaction, without chunks, trail, timeline or kept facts. The naive loop runs on a sample; its time is the
    sample's rate over all overdue accounts. A tenth of the scale is measured first, for the growth.
    """
    tenth = _first_night(scale=max(scale // 10, 1_000), log_progress=log_progress)
    log_progress(f"{tenth.accounts:,} overdue accounts of {scale // 10:,}: {tenth.seconds:.1f} s")
    _empty_all()
    log_progress(f"making {scale:,} accounts")
    fill(scale=scale)

    log_progress("bare SQL")
    began = time.monotonic()
    floor = evaluation_floor.first_night()
    floor_seconds = time.monotonic() - began
    log_progress(f"bare SQL: {floor_seconds:.1f} s, {floor}")
    overdue, naive_rate = evaluation_naive.sample_rate(size=NAIVE_SAMPLE)
    log_progress(
        f"loop over {NAIVE_SAMPLE}: {naive_rate:.0f} accounts/s; all would take {overdue / naive_rate:,.0f} s (extrapolated)"
    )

    _emptied()
    first = _told(night(business_date=BUSINESS_DATE, workers=1), "first night", log_progress)
    ours = (TriggerHit.objects.count(), Case.objects.count())
    if ours != floor:
        raise RuntimeError(f"The floor does other work: it wrote {floor} hits and cases, we wrote {ours}.")
    differing = evaluation_floor.differing_facts()
    if differing:
        raise RuntimeError(f"The floor works out other facts for {differing} accounts.")

    changed = change_some(share=CHANGED_SHARE, business_date=BUSINESS_DATE + timedelta(days=1))
    log_progress(f"{changed:,} accounts changed")
    _vacuum()
    second = _told(night(business_date=BUSINESS_DATE + timedelta(days=1), workers=1), "second night", log_progress)

    _emptied()
    both = _told(night(business_date=BUSINESS_DATE, workers=2), "first night by two workers", log_progress)
    return Result(
        seconds=first.seconds,
        items=overdue,
        floor_seconds=floor_seconds,
        naive_seconds=overdue / naive_rate,
        peak_rss_mb=first.rss_mb,
        extra={
            "second_night_seconds": round(second.seconds, 3),
            "second_night_ratio": round(second.seconds / first.seconds, 3),
            "second_night_written": second.written,
            "two_workers_seconds": round(both.seconds, 3),
            "two_workers_speedup": round(first.seconds / both.seconds, 3),
            "chunks": first.chunks,
            "tenth_seconds": round(tenth.seconds, 3),
            "growth_of_seconds_per_account": round(
                (first.seconds / first.accounts) / (tenth.seconds / tenth.accounts), 3
            ),
        },
    )


def _first_night(*, scale: int, log_progress: ProgressLog) -> Night:
    log_progress(f"making {scale:,} accounts")
    fill(scale=scale)
    versions.install_default_policy(effective_from=BUSINESS_DATE - timedelta(days=30), at=timezone.now())
    return night(business_date=BUSINESS_DATE, workers=1)


def _told(found: Night, name: str, log_progress: ProgressLog) -> Night:
    log_progress(f"{name}: {found.seconds:.1f} s, {found.accounts:,} accounts, {found.written}, {found.rss_mb:.0f} MB")
    return found


def _emptied() -> None:
    empty_results()
    _vacuum()


def _empty_all() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE cases_borrower, access_territory, cases_evaluationrun CASCADE")


def _vacuum() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
