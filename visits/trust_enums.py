"""The words of how far a report may be trusted, and of asking borrowers back."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TrustLevel(TextChoices):
    """How far a report may be trusted before anybody has checked it."""

    HIGH = "HIGH", _("Nothing speaks against it")
    MEDIUM = "MEDIUM", _("Look closely")
    LOW = "LOW", _("Check before it counts")


class ReportSignal(TextChoices):
    """A reason to check a report as a whole. None of them is a finding."""

    TRAVEL_TOO_FAST = "TRAVEL_TOO_FAST", _("Two check-ins of one person lie further apart than anybody travels")
    PHONE_TOO_FAST = "PHONE_TOO_FAST", _("Two check-ins from one telephone lie further apart than anybody travels")
    TWO_PLACES = "TWO_PLACES", _("One person or telephone checked in at two places within a minute")
    POSITION_REPEATED = "POSITION_REPEATED", _("The same position to the metre at several addresses")
    PHOTO_POSITION_REPEATED = (
        "PHOTO_POSITION_REPEATED",
        _("Photographs of several addresses carry the same position to the metre"),
    )
    SHORT_STAY = "SHORT_STAY", _("The stay was too short for what the report says")
    LONG_STAY = "LONG_STAY", _("The stay lasted for hours")
    TALK_OUTSIDE_STAY = "TALK_OUTSIDE_STAY", _("The talk lies outside the stay or the window")
    TEXT_COPIED = "TEXT_COPIED", _("The text is nearly that of another report")
    PICTURES_REPEATED = "PICTURES_REPEATED", _("Several photographs show the same picture")


class CallBackCause(TextChoices):
    """Why a borrower is asked whether a visit took place."""

    LOW_TRUST = "LOW_TRUST", _("The report asks for a check")
    DRAWN = "DRAWN", _("Drawn at random")


class CallBackState(TextChoices):
    """Where a call-back stands."""

    OPEN = "OPEN", _("To be asked")
    ANSWERED = "ANSWERED", _("Answered")
    WITHDRAWN = "WITHDRAWN", _("No longer needed")


class CallBackAnswer(TextChoices):
    """What a borrower said about a visit, or that nobody could ask them."""

    VISITED = "VISITED", _("Says that they were visited")
    NOT_VISITED = "NOT_VISITED", _("Says that nobody came")
    CANNOT_SAY = "CANNOT_SAY", _("Cannot say")
    NOT_REACHED = "NOT_REACHED", _("Could not be reached in time")


class FeeState(TextChoices):
    """Whether the fee of a visit that is asked back counts for the agency's statement."""

    WAITS = "WAITS", _("Waits")
    EARNED = "EARNED", _("Earned")
    WITHHELD = "WITHHELD", _("Not paid")
