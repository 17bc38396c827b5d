"""How a run moves, and which days a job has missed. The table drives the service, buttons, API doors and tests."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.core.transitions import Lifecycle, Transition
from cases.enums import RunState

# More missed days than these are not caught up one by one: what they would have found has passed.
MOST_MISSED_DAYS: Final = 14
# A run in one of these has not been worked to its end, and may still be.
UNFINISHED: Final = frozenset({RunState.RUNNING, RunState.PAUSED, RunState.HELD})

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
        # What a circuit breaker stopped: an approver who did not start it lets it go on, or calls it off.
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
        # For borrowers who were set aside and shall be judged once more.
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
    """Business dates to be caught up, in order, and how many older ones are given up."""

    days: tuple[date, ...]
    given_up: int


def missed_days(*, last_finished: date | None, until: date, most: int = MOST_MISSED_DAYS) -> MissedDays:
    """
    Return the business dates after `last_finished` up to and including `until`, the newest `most` of them.

    A job that was never finished has missed nothing but `until` itself.
    """
    first = until if last_finished is None else last_finished + timedelta(days=1)
    number = max(0, (until - first).days + 1)
    kept = min(number, most)
    days = tuple(until - timedelta(days=kept - 1 - n) for n in range(kept))
    return MissedDays(days=days, given_up=number - kept)
