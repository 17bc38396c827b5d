"""What happens around a sign-in: failures counted by address, and a notice of credentials that somebody else set."""

from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse

from backoffice.access.credentials import confirm_request, request_password
from backoffice.access.limits import SIGN_IN
from backoffice.access.models import CredentialRequest
from tests.factories.access import PASSWORD, sign_in
from tests.factories.portfolio import AT

NEW = "another long password"


@pytest.fixture
def second(person: Any) -> Any:
    return person("ADMINISTRATOR", name="second")


def ask(user: Any, actor: Any, at: Any) -> CredentialRequest:
    return request_password(user=user, password=NEW, reason="forgotten", actor=actor, at=at)


def test_sign_in_gives_the_session_a_new_key(client, officer):
    client.get(reverse("admin:login"))
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key

    answer = sign_in(client, officer)

    assert answer.status_code == 302
    assert client.session.session_key != before


def test_sign_in_without_a_next_address_leads_home(client, officer):
    assert sign_in(client, officer).url == reverse("admin:index")


@time_machine.travel(AT, tick=False)
def test_many_names_from_one_address_are_limited(client, officer, settings):
    for number in range(SIGN_IN.most):
        client.post(reverse("admin:login"), {"username": f"nobody{number}", "password": "wrong"})

    refused = sign_in(client, officer)
    elsewhere = client.post(
        reverse("admin:login"), {"username": officer.username, "password": PASSWORD}, REMOTE_ADDR="203.0.113.9"
    )

    assert (refused.status_code, elsewhere.status_code) == (429, 302)


def test_the_person_is_told_once_at_the_next_sign_in(
    client: Any, approver: Any, administrator: Any, second: Any, at: Any
) -> None:
    confirm_request(request=ask(approver, administrator, at), actor=second, at=at)
    fields = {"username": approver.username, "password": NEW}

    first = client.post(reverse("admin:login"), fields)
    told = [str(message) for message in get_messages(first.wsgi_request)]
    client.logout()
    again = client.post(reverse("admin:login"), fields)

    assert len(told) == 1
    assert "2026-03-02" in told[0]
    assert [str(message) for message in get_messages(again.wsgi_request)] == []
