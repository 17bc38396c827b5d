from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccessConfig(AppConfig):
    """People, programs and what they may do."""

    name = "backoffice.access"
    label = "access"
    verbose_name = _("Access")
