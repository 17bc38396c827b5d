"""The words of planning a day of visits. Values are stored; labels are what people read."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class PlanningKind(TextChoices):
    """What a planning run is for."""

    DAY = "DAY", _("Plan a day")
    CREW_OUT = "CREW_OUT", _("Share out the visits of a crew that cannot go")


class PlanningState(TextChoices):
    """Where a planning run stands."""

    WAITING = "WAITING", _("Waits for a worker")
    RUNNING = "RUNNING", _("Running")
    FINISHED = "FINISHED", _("Finished")
    FAILED = "FAILED", _("Failed")


class PlanningPhase(TextChoices):
    """What the worker of a planning run does."""

    FACTS = "FACTS", _("Reading what the conduct rules ask")
    SEARCH = "SEARCH", _("Searching for routes")
    WRITING = "WRITING", _("Checking again and writing the plan")


class PlanningOutcome(TextChoices):
    """What a planning run did with one visit order."""

    OPEN = "OPEN", _("Not looked at yet")
    PLANNED = "PLANNED", pgettext_lazy("visit", "Planned")
    REFUSED = "REFUSED", _("Not planned")


class LetterState(TextChoices):
    """Where a letter to be made stands."""

    WAITING = "WAITING", _("To be made")
    MADE = "MADE", _("Made")
    DROPPED = "DROPPED", _("No longer needed")
    FAILED = "FAILED", _("Could not be made")
