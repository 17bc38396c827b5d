"""Events about credentials that administrators set for another person."""

from datetime import timedelta
from typing import Any

import pytest
from django_otp.plugins.otp_totp.models import TOTPDevice

from backoffice.access.credentials import (
    confirm_request,
    refuse_request,
    request_second_factor_removal,
)
from backoffice.access.models import CredentialRequest
from backoffice.outbox.credentials import TOPIC, announce_credentials
from backoffice.outbox.models import OutboxEvent
from tests.factories.access import ask_for_password


@pytest.fixture
def second(person: Any) -> Any:
    return person("ADMINISTRATOR", name="second")


def test_an_event_announces_it_once_without_names(approver: Any, administrator: Any, second: Any, at: Any) -> None:
    ask_for_password(second, administrator, at)
    confirm_request(request=ask_for_password(approver, administrator, at), actor=second, at=at)

    assert [announce_credentials(at=at), announce_credentials(at=at)] == [1, 0]
    event = OutboxEvent.objects.get()
    assert (event.topic, event.payload["user"], event.payload["confirmed_by"]) == (TOPIC, approver.pk, second.pk)
    assert approver.username not in str(event.payload)


def test_what_the_event_says_about_a_removed_second_factor(
    approver: Any, administrator: Any, second: Any, at: Any
) -> None:
    TOTPDevice.objects.create(user=approver, name="app", confirmed=True)
    request = request_second_factor_removal(user=approver, reason="lost", actor=administrator, at=at)
    decided = at + timedelta(hours=1, microseconds=1)
    confirm_request(request=request, actor=second, at=decided)

    announce_credentials(at=decided)

    event = OutboxEvent.objects.get()
    assert (event.topic, event.payload) == (
        "access.credentials_set",
        {
            "user": approver.pk,
            "kind": "SECOND_FACTOR",
            "requested_by": administrator.pk,
            "confirmed_by": second.pk,
            "confirmed_at": decided.isoformat(),
        },
    )
    assert CredentialRequest.objects.get().announced_at == decided


def test_a_refused_request_is_not_announced(approver: Any, administrator: Any, second: Any, at: Any) -> None:
    refuse_request(request=ask_for_password(approver, administrator, at), actor=second, at=at)

    assert announce_credentials(at=at) == 0
    assert not OutboxEvent.objects.exists()


def test_many_are_announced_in_portions_the_oldest_first(person: Any, administrator: Any, second: Any, at: Any) -> None:
    people = [person("CASE_OFFICER", name=f"officer{number}") for number in range(3)]
    for each in people:
        confirm_request(request=ask_for_password(each, administrator, at), actor=second, at=at)

    assert [announce_credentials(at=at, batch=2) for _each in range(3)] == [2, 1, 0]
    assert [event.payload["user"] for event in OutboxEvent.objects.order_by("pk")] == [each.pk for each in people]
