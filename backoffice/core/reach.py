"""How far a role sees. Words only, so that the scoping of every floor can import them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Reach(TextChoices):
    """Which rows a person may see at all; permissions then say what may be done with them."""

    ALL = "ALL", _("Everything")
    TERRITORY = "TERRITORY", _("Own territories")
    AGENCY = "AGENCY", _("Own agency's placements")
    CREW = "CREW", _("Own visits")
    CONFIGURATION = "CONFIGURATION", _("Configuration only")
    NONE = "NONE", _("Nothing")
