"""The states of a run and the business dates a job has missed. Services, buttons, API doors and tests read this table."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.core.transitions import Lifecycle, Transition
from cases.enums import ChunkState, RunState

# Of more missed dates only the newest are caught up: what an older date would have found has been judged since.
MOST_MISSED_DAYS: Final = 14
# States of a run that has not ended.
UNFINISHED: Final = frozenset({RunState.RUNNING, RunState.PAUSED, RunState.HELD})
# States of a chunk that is still to be previewed or applied.
OPEN_CHUNKS: Final = frozenset({ChunkState.READY, ChunkState.LEASED})

RUN: Final = Lifecycle(
    name="evaluation run",
    field="state",
    transitions=(
        Transition(
            action="pause",
            sources=frozenset({RunState.RUNNING}),
            target=RunState.PAUSED,
            permission="cases.run_evaluation",
            label=pgettext_lazy("to halt a run", "Pause"),
        ),
        Transition(
            action="resume",
            sources=frozenset({RunState.PAUSED}),
            target=RunState.RUNNING,
            permission="cases.run_evaluation",
            label=_("Resume"),
        ),
        Transition(
            action="cancel",
            sources=UNFINISHED,
            target=RunState.CANCELLED,
            permission="cases.run_evaluation",
            label=pgettext_lazy("to call off a run", "Cancel"),
        ),
        # A circuit breaker holds the run: an approver who did not start it releases or refuses it.
        Transition(
            action="release",
            sources=frozenset({RunState.HELD}),
            target=RunState.RUNNING,
            permission="cases.release_run",
            label=pgettext_lazy("to let a held run go on", "Release"),
            adverse=True,
        ),
        Transition(
            action="refuse",
            sources=frozenset({RunState.HELD}),
            target=RunState.CANCELLED,
            permission="cases.release_run",
            label=pgettext_lazy("to call off a held run", "Refuse"),
        ),
        # Quarantined borrowers are evaluated once more.
        Transition(
            action="reopen",
            sources=frozenset({RunState.FINISHED, RunState.RUNNING}),
            target=RunState.RUNNING,
            permission="cases.run_evaluation",
            label=_("Try those set aside again"),
        ),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedDays:
    """Business dates to catch up, in order, and how many older ones are given up."""

    days: tuple[date, ...]
    given_up: int


def missed_days(*, last_finished: date | None, until: date, most: int = MOST_MISSED_DAYS) -> MissedDays:
    """
    Return the business dates after `last_finished` up to and including `until`, at most the newest `most`.

    A job that has never finished has missed only `until` itself.
    """
    first = until if last_finished is None else last_finished + timedelta(days=1)
    number = max(0, (until - first).days + 1)
    kept = min(number, most)
    days = tuple(until - timedelta(days=kept - 1 - n) for n in range(kept))
    return MissedDays(days=days, given_up=number - kept)
