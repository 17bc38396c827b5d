"""The lifecycle of a bundle for legal recovery."""

from django.utils.translation import gettext_lazy as _

from backoffice.core.transitions import Lifecycle, Transition
from reports.enums import ExportState

APPROVE = "reports.approve_legalbundle"

BUNDLE = Lifecycle(
    name="bundle for legal recovery",
    field="state",
    transitions=(
        Transition(
            action="approve",
            sources=frozenset({ExportState.REQUESTED}),
            target=ExportState.APPROVED,
            permission=APPROVE,
            label=_("Approve"),
        ),
        # From APPROVED, before the file is made, this withdraws the approval.
        Transition(
            action="refuse",
            sources=frozenset({ExportState.REQUESTED, ExportState.APPROVED}),
            target=ExportState.REFUSED,
            permission=APPROVE,
            label=_("Refuse"),
        ),
        Transition(
            action="produce",
            sources=frozenset({ExportState.APPROVED}),
            target=ExportState.READY,
            permission=APPROVE,
            label=_("Make the file"),
        ),
        Transition(
            action="expire",
            sources=frozenset({ExportState.READY}),
            target=ExportState.EXPIRED,
            permission=APPROVE,
            label=_("Let expire"),
        ),
    ),
)
