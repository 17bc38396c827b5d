"""The first night over a portfolio: our run, bare SQL for the same rows, and a loop over model instances."""

import time
from typing import Final

from django.db import connection
from django.utils import timezone

from backoffice.demo.bench import evaluation_floor, evaluation_naive
from backoffice.demo.bench.portfolio import BUSINESS_DATE, empty_results, fill
from backoffice.demo.bench.registry import Result, Tell
from cases.enums import Job
from cases.models import Case, TriggerHit
from cases.services import evaluation, policies

NAIVE_SAMPLE: Final = 300


def run(*, scale: int, tell: Tell) -> Result:
    """
    Measure one in-process first night over `scale` accounts.

    The floor is one hand-written set of statements that works out the features that the shipped rules look at and
    writes facts, hits and cases in one transaction, without chunks, trail, timeline or explanations. The naive loop
    runs on a sample; its time is the sample's rate over all overdue accounts.
    """
    tell(f"making {scale:,} accounts")
    fill(scale=scale)
    policies.install_default_policy(effective_from=BUSINESS_DATE, at=timezone.now())

    tell("bare SQL")
    began = time.monotonic()
    floor = evaluation_floor.first_night()
    floor_seconds = time.monotonic() - began
    tell(f"bare SQL: {floor_seconds:.1f} s, {floor}")

    tell(f"a loop over {NAIVE_SAMPLE} accounts")
    overdue, naive_rate = evaluation_naive.sample_rate(size=NAIVE_SAMPLE)
    tell(
        f"loop: {naive_rate:.0f} accounts/s; {overdue:,} overdue accounts would take {overdue / naive_rate:,.0f} s (extrapolated)"
    )

    empty_results()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    tell("our first night")
    began = time.monotonic()
    night = evaluation.start_run(job=Job.TRIGGERS, business_date=BUSINESS_DATE, at=timezone.now())
    done = 0
    while evaluation.work_chunk(run_id=night.pk, at=timezone.now()):
        done += 1
        tell(f"chunk {done}: {time.monotonic() - began:.1f} s")
    evaluation.settle_run(run_id=night.pk, at=timezone.now())
    seconds = time.monotonic() - began
    ours = (TriggerHit.objects.count(), Case.objects.count())
    if ours != floor:
        raise RuntimeError(f"The floor does other work: it wrote {floor} hits and cases, we wrote {ours}.")
    return Result(seconds=seconds, items=overdue, floor_seconds=floor_seconds, naive_seconds=overdue / naive_rate)
