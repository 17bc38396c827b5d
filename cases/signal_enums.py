"""The words of suspicion signals."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SignalAnswer(TextChoices):
    """What a verification or a person found of a suspicion signal."""

    CONFIRMED = "CONFIRMED", _("What was stated is not so")
    CLEARED = "CLEARED", _("What was stated is so, or it is explained")
