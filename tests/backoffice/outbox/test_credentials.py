"""Events about credentials that administrators set for another person."""

from typing import Any

import pytest

from backoffice.access.credentials import confirm_request, request_password
from backoffice.access.models import CredentialRequest
from backoffice.outbox.credentials import TOPIC, announce_credentials
from backoffice.outbox.models import OutboxEvent

NEW = "another long password"


@pytest.fixture
def second(person: Any) -> Any:
    return person("ADMINISTRATOR", name="second")


def ask(user: Any, actor: Any, at: Any) -> CredentialRequest:
    return request_password(user=user, password=NEW, reason="forgotten", actor=actor, at=at)


def test_an_event_announces_it_once_without_names(approver: Any, administrator: Any, second: Any, at: Any) -> None:
    ask(second, administrator, at)
    confirm_request(request=ask(approver, administrator, at), actor=second, at=at)

    assert [announce_credentials(at=at), announce_credentials(at=at)] == [1, 0]
    event = OutboxEvent.objects.get()
    assert (event.topic, event.payload["user"], event.payload["confirmed_by"]) == (TOPIC, approver.pk, second.pk)
    assert approver.username not in str(event.payload)
