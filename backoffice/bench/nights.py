"""One nightly run for a bench, worked by processes of their own, as Celery workers are."""

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.db import connection
from django.utils import timezone

from cases.enums import ChunkState, Job
from cases.models import Case, CaseEvent, Decision, DecisionLetter, EvaluationChunk, TermsChange, TriggerHit
from cases.services.evaluation import runs

# Code of a worker process: it works chunks until none is left and prints its peak memory in kilobytes.
_WORKER = """
import os, resource, sys, time, django
django.setup()
from django.db import connections
connections["default"].settings_dict["NAME"] = sys.argv[1]
from django.utils import timezone
from cases.models import EvaluationRun
from cases.services.evaluation import chunks, runs
run = int(sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
while True:
    if chunks.work_chunk(run_id=run, at=timezone.now()):
        continue
    if runs.settle_run(run_id=run, at=timezone.now()) or EvaluationRun.objects.get(pk=run).state != "RUNNING":
        break
    time.sleep(0.02)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, flush=True)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """Time and memory of one run. `written` counts the rows of what runs write; `rss_mb` is the largest worker's."""

    seconds: float
    accounts: int
    chunks: int
    written: dict[str, int]
    rss_mb: float


def night(*, business_date: date, workers: int, job: Job = Job.TRIGGERS) -> Night:
    """Work one run with `workers` processes, and measure from the first claimed chunk to the settled run."""
    before = _rows()
    crew = []
    began_run = runs.start_run(job=job, business_date=business_date, at=timezone.now())
    for _number in range(workers):
        crew.append(
            subprocess.Popen(  # noqa: S603 - our own interpreter and text
                [sys.executable, "-c", _WORKER, str(connection.settings_dict["NAME"]), str(began_run.pk)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=settings.BASE_DIR,
                env={**os.environ, "DJANGO_SETTINGS_MODULE": "backoffice.settings"},
            )
        )
    for each in crew:
        assert each.stdout is not None  # noqa: S101 - a pipe was asked for
        each.stdout.readline()
    began = time.monotonic()
    sizes = []
    for each in crew:
        assert each.stdin is not None  # noqa: S101 - a pipe was asked for
        each.stdin.write("go\n")
        each.stdin.flush()
    for each in crew:
        out, _nothing = each.communicate()
        sizes.append(int(out.strip() or 0))
    seconds = time.monotonic() - began
    began_run.refresh_from_db()
    if began_run.state != "FINISHED":
        raise RuntimeError(f"The run is {began_run.state}: {began_run.held_because}")
    chunks = EvaluationChunk.objects.filter(run=began_run, state=ChunkState.DONE).count()
    after = _rows()
    return Night(
        seconds=seconds,
        accounts=began_run.account_count,
        chunks=chunks,
        written={name: after[name] - before[name] for name in after},
        rss_mb=max(sizes) / 1024,
    )


def _rows() -> dict[str, int]:
    return {
        "hits": TriggerHit.objects.count(),
        "hits_ended": TriggerHit.objects.filter(left_on__isnull=False).count(),
        "cases": Case.objects.count(),
        "events": CaseEvent.objects.count(),
        "decisions": Decision.objects.count(),
        "instructions": TermsChange.objects.count(),
        "letters": DecisionLetter.objects.count(),
    }
