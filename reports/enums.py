"""The words of the reports floor."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ExportReport(TextChoices):
    """The reports that may be exported. The list is closed: selectors/exports.py has a writer for each."""

    EFFECTIVENESS = "EFFECTIVENESS", _("Channels in numbers")
    FUNNEL = "FUNNEL", _("From a reason to money")
    OPEN_CASES = "OPEN_CASES", _("Open cases, names masked")


class ExportState(TextChoices):
    """The states of an export; rules/lifecycle.py has the steps between them."""

    REQUESTED = "REQUESTED", _("Requested")
    APPROVED = "APPROVED", _("Approved")
    READY = "READY", _("Ready")
    EXPIRED = "EXPIRED", _("Expired")
    REFUSED = "REFUSED", _("Refused")


class BundleLanguage(TextChoices):
    """The language of the papers for a court."""

    CHINESE = "zh-hans", _("Chinese")
    ENGLISH = "en", _("English")


class Experiment(TextChoices):
    """What may be tried on some borrowers only; never prices, legal steps or vulnerable borrowers (domain 5.4)."""

    VISIT_TIMING = "visit-timing", _("Time of the visit")


class Arm(TextChoices):
    """How a borrower of an experiment is treated: as now, in the new way, or held out."""

    CHAMPION = "CHAMPION", _("Champion")
    CHALLENGER = "CHALLENGER", _("Challenger")
    HOLDOUT = "HOLDOUT", _("Holdout")
