"""The page after too many wrong passwords, and whom the lock holds for."""

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django.utils.translation import override

from backoffice.access.lockout import locked_out
from tests.factories.access import PASSWORD, sign_in


def test_lock_out_speaks_the_readers_language(client, officer, settings):
    settings.LANGUAGE_COOKIE_NAME = "django_language"
    client.cookies["django_language"] = "en"
    for _n in range(settings.AXES_FAILURE_LIMIT):
        answer = client.post(reverse("admin:login"), {"username": officer.username, "password": "wrong"})

    assert answer.status_code == 429
    assert "Wait 15 minutes" in answer.content.decode()
    assert sign_in(client, officer).status_code == 429


def test_forged_forwarding_does_not_escape_the_lock_of_a_name(client, officer, settings):
    for number in range(settings.AXES_FAILURE_LIMIT + 1):
        answer = client.post(
            reverse("admin:login"),
            {"username": officer.username, "password": "wrong"},
            headers={"x-forwarded-for": f"198.51.100.{number}"},
        )

    assert answer.status_code == 429


def test_lock_of_a_name_holds_for_one_client_behind_a_trusted_proxy(client, officer, settings):
    settings.PROXIES = "1"
    fields = {"username": officer.username, "password": "wrong"}
    for _n in range(settings.AXES_FAILURE_LIMIT):
        locked = client.post(reverse("admin:login"), fields, headers={"x-forwarded-for": "198.51.100.1"})

    other = client.post(
        reverse("admin:login"), {**fields, "password": PASSWORD}, headers={"x-forwarded-for": "203.0.113.5"}
    )

    assert (locked.status_code, other.status_code) == (429, 302)


def wrong(client, user, times):
    """Send wrong passwords and return the status of each answer."""
    fields = {"username": user.username, "password": "wrong"}
    return [client.post(reverse("admin:login"), fields).status_code for _n in range(times)]


def test_the_fifth_wrong_password_locks_and_four_do_not(client, officer, approver):
    assert wrong(client, officer, 4) == [200, 200, 200, 200]
    assert sign_in(client, officer).status_code == 302
    client.logout()

    assert wrong(client, approver, 5) == [200, 200, 200, 200, 429]
    assert sign_in(client, approver).status_code == 429
    assert "_auth_user_id" not in client.session


def test_a_sign_in_begins_the_count_again(client, officer):
    wrong(client, officer, 4)
    sign_in(client, officer)
    client.logout()

    assert wrong(client, officer, 4) == [200, 200, 200, 200]


def test_the_lock_of_a_name_does_not_hold_for_another_name_of_the_same_place(client, officer, approver):
    wrong(client, officer, 5)

    assert sign_in(client, approver).status_code == 302


@pytest.mark.parametrize(
    ("after", "status"),
    [(timedelta(minutes=14, seconds=59), 429), (timedelta(minutes=15, microseconds=1), 302)],
)
def test_the_lock_ends_after_fifteen_minutes(client, officer, at, after, status):
    with time_machine.travel(at, tick=False):
        wrong(client, officer, 5)

    with time_machine.travel(at + after, tick=False):
        assert sign_in(client, officer).status_code == status


@pytest.mark.parametrize(
    ("hours", "language", "words"),
    [
        (0.25, "zh-hans", "请等待 15 分钟后重新登录。"),
        (0.25, "en", "Wait 15 minutes and sign in again."),
        (1 / 60, "en", "Wait 1 minute and sign in again."),
        # Less than half a minute, and a lock without an end: never nought.
        (1 / 240, "en", "Wait 1 minute and sign in again."),
        (None, "en", "Wait 1 minute and sign in again."),
    ],
)
def test_the_page_says_how_long_the_lock_lasts(db, rf, settings, hours, language, words):
    settings.AXES_COOLOFF_TIME = hours
    request = rf.post(reverse("admin:login"))
    request.user = AnonymousUser()

    with override(language):
        page = locked_out(request)

    assert page.status_code == 429
    assert words in " ".join(page.content.decode().split())
