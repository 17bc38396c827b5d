"""Addresses that events go to."""

import secrets
from base64 import b64encode
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput
from backoffice.core.transitions import may
from backoffice.outbox.addresses import AddressRefused, check_url
from backoffice.outbox.models import WebhookEndpoint


@transaction.atomic
def add_endpoint(
    *, external_ref: str, url: str, topics: Sequence[str], actor: Any, at: datetime
) -> tuple[WebhookEndpoint, str]:
    """
    Add an address and return it with its signing secret ("whsec_" and 32 bytes in base 64, Standard Webhooks).

    :raises NotAllowed: if the actor may not add endpoints.
    :raises InvalidInput: if the reference is taken, or the address is not one that events may be sent to.
    """
    may(actor=actor, permission="outbox.add_webhookendpoint")
    check_address(url=url)
    if WebhookEndpoint.objects.filter(external_ref=external_ref).exists():
        raise InvalidInput(_("This reference is taken."), field="external_ref")
    secret = _new_secret()
    endpoint = WebhookEndpoint.objects.create(external_ref=external_ref, url=url, topics=list(topics), secret=secret)
    record(actor=actor, action="webhookendpoint.added", subject=endpoint, at=at, body={"topics": list(topics)})
    return endpoint, secret


def check_address(*, url: str) -> None:
    """
    Pass if events may be sent to `url`. A name is resolved; one without an address is checked again at each delivery.

    :raises InvalidInput: if it is not https, or leads to a private network that the installation does not name
        (DOORSTEP_OUTBOX_PRIVATE_HOSTS).
    """
    try:
        check_url(url=url, private_hosts=tuple(settings.OUTBOX_PRIVATE_HOSTS))
    except AddressRefused as refusal:
        text = _("Events go to public https addresses only, and to private hosts that the installation names.")
        raise InvalidInput(text, field="url") from refusal


@transaction.atomic
def renew_endpoint_secret(*, endpoint: WebhookEndpoint, actor: Any, at: datetime) -> str:
    """
    Give an address a new signing secret and return it; deliveries from now on are signed with it.

    :raises NotAllowed: if the actor may not change endpoints.
    """
    may(actor=actor, permission="outbox.change_webhookendpoint")
    secret = _new_secret()
    endpoint.secret = secret
    endpoint.save(update_fields=["secret"])
    record(actor=actor, action="webhookendpoint.secret_renewed", subject=endpoint, at=at)
    return secret


def _new_secret() -> str:
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"
