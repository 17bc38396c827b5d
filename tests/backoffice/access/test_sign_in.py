"""What happens around a sign-in: failures counted by address, and a notice of credentials that somebody else set."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.messages import get_messages
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from backoffice.access.credentials import confirm_request, request_second_factor_removal
from backoffice.access.limits import SIGN_IN, count_attempt
from backoffice.access.models import AttemptCounter
from backoffice.access.sign_in import too_many_failures
from tests.factories.access import NEW_PASSWORD, PASSWORD, ask_for_password, sign_in
from tests.factories.portfolio import AT


@pytest.fixture
def second(person: Any) -> Any:
    return person("ADMINISTRATOR", name="second")


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
    confirm_request(request=ask_for_password(approver, administrator, at), actor=second, at=at)
    fields = {"username": approver.username, "password": NEW_PASSWORD}

    first = client.post(reverse("admin:login"), fields)
    told = [str(message) for message in get_messages(first.wsgi_request)]
    client.logout()
    again = client.post(reverse("admin:login"), fields)

    assert len(told) == 1
    assert "2026-03-02" in told[0]
    assert [str(message) for message in get_messages(again.wsgi_request)] == []


def test_failures_of_one_address_are_counted_until_the_limit_and_until_the_window_ends(client, officer, at):
    begin = at - timedelta(seconds=at.timestamp() % SIGN_IN.seconds)
    fail = {"username": "nobody", "password": "wrong"}
    for _each in range(SIGN_IN.most - 1):
        count_attempt(limit=SIGN_IN, caller="127.0.0.1", at=begin)

    with time_machine.travel(begin + timedelta(microseconds=1), tick=False):
        right = sign_in(client, officer).status_code
        client.logout()
        # A sign-in that succeeds is no failure: one more is left.
        last = client.post(reverse("admin:login"), fail).status_code
        over = sign_in(client, officer).status_code
    with time_machine.travel(begin + timedelta(seconds=SIGN_IN.seconds), tick=False):
        later = sign_in(client, officer).status_code

    assert (right, last, over, later) == (302, 200, 429, 302)


def test_a_request_is_too_many_from_its_own_address_only(rf, db, at):
    for _each in range(SIGN_IN.most):
        count_attempt(limit=SIGN_IN, caller="203.0.113.7", at=at)

    with time_machine.travel(at, tick=False):
        found = [
            too_many_failures(request=rf.post("/", REMOTE_ADDR=address)) for address in ("203.0.113.7", "203.0.113.8")
        ]

    assert found == [True, False]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        (
            "en",
            "Two administrators removed your second factor on 2026-03-02. Was that not agreed with you?"
            " Report it at once.",
        ),
        ("zh-hans", "两名管理员已于 2026-03-02 移除您的双重验证。若非您本人同意，请立即报告。"),
    ],
)
def test_a_removed_second_factor_is_told_in_the_readers_language(
    client, approver, administrator, second, at, language, words
):
    TOTPDevice.objects.create(user=approver, name="app", confirmed=True)
    request = request_second_factor_removal(user=approver, reason="lost", actor=administrator, at=at)
    confirm_request(request=request, actor=second, at=at)
    client.cookies["django_language"] = language

    answer = sign_in(client, approver)

    assert [str(message) for message in get_messages(answer.wsgi_request)] == [words]


def test_a_refused_sign_in_tells_nothing_and_leaves_the_notice_for_the_person(
    client, approver, administrator, second, at
):
    confirm_request(request=ask_for_password(approver, administrator, at), actor=second, at=at)

    refused = client.post(reverse("admin:login"), {"username": approver.username, "password": "wrong"})
    right = client.post(reverse("admin:login"), {"username": approver.username, "password": NEW_PASSWORD})

    assert [len(list(get_messages(answer.wsgi_request))) for answer in (refused, right)] == [0, 1]


def test_a_failure_of_somebody_who_is_signed_in_is_counted_too(client, officer, approver):
    client.force_login(officer)

    client.post(reverse("admin:login"), {"username": approver.username, "password": "wrong"})

    assert list(AttemptCounter.objects.values_list("attempts", flat=True)) == [1]
