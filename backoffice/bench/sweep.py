"""Drafts for all cases of a first night: the sweep against bare SQL that writes the same rows."""

import time
from datetime import UTC, datetime, timedelta
from typing import Final

from django.db import connection
from django.utils import timezone

from backoffice.bench import sweep_floor
from backoffice.bench.portfolio import BUSINESS_DATE, fill
from backoffice.bench.registry import ProgressLog, Result
from cases.models import Case, CaseEvent
from visits.models import Placement, VisitOrder
from visits.services.dispatch.sweeping import sweep_visits_needed

AT: Final = datetime.combine(BUSINESS_DATE, datetime.min.time(), tzinfo=UTC) + timedelta(hours=2)
NAIVE_SAMPLE: Final = 200
# Cases of the sample portfolio that need a visit, one an overdue borrower; a few more accounts than that are made.
ACCOUNTS_A_CASE: Final = 4


def run(*, scale: int, log_progress: ProgressLog) -> Result:
    """
    Measure the first sweep over `scale` cases that need a visit, of 30 territories with four agencies each.

    A twelfth of the borrowers are protected, have promised, or lack an address, and are passed over. The floor is bare SQL
    that reads the same facts and writes the same orders, placements and lines of the timeline in one transaction; it is
    told which cases are drafted. `extra` tells of a second sweep, of one with every territory full, and what was written.
    """
    log_progress(f"making {scale:,} cases")
    fill(scale=scale * ACCOUNTS_A_CASE)
    sweep_floor.make_cases(scale=scale)

    began = time.monotonic()
    swept = sweep_visits_needed(at=AT, business_date=BUSINESS_DATE)
    seconds = time.monotonic() - began
    log_progress(f"first sweep: {seconds:.1f} s, {swept}")
    ours = _written()

    began = time.monotonic()
    again = sweep_visits_needed(at=AT, business_date=BUSINESS_DATE)
    again_seconds = time.monotonic() - began
    if again.drafted or again.placed or again.skipped:
        raise RuntimeError(f"A second sweep of the day found work again: {again}.")
    log_progress(f"second sweep: {again_seconds:.1f} s")

    sweep_floor.keep_drafted()
    sweep_floor.empty()
    began = time.monotonic()
    sweep_floor.draft(at=AT, business_date=BUSINESS_DATE)
    floor_seconds = time.monotonic() - began
    floor = _written()
    log_progress(f"bare SQL: {floor_seconds:.1f} s, {floor}")
    if ours != floor:
        raise RuntimeError(f"The floor does other work: it wrote {floor} rows, we wrote {ours}.")

    sweep_floor.empty()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE visits_agencyterritory SET capacity = 0")
    began = time.monotonic()
    full = sweep_visits_needed(at=AT, business_date=BUSINESS_DATE)
    full_seconds = time.monotonic() - began
    log_progress(f"all territories full: {full_seconds:.1f} s, {full}, {CaseEvent.objects.count()} lines")
    return Result(
        seconds=seconds,
        items=scale,
        floor_seconds=floor_seconds,
        extra={
            "drafted": swept.drafted,
            "placed": swept.placed,
            "passed_over": dict(swept.skipped),
            "second_sweep_seconds": round(again_seconds, 3),
            "full_sweep_seconds": round(full_seconds, 3),
            "full_sweep_lines": CaseEvent.objects.count(),
            "made_at": timezone.now().isoformat(),
        },
    )


def _written() -> dict[str, int]:
    return {model.__name__: model._default_manager.count() for model in (Case, CaseEvent, Placement, VisitOrder)}
