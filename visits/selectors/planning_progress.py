"""How far a planning run is, and its letters."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count

from visits.models import LetterDue, PlanningRun
from visits.planning_enums import LetterState, PlanningOutcome, PlanningPhase, PlanningState

# After so long a run that nobody has begun counts as silent.
PATIENCE: Final = timedelta(minutes=1)
# Where the search begins and ends on a bar from 0 to 100.
_SEARCH: Final = (5, 92)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanningProgress:
    """
    How far a run is: `percent` from 0 to 100, `seconds` of the search so far (None before it).

    `letters` counts the letters of its visits by state. `is_live` says that something may still change, `is_silent` that
    no worker is at it.
    """

    percent: int
    seconds: int | None
    letters: dict[str, int]
    is_live: bool
    is_silent: bool

    @property
    def letters_total(self) -> int:
        """Letters that were wanted and have not become needless."""
        return sum(count for state, count in self.letters.items() if state != LetterState.DROPPED)

    @property
    def letters_percent(self) -> int:
        """The share of letters that are made, from 0 to 100."""
        total = self.letters_total
        return 100 * self.letters.get(LetterState.MADE, 0) // total if total else 100


def planning_progress(*, run: PlanningRun, at: datetime) -> PlanningProgress:
    """Return how far the run is at a moment, with one query. The search is measured by its clock."""
    unfinished = run.state in (PlanningState.WAITING, PlanningState.RUNNING)
    letters = {} if unfinished else _letters(run=run)
    lost = run.state == PlanningState.RUNNING and run.leased_until is not None and run.leased_until < at
    unbegun = run.state == PlanningState.WAITING and at - run.requested_at > PATIENCE
    return PlanningProgress(
        percent=_percent(run=run, at=at),
        seconds=_seconds(run=run, at=at),
        letters=letters,
        is_live=unfinished or letters.get(LetterState.WAITING, 0) > 0,
        is_silent=lost or unbegun,
    )


def _letters(*, run: PlanningRun) -> dict[str, int]:
    rows = LetterDue.objects.filter(
        order__planning__run=run,
        order__planning__outcome=PlanningOutcome.PLANNED,
        created_at__gte=run.requested_at,
    )
    return dict(rows.values("state").annotate(n=Count("pk")).order_by("state").values_list("state", "n"))


def _seconds(*, run: PlanningRun, at: datetime) -> int | None:
    if run.search_began_at is None:
        return None
    passed = ((run.finished_at or at) - run.search_began_at).total_seconds()
    return max(0, min(run.seconds, round(passed)))


def _percent(*, run: PlanningRun, at: datetime) -> int:
    if run.state == PlanningState.FINISHED:
        return 100
    if run.state != PlanningState.RUNNING:
        return 0
    begins, ends = _SEARCH
    if run.phase == PlanningPhase.FACTS:
        return begins
    if run.phase == PlanningPhase.WRITING:
        return ends
    return begins + (ends - begins) * (_seconds(run=run, at=at) or 0) // run.seconds
