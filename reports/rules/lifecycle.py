"""The lifecycle of a file that one person asks for and another approves: of exports, and of bundles for legal recovery."""

from django.utils.translation import gettext_lazy as _

from backoffice.core.transitions import Lifecycle, Transition
from reports.enums import ExportState


def file_lifecycle(*, name: str, permission: str) -> Lifecycle:
    """Return the steps of a kind of file: approved or refused by who holds `permission`, then made, and deleted by a job."""
    return Lifecycle(
        name=name,
        field="state",
        transitions=(
            Transition(
                action="approve",
                sources=frozenset({ExportState.REQUESTED}),
                target=ExportState.APPROVED,
                permission=permission,
                label=_("Approve"),
            ),
            # From APPROVED, before the file is produced, this withdraws the approval.
            Transition(
                action="refuse",
                sources=frozenset({ExportState.REQUESTED, ExportState.APPROVED}),
                target=ExportState.REFUSED,
                permission=permission,
                label=_("Refuse"),
            ),
            Transition(
                action="produce",
                sources=frozenset({ExportState.APPROVED}),
                target=ExportState.READY,
                permission=permission,
                label=_("Make the file"),
            ),
            Transition(
                action="expire",
                sources=frozenset({ExportState.READY}),
                target=ExportState.EXPIRED,
                permission=permission,
                label=_("Let expire"),
            ),
        ),
    )


EXPORT = file_lifecycle(name="export", permission="reports.approve_exportjob")
BUNDLE = file_lifecycle(name="bundle for legal recovery", permission="reports.approve_legalbundle")
