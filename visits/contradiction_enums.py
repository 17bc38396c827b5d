"""The words of contradictions: who says what of a borrower, what cannot both be true, and where that stands."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Subject(TextChoices):
    """What two sources say differently."""

    NAME = "NAME", _("Full name")
    ID_NUMBER = "ID_NUMBER", _("Identity number")
    HOME = "HOME", _("Where they live")
    REGISTERED = "REGISTERED", _("Where the household is registered")
    PLACE = "PLACE", _("Where the address lies")
    EMPLOYER = "EMPLOYER", _("Employer")
    WORK = "WORK", _("Whether they work")
    INCOME = "INCOME", _("Income a month")
    RENT = "RENT", _("Rent against income")
    TITLE = "TITLE", _("Who owns it")
    PROPERTY = "PROPERTY", _("Which property the certificate is of")
    VEHICLE = "VEHICLE", _("Which vehicle the plate is of")
    LIFE = "LIFE", _("Whether they are alive")
    IDENTITY_VERDICT = "IDENTITY_VERDICT", _("Identity as verified")
    RESIDENCE_VERDICT = "RESIDENCE_VERDICT", _("Residence as verified")
    CAPACITY_VERDICT = "CAPACITY_VERDICT", _("Capacity as verified")


class Origin(TextChoices):
    """Sources that are no papers; a paper's source is its kind."""

    APPLICATION = "APPLICATION", _("Application")
    POSITION = "POSITION", _("Position at the check-in")
    VISIT = "VISIT", _("Visit")
    EARLIER_VERIFICATION = "EARLIER_VERIFICATION", _("Earlier verification")


class ContradictionState(TextChoices):
    """Where a contradiction stands."""

    OPEN = "OPEN", _("To be decided")
    CONFIRMED = "CONFIRMED", _("One source is wrong")
    CLEARED = "CLEARED", _("Both can be true")
    GONE = "GONE", _("No longer found")


class Side(TextChoices):
    """Which of the two sources of a contradiction."""

    LEFT = "LEFT", _("The first")
    RIGHT = "RIGHT", _("The second")
