"""The circuit breaker of nightly work: what a previewed run would do, against its limits."""

from typing import Any

from cases.enums import Job, Measure, RunState
from cases.models import BreakerLimit, EvaluationRun
from cases.rules.breaker import RUNS_LOOKED_AT, Limit, excess

# Where the record keeps a field's default, it is the house's limit.
_OF_JOB: dict[str, tuple[Measure, ...]] = {
    Job.TRIGGERS: (Measure.OPENED,),
    Job.STANDING: (Measure.REWARDED, Measure.RESTRICTED),
}


def excesses(*, run: EvaluationRun, preview: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    """
    Return what breaks a limit, as the run keeps it in `held_because`; an empty list lets it go on.

    `preview` gives "effects" and "of" by Measure. Past runs are the finished ones of the same job, newest first.
    """
    limits = {limit.measure: limit for limit in BreakerLimit.objects.all()}
    past = list(
        EvaluationRun.objects.filter(job=run.job, state=RunState.FINISHED, business_date__lt=run.business_date)
        .order_by("-business_date")
        .values_list("preview", flat=True)[:RUNS_LOOKED_AT]
    )
    found = []
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
