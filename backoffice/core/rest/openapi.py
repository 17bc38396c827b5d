"""What the schema says about signing in."""

from typing import Any

from drf_spectacular.contrib.django_oauth_toolkit import DjangoOAuthToolkitScheme
from drf_spectacular.openapi import AutoSchema


class MachineScheme(DjangoOAuthToolkitScheme):  # type: ignore[no-untyped-call]
    """Machine clients: OAuth2 client credentials, with the scope that each door declares."""

    target_class = "backoffice.core.rest.callers.MachineAuthentication"
    name = "oauth2"

    def get_security_requirement(self, auto_schema: AutoSchema) -> Any:
        """Return the scope that the action asks for; None where no machine may enter."""
        view = auto_schema.view
        scope = getattr(view, "scopes", {}).get(getattr(view, "action", None) or auto_schema.method.lower())
        return {self.name: [scope]} if scope else None
