"""Where a contradiction stands, and how a document decides it."""

from collections.abc import Iterable
from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.core.transitions import Lifecycle, Transition
from visits.contradiction_enums import ContradictionState, Side
from visits.rules.comparison.matching import Match
from visits.rules.contradictions.claims import Claim
from visits.rules.contradictions.conflicts import Conflict, compare_claims

SETTLE: Final = "visits.settle_contradiction"

CONTRADICTION: Final = Lifecycle(
    name="contradiction",
    field="state",
    transitions=(
        Transition(
            action="confirm",
            sources=frozenset({ContradictionState.OPEN}),
            target=ContradictionState.CONFIRMED,
            permission=SETTLE,
            label=_("One source is wrong"),
        ),
        Transition(
            action="clear",
            sources=frozenset({ContradictionState.OPEN}),
            target=ContradictionState.CLEARED,
            permission=SETTLE,
            label=_("Both can be true"),
        ),
        # A source was corrected, superseded, returned or discarded.
        Transition(
            action="lose",
            sources=frozenset({ContradictionState.OPEN}),
            target=ContradictionState.GONE,
            permission=SETTLE,
            label=_("No longer found"),
        ),
        Transition(
            action="find_again",
            sources=frozenset({ContradictionState.GONE}),
            target=ContradictionState.OPEN,
            permission=SETTLE,
            label=_("Found again"),
        ),
    ),
)


def wrong_side(*, conflict: Conflict, deciding: Iterable[Claim]) -> tuple[Side, Claim] | None:
    """
    Return which side of a contradiction is wrong by the document that decides, and its claim; None if none decides.

    `deciding` are the claims of sound papers. One of the decisive kind that is neither of the two sources, agrees with one
    side and cannot be true beside the other, decides.
    """
    for claim in deciding:
        if claim.source != conflict.decider or claim.ref in (conflict.left.ref, conflict.right.ref):
            continue
        fits = compare_claims(left=claim, right=conflict.left), compare_claims(left=claim, right=conflict.right)
        if fits == (Match.SAME, Match.DIFFERENT):
            return Side.RIGHT, claim
        if fits == (Match.DIFFERENT, Match.SAME):
            return Side.LEFT, claim
    return None
