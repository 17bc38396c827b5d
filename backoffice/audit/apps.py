from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AuditConfig(AppConfig):
    name = "backoffice.audit"
    label = "audit"
    verbose_name = _("Audit")

    def ready(self) -> None:
        """Register the checks of a deployment."""
        from backoffice.audit import checks  # noqa: F401, PLC0415 - needs the settings, so not at the top
