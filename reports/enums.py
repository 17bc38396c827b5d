"""The words of the roof."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ExportReport(TextChoices):
    """What may be taken out of the house. The list is closed: nothing else has a writer."""

    EFFECTIVENESS = "EFFECTIVENESS", _("Channels in numbers")
    FUNNEL = "FUNNEL", _("From a reason to money")
    OPEN_CASES = "OPEN_CASES", _("Open cases, names masked")


class ExportState(TextChoices):
    REQUESTED = "REQUESTED", _("Requested")
    APPROVED = "APPROVED", _("Approved")
    READY = "READY", _("Ready")
    EXPIRED = "EXPIRED", _("Expired")
    REFUSED = "REFUSED", _("Refused")


class Experiment(TextChoices):
    """What may be tried on some borrowers only. Price, law and the vulnerable are never an arm (domain 5.4)."""

    VISIT_TIMING = "visit-timing", _("Time of the visit")


class Arm(TextChoices):
    CHAMPION = "CHAMPION", _("Champion")
    CHALLENGER = "CHALLENGER", _("Challenger")
    HOLDOUT = "HOLDOUT", _("Holdout")
