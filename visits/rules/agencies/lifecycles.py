"""The steps of a crew member, and of papers, prices and renewals of an agency, as data."""

from django.utils.translation import gettext_lazy as _

from backoffice.core.transitions import Lifecycle, Transition
from visits.enums import CrewState, EntryState

CREW_LIFECYCLE = Lifecycle(
    name="crew member",
    field="state",
    transitions=(
        Transition(
            action="confirm",
            sources=frozenset({CrewState.ENTERED}),
            target=CrewState.CONFIRMED,
            permission="visits.confirm_crewmember",
            label=_("Confirm"),
        ),
        # A change of what was confirmed takes the confirmation back.
        Transition(
            action="reopen",
            sources=frozenset({CrewState.ENTERED, CrewState.CONFIRMED}),
            target=CrewState.ENTERED,
            permission="visits.change_crewmember",
            label=_("Edit"),
        ),
        Transition(
            action="deactivate",
            sources=frozenset({CrewState.ENTERED, CrewState.CONFIRMED}),
            target=CrewState.INACTIVE,
            permission="visits.change_crewmember",
            label=_("Deactivate"),
        ),
        Transition(
            action="reactivate",
            sources=frozenset({CrewState.INACTIVE}),
            target=CrewState.ENTERED,
            permission="visits.change_crewmember",
            label=_("Reactivate"),
        ),
    ),
)


def _entry_lifecycle(name: str, *, confirm: str, withdraw: str, may_end: bool = True) -> Lifecycle:
    """Return the steps of what one person enters and another confirms; `may_end`: also what is confirmed is withdrawn."""
    held = frozenset({EntryState.ENTERED, EntryState.CONFIRMED})
    return Lifecycle(
        name=name,
        field="state",
        transitions=(
            Transition(
                action="confirm",
                sources=frozenset({EntryState.ENTERED}),
                target=EntryState.CONFIRMED,
                permission=confirm,
                label=_("Confirm"),
            ),
            Transition(
                action="withdraw",
                sources=held if may_end else frozenset({EntryState.ENTERED}),
                target=EntryState.WITHDRAWN,
                permission=withdraw,
                label=_("Withdraw"),
            ),
        ),
    )


CREDENTIAL_LIFECYCLE = _entry_lifecycle(
    "agency's paper", confirm="visits.confirm_agencycredential", withdraw="visits.add_agencycredential"
)
# A price that counts is ended by a later one, never withdrawn: what was done under it is paid by it.
PRICE_LIFECYCLE = _entry_lifecycle(
    "price", confirm="visits.confirm_pricecard", withdraw="visits.add_pricecard", may_end=False
)
RENEWAL_LIFECYCLE = _entry_lifecycle(
    "renewal", confirm="visits.admit_agency", withdraw="visits.change_agency", may_end=False
)
