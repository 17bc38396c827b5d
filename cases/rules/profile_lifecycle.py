"""The lifecycle of a version of an intake profile; the others are in lifecycle.py."""

from django.utils.translation import gettext_lazy as _

from backoffice.core.transitions import Lifecycle, Transition
from cases.enums import ProfileState

PROFILE_VERSION = Lifecycle(
    name="version of an intake profile",
    field="state",
    transitions=(
        # Approved by another person, it is in use at once; the version in use before is retired in the same step.
        Transition(
            action="approve",
            sources=frozenset({ProfileState.DRAFT}),
            target=ProfileState.ACTIVE,
            permission="cases.approve_intakeprofile",
            label=_("Approve"),
        ),
        Transition(
            action="refuse",
            sources=frozenset({ProfileState.DRAFT}),
            target=ProfileState.RETIRED,
            permission="cases.approve_intakeprofile",
            label=_("Refuse"),
        ),
        Transition(
            action="discard",
            sources=frozenset({ProfileState.DRAFT}),
            target=ProfileState.RETIRED,
            permission="cases.change_intakeprofile",
            label=_("Discard"),
        ),
        # Also how a version gives way to the next one.
        Transition(
            action="retire",
            sources=frozenset({ProfileState.ACTIVE}),
            target=ProfileState.RETIRED,
            permission="cases.approve_intakeprofile",
            label=_("Retire"),
        ),
    ),
)
