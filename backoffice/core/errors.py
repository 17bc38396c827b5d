"""Anticipated errors. Doors translate them for the reader; anything else is a defect."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class DoorstepError(Exception):
    """An anticipated refusal, with a message for the reader and a stable code for machines."""

    code = "refused"
    message: Text = _("The request was refused.")

    def __init__(self, message: Text | None = None) -> None:
        if message is not None:
            self.message = message
        super().__init__(self.message)

    def __str__(self) -> str:
        return str(self.message)


class StateConflict(DoorstepError):
    """The record is no longer in a state that allows the action; somebody else was faster."""

    code = "state_conflict"
    message = _("The record has changed meanwhile and no longer allows this. Reload it and look again.")


class NotAllowed(DoorstepError):
    """The person's role does not hold the permission."""

    code = "not_allowed"
    message = _("Your role does not allow this.")


class SelfApproval(NotAllowed):
    """Four eyes: nobody approves what they proposed themselves."""

    code = "self_approval"
    message = _("You proposed this yourself; another person must approve it.")


class InvalidInput(DoorstepError):
    """A value cannot be taken. Names the field and, where there is one, the row."""

    code = "invalid_input"

    def __init__(self, message: Text, *, field: str = "", row: int | None = None) -> None:
        self.field = field
        self.row = row
        super().__init__(message)


class Missing(DoorstepError):
    """A record, file or setting that the work needs is not there."""

    code = "missing"
