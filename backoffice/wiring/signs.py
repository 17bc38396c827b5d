"""
Signs of life of the worker and of beat.

Beat writes its own sign. Every 30 seconds it also sends the task `give_worker_sign`, and the worker that runs the task
writes the worker's sign. A worker that is frozen, dead or overloaded therefore has an old sign, and so has every worker
while beat is away.
"""

from typing import Final

from django.db.models.functions import Now

from backoffice.wiring.models import ProcessSign

WORKER: Final = "worker"
BEAT: Final = "beat"
PROCESSES: Final = (WORKER, BEAT)
# Three signs in a row are missing.
OLDEST_SECONDS: Final = 90


def give_sign(*, process: str) -> None:
    """Write that the process (`WORKER` or `BEAT`) lives now, by the clock of the database."""
    sign = ProcessSign(process=process, seen_at=Now())
    ProcessSign.objects.bulk_create([sign], update_conflicts=True, unique_fields=["process"], update_fields=["seen_at"])


def state_of(*, age: float | None) -> str:
    """Return "ok", or what is wrong with a process whose last sign is `age` seconds old (None: it never gave one)."""
    if age is None:
        return "no sign yet"
    return "ok" if age <= OLDEST_SECONDS else f"no sign for {int(age)} s"
