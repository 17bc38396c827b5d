"""How far a letter about a decision has come."""

from django.utils.translation import gettext_lazy as _

from backoffice.core.transitions import Lifecycle, Transition
from cases.enums import LetterState

# What is reported of a letter, in whatever order it arrives: an opened letter stays opened.
DECISION_LETTER = Lifecycle(
    name="decision letter",
    field="state",
    transitions=(
        Transition(
            action="return",
            sources=frozenset({LetterState.WAITING}),
            target=LetterState.RETURNED,
            permission="cases.report_letterdelivery",
            label=_("Came back"),
        ),
        Transition(
            action="deliver",
            sources=frozenset({LetterState.WAITING, LetterState.RETURNED}),
            target=LetterState.DELIVERED,
            permission="cases.report_letterdelivery",
            label=_("Delivered"),
        ),
        Transition(
            action="open",
            sources=frozenset({LetterState.WAITING, LetterState.RETURNED, LetterState.DELIVERED}),
            target=LetterState.OPENED,
            permission="cases.report_letterdelivery",
            label=_("Opened"),
        ),
    ),
)
