"""The states of a suggestion that borrowers are one person. Services, buttons, API doors and tests read this table."""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.core.transitions import Lifecycle, Transition
from cases.enums import PersonMergeState

# The borrowers of a merge in one of these are one person.
STANDING_MERGE: Final = frozenset({PersonMergeState.APPROVED, PersonMergeState.PART_SUGGESTED})
# Somebody has to decide.
UNDECIDED_MERGE: Final = frozenset({PersonMergeState.SUGGESTED, PersonMergeState.PART_SUGGESTED})

PERSON_MERGE: Final = Lifecycle(
    name="suggested merge",
    field="state",
    transitions=(
        Transition(
            action="approve",
            sources=frozenset({PersonMergeState.SUGGESTED}),
            target=PersonMergeState.APPROVED,
            permission="cases.decide_personmerge",
            label=_("Merge"),
            adverse=True,
        ),
        Transition(
            action="refuse",
            sources=frozenset({PersonMergeState.SUGGESTED}),
            target=PersonMergeState.REFUSED,
            permission="cases.decide_personmerge",
            label=_("Different people"),
        ),
        # The borrowers that the rule would suggest are no longer the same, or all of them are one person by now.
        Transition(
            action="lapse",
            sources=frozenset({PersonMergeState.SUGGESTED}),
            target=PersonMergeState.LAPSED,
            permission="cases.decide_personmerge",
            label=_("Let lapse"),
        ),
        # The lender corrected a number since, so that the merged borrowers no longer share one.
        Transition(
            action="suggest_parting",
            sources=frozenset({PersonMergeState.APPROVED}),
            target=PersonMergeState.PART_SUGGESTED,
            permission="cases.decide_personmerge",
            label=_("Suggest to part them"),
        ),
        Transition(
            action="keep",
            sources=frozenset({PersonMergeState.PART_SUGGESTED}),
            target=PersonMergeState.APPROVED,
            permission="cases.decide_personmerge",
            label=_("Keep merged"),
        ),
        Transition(
            action="undo",
            sources=STANDING_MERGE,
            target=PersonMergeState.UNDONE,
            permission="cases.decide_personmerge",
            label=pgettext_lazy("to part merged borrowers", "Undo the merge"),
        ),
    ),
)
