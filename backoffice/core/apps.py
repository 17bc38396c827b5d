from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """What every floor stands on; it has no models."""

    name = "backoffice.core"
    label = "core"
    verbose_name = _("Core")

    def ready(self) -> None:
        """Refuse to start with trusted proxies that cannot be read, before the first request asks for them."""
        from backoffice.core.client_address import trusted_proxies  # noqa: PLC0415 - its middleware needs the settings

        trusted_proxies(str(settings.PROXIES))
