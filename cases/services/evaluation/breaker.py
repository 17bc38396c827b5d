"""The circuit breaker of nightly runs: what a run would do, by its preview, against the limits."""

from datetime import datetime
from typing import Any

from django.db import transaction

from backoffice.audit.services import record
from cases.enums import ChunkState, Job, Measure, RunPhase, RunState
from cases.models import BreakerLimit, EvaluationRun
from cases.rules.breaker import RUNS_LOOKED_AT, Limit, excess
from cases.rules.run_lifecycle import OPEN_CHUNKS
from cases.selectors.runs.feeds import figures_limits
from cases.services.evaluation.figures import Ages, keep_counts, sum_ages, too_old
from cases.services.evaluation.wakeups import WORKERS_WOKEN, wake_workers

# The measures of each job. A measure without a row of its own has the default values of BreakerLimit as its limit.
_OF_JOB: dict[str, tuple[Measure, ...]] = {
    Job.TRIGGERS: (Measure.OPENED,),
    Job.STANDING: (Measure.REWARDED, Measure.RESTRICTED),
}


def finish_preview(*, run_id: int, at: datetime) -> bool:
    """
    Once every chunk of a run is previewed, begin to apply the run, or hold it if a limit is exceeded.

    Return whether this was done: False while a chunk is still to be previewed, or if the run is not in its preview.
    Two callers at once do it once.
    """
    with transaction.atomic():
        run = EvaluationRun.objects.select_for_update(no_key=True).filter(pk=run_id, state=RunState.RUNNING).first()
        if run is None or run.phase != RunPhase.PREVIEWING:
            return False
        if run.chunks.filter(state__in=OPEN_CHUNKS, is_previewed=False).exists():
            return False
        _apply_or_hold(run=run, at=at)
        return True


def excesses(
    *, run: EvaluationRun, preview: dict[str, dict[str, int]], ages: Ages | None = None
) -> list[dict[str, Any]]:
    """
    Return each limit that a preview exceeds, as the run keeps it in `held_because`; an empty list if none is.

    `ages` are the judged accounts by source and age of their figures. `preview` gives "effects" (how many would be opened,
    rewarded or restricted) and "of" (how many were judged), both by Measure. They are compared with a share of those judged, and with the finished runs of the same job before this
    one, newest first.
    """
    kept_limits = list(BreakerLimit.objects.order_by("measure", "source"))
    limits = {limit.measure: limit for limit in kept_limits if not limit.source}
    past = list(
        EvaluationRun.objects.filter(job=run.job, state=RunState.FINISHED, business_date__lt=run.business_date)
        .order_by("-business_date")
        .values_list("preview", flat=True)[:RUNS_LOOKED_AT]
    )
    found = too_old(business_date=run.business_date, ages=ages or {}, limits=figures_limits(kept_limits))
    for measure in _OF_JOB[run.job]:
        kept = limits.get(measure) or BreakerLimit(measure=measure)
        over = excess(
            count=preview["effects"].get(measure, 0),
            of=preview["of"].get(measure, 0),
            past=[each.get("effects", {}).get(measure, 0) for each in past],
            limit=Limit(max_share=kept.max_share, max_multiple=kept.max_multiple, at_least=kept.at_least),
        )
        if over is not None:
            found.append(
                {
                    "measure": str(measure),
                    "count": over.count,
                    "of": over.of,
                    "max_share": str(over.max_share),
                    "max_multiple": str(over.max_multiple),
                    "median": None if over.median is None else str(over.median),
                    "is_share": over.is_share,
                    "is_multiple": over.is_multiple,
                }
            )
    return found


def _apply_or_hold(*, run: EvaluationRun, at: datetime) -> None:
    preview: dict[str, dict[str, int]] = {"effects": {}, "of": {}}
    # Chunks that are applied already count too: a retry of quarantined borrowers previews within a run that was finished.
    previewed = run.chunks.filter(is_previewed=True).exclude(state=ChunkState.DEAD)
    chunks = list(previewed.values_list("preview", flat=True))
    ages = sum_ages(chunk.get("ages", {}) for chunk in chunks)
    for chunk in chunks:
        for part, sums in preview.items():
            for measure, count in chunk.get(part, {}).items():
                sums[measure] = sums.get(measure, 0) + count
    # A run that a person has released is not held again when a few quarantined borrowers are retried.
    because = [] if run.released_at else excesses(run=run, preview=preview, ages=ages)
    keep_counts(run=run, ages=ages, at=at)
    state = RunState.HELD if because else RunState.RUNNING
    EvaluationRun.objects.filter(pk=run.pk).update(
        phase=RunPhase.APPLYING, state=state, preview=preview, previewed_at=at, held_because=because, updated_at=at
    )
    record(
        actor=None,
        action="evaluation.held" if because else "evaluation.previewed",
        subject=run,
        at=at,
        body={"job": run.job, "business_date": run.business_date.isoformat(), **preview, "because": because},
    )
    if not because:
        wake_workers(run_id=run.pk, count=WORKERS_WOKEN)
