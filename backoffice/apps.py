from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class AdminConfig(DjangoAdminConfig):
    default_site = "backoffice.wiring.site.DoorstepSite"


class WiringConfig(AppConfig):
    """Makes the queue known to every process that loads Django, not only to workers."""

    name = "backoffice"
    label = "wiring"

    def ready(self) -> None:
        """Load the queue's wiring, so that messages go to the configured broker."""
        from backoffice import celery  # noqa: F401, PLC0415 - needs the settings, so not at the top
