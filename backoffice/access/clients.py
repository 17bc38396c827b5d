"""Machine clients: an OAuth2 application, the machine user that stands for it, and what it may ask for."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import AccessToken, Application
from oauth2_provider.scopes import SettingsScopes

from backoffice.access.models import User
from backoffice.access.roles import Role
from backoffice.access.scopes import conflicting_scopes
from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput
from backoffice.core.transitions import may


class ClientScopes(SettingsScopes):
    """A client may ask for the scopes of its own machine user, and for nothing else."""

    def get_available_scopes(
        self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any
    ) -> list[str]:
        """Return the known scopes that the client's machine user carries."""
        user = getattr(application, "user", None)
        return [scope for scope in known_scopes() if user and scope in user.scopes]

    def get_default_scopes(self, application: Any = None, request: Any = None, *args: Any, **kwargs: Any) -> list[str]:
        """Return what a token carries when the request names no scope: all that the client may have."""
        return self.get_available_scopes(application=application, request=request)


def known_scopes() -> dict[str, Any]:
    """Return every scope with its words."""
    return dict(settings.OAUTH2_PROVIDER["SCOPES"])  # type: ignore[call-overload, no-any-return]


@transaction.atomic
def create_client(*, name: str, scopes: Sequence[str], actor: User | None, at: datetime) -> tuple[Any, str]:
    """
    Make a client for the client-credentials grant and return it with its secret, which is kept hashed only.

    :raises NotAllowed: if the actor may not add clients.
    :raises InvalidInput: if the name is taken, a scope is unknown, or scopes cannot go together.
    """
    may(actor=actor, permission="oauth2_provider.add_application")
    _check_scopes(scopes=scopes)
    username = f"machine-{slugify(name, allow_unicode=True)}"[:60]
    if User.objects.filter(username=username).exists():
        raise InvalidInput(_("A client of this name exists."), field="name")
    user = User.objects.create_user(username, role=Role.MACHINE, display_name=name[:60], scopes=list(scopes))
    secret = generate_client_secret()
    client = Application.objects.create(
        name=name,
        user=user,
        client_type=Application.CLIENT_CONFIDENTIAL,
        client_secret=secret,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
    )
    record(actor=actor, action="client.created", subject=client, at=at, body={"scopes": sorted(scopes)})
    return client, secret


@transaction.atomic
def change_client_scopes(*, client: Any, scopes: Sequence[str], actor: User | None, at: datetime) -> None:
    """
    Change what a client may ask for. Tokens given out before end at once.

    :raises NotAllowed: if the actor may not change clients.
    :raises InvalidInput: if a scope is unknown, or scopes cannot go together.
    """
    may(actor=actor, permission="oauth2_provider.change_application")
    _check_scopes(scopes=scopes)
    User.objects.filter(pk=client.user_id, role=Role.MACHINE).update(scopes=list(scopes))
    AccessToken.objects.filter(application=client).delete()
    record(actor=actor, action="client.scopes_changed", subject=client, at=at, body={"scopes": sorted(scopes)})


@transaction.atomic
def renew_client_secret(*, client: Any, actor: User | None, at: datetime) -> str:
    """
    Give a client a new secret and return it; the old one and the tokens made with it end.

    :raises NotAllowed: if the actor may not change clients.
    """
    may(actor=actor, permission="oauth2_provider.change_application")
    secret: str = generate_client_secret()
    client.client_secret = secret
    client.save(update_fields=["client_secret", "updated"])
    AccessToken.objects.filter(application=client).delete()
    record(actor=actor, action="client.secret_renewed", subject=client, at=at)
    return secret


def _check_scopes(*, scopes: Sequence[str]) -> None:
    if not set(scopes) <= set(known_scopes()):
        raise InvalidInput(_("There is no such scope."), field="scopes")
    conflict = conflicting_scopes(scopes)
    if conflict:
        text = _("A client with visits:write sees its agencies' visits only. Make another client for: %(scopes)s.")
        raise InvalidInput(text % {"scopes": ", ".join(conflict)}, field="scopes")
