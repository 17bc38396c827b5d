"""The steps of a planning run and of a letter to be made, as data. Nothing else changes their status."""

from django.utils.translation import gettext_lazy as _

from backoffice.core.transitions import Lifecycle, Transition
from visits.planning_enums import LetterState, PlanningState

# A worker takes these steps, but a person begins them.
PLANNING_LIFECYCLE = Lifecycle(
    name="planning run",
    field="state",
    transitions=(
        # From RUNNING as well: another worker takes over from one that died.
        Transition(
            action="begin",
            sources=frozenset({PlanningState.WAITING, PlanningState.RUNNING}),
            target=PlanningState.RUNNING,
            permission="visits.dispatch_visitorder",
            label=_("Begin"),
        ),
        Transition(
            action="finish",
            sources=frozenset({PlanningState.RUNNING}),
            target=PlanningState.FINISHED,
            permission="visits.dispatch_visitorder",
            label=_("Finish"),
        ),
        Transition(
            action="give_up",
            sources=frozenset({PlanningState.WAITING, PlanningState.RUNNING}),
            target=PlanningState.FAILED,
            permission="visits.dispatch_visitorder",
            label=_("Give up"),
        ),
    ),
)

LETTER_LIFECYCLE = Lifecycle(
    name="letter to be made",
    field="state",
    transitions=(
        Transition(
            action="make",
            sources=frozenset({LetterState.WAITING}),
            target=LetterState.MADE,
            permission="visits.dispatch_visitorder",
            label=_("Make the letter"),
        ),
        Transition(
            action="drop",
            sources=frozenset({LetterState.WAITING}),
            target=LetterState.DROPPED,
            permission="visits.dispatch_visitorder",
            label=_("Drop the letter"),
        ),
        Transition(
            action="give_up",
            sources=frozenset({LetterState.WAITING}),
            target=LetterState.FAILED,
            permission="visits.dispatch_visitorder",
            label=_("Give up"),
        ),
    ),
)
