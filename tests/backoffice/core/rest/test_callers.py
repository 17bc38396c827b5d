"""Who may call a REST door, and how its lists are cut into pages."""

from base64 import b64encode
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice
from oauth2_provider.models import AccessToken, Application

from backoffice.access.models import User
from backoffice.core.rest.callers import DeclaredPermission
from tests.backoffice.core.rest.test_api import machine
from tests.factories.portfolio import make_borrower, make_overdue
from tests.factories.requests import signed_in


def test_declared_permission_refuses_a_door_that_declares_nothing(officer: Any, rf: Any) -> None:
    class Undeclared:
        action = "list"

    request = rf.get("/")
    request.user, request.auth = officer, None

    assert DeclaredPermission().has_permission(request, Undeclared()) is False


@pytest.mark.parametrize("query", ["page_size=1000000000", "page_size=0", "page_size=x", "page_size=%00"])
def test_page_size_is_capped(officer: Any, shanghai: Any, query: str) -> None:
    for _one in range(3):
        make_overdue(territory=shanghai)

    answer = signed_in(officer).get(f"/api/v1/accounts/?{query}")

    assert answer.status_code == 200
    assert len(answer.json()["results"]) == 3


def test_page_size_never_passes_200(officer: Any, shanghai: Any) -> None:
    for _one in range(201):
        make_borrower(territory=shanghai)

    page = signed_in(officer).get("/api/v1/borrowers/?page_size=1000").json()

    assert len(page["results"]) == 200
    assert page["next"] is not None


def test_pages_follow_each_other_without_gap_or_repeat(officer: Any, shanghai: Any) -> None:
    made = [make_borrower(territory=shanghai).pk for _one in range(7)]
    client = signed_in(officer)
    address: str | None = "/api/v1/borrowers/?page_size=3"
    met: list[int] = []

    while address:
        page = client.get(address).json()
        met += [row["id"] for row in page["results"]]
        address = page["next"]

    assert met == sorted(made, reverse=True)


def asked(**headers: str) -> Any:
    return Client().get("/api/v1/cases/", headers=headers)


def test_a_token_of_a_client_that_was_signed_off_opens_nothing(shanghai: Any) -> None:
    headers = machine("cases:read")
    assert asked(**headers).status_code == 200

    User.objects.filter(username="machine-core").update(is_active=False)

    assert asked(**headers).status_code == 401


def test_a_token_without_a_machine_user_opens_nothing(db: Any) -> None:
    headers = machine("cases:read")
    Application.objects.update(user=None)

    assert asked(**headers).status_code == 401


@pytest.mark.parametrize("seconds", [-1, 0])
def test_a_token_that_has_ended_opens_nothing(db: Any, at: Any, seconds: int) -> None:
    headers = machine("cases:read")
    AccessToken.objects.update(expires=at)

    with time_machine.travel(at + timedelta(seconds=seconds), tick=False):
        assert asked(**headers).status_code == (200 if seconds < 0 else 401)


def test_the_token_and_not_the_client_says_what_it_may(db: Any) -> None:
    headers = machine("cases:read", "terms:write")
    AccessToken.objects.update(scope="terms:write")

    assert asked(**headers).status_code == 403


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "The client's scopes cannot go together: visits:write with cases:read. Use two clients."),
        ("zh-hans", "该客户端的权限范围不能并存：visits:write 与 cases:read。请使用两个客户端。"),
    ],
)
def test_scopes_that_cannot_go_together_are_named(db: Any, language: str, words: str) -> None:
    headers = machine("visits:write", "cases:read") | {"accept-language": language}

    answer = asked(**headers)

    (error,) = answer.json()["errors"]
    assert (answer.status_code, error["code"], error["detail"]) == (403, "scope_conflict", words)


def test_a_session_without_the_second_factor_reads_nothing_where_it_is_required(officer: Any, settings: Any) -> None:
    client = signed_in(officer)
    settings.SECOND_FACTOR_REQUIRED = True
    assert client.get("/api/v1/cases/").status_code == 403

    device = TOTPDevice.objects.create(user=officer, confirmed=True)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()

    assert client.get("/api/v1/cases/").status_code == 200


def test_a_machine_needs_no_second_factor(db: Any, settings: Any) -> None:
    settings.SECOND_FACTOR_REQUIRED = True

    assert asked(**machine("cases:read")).status_code == 200


@pytest.mark.parametrize("position", ["0", "9" * 18])
def test_a_cursor_with_a_number_is_read(officer: Any, shanghai: Any, position: str) -> None:
    cursor = b64encode(f"p={position}".encode()).decode()

    assert signed_in(officer).get("/api/v1/borrowers/", {"cursor": cursor}).status_code == 200


@pytest.mark.parametrize("position", ["9" * 19, "-1", "x", "", "\u00b2", "1;2"])
def test_a_cursor_that_this_door_did_not_give_out_is_400(officer: Any, shanghai: Any, position: str) -> None:
    cursor = b64encode(urlencode({"p": position}).encode()).decode()

    answer = signed_in(officer).get("/api/v1/borrowers/", {"cursor": cursor})

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "cursor")
