"""The two applications of the wiring."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig
from prometheus_client import REGISTRY


class AdminConfig(DjangoAdminConfig):
    """Django's admin with Doorstep's own site."""

    default_site = "backoffice.wiring.site.DoorstepSite"


class WiringConfig(AppConfig):
    """Registers the deployment checks and two metrics, and makes the queue known to every process that loads Django."""

    name = "backoffice.wiring"
    label = "wiring"

    def ready(self) -> None:
        """Load the queue's wiring: a task that any process sends must go to the configured broker."""
        from backoffice import celery  # noqa: F401, PLC0415 - needs the settings, so not at the top
        from backoffice.wiring import checks, probes  # noqa: F401, PLC0415 - checks register themselves

        REGISTRY.register(probes.ProcessSigns())
        REGISTRY.register(probes.FiguresAges())
