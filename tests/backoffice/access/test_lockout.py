"""The page after too many wrong passwords, and whom the lock holds for."""

from django.urls import reverse

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
