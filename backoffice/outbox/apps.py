from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OutboxConfig(AppConfig):
    """Outgoing events and repeated requests."""

    name = "backoffice.outbox"
    label = "outbox"
    verbose_name = _("Outbox")
