"""Another person's password or second factor takes two administrators, ends their sessions, and they are told."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.urls import reverse
from django_otp.plugins.otp_totp.models import TOTPDevice

from backoffice.access.credentials import (
    LONGEST_WAIT,
    confirm_request,
    refuse_request,
    request_password,
    request_second_factor_removal,
)
from backoffice.access.models import CredentialRequest, User
from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from tests.factories.access import NEW_PASSWORD, PASSWORD, ask_for_password


@pytest.fixture
def second(person: Any) -> Any:
    return person("ADMINISTRATOR", name="second")


def password_is(user: Any, password: str) -> bool:
    return bool(User.objects.get(pk=user.pk).check_password(password))


def test_a_request_alone_changes_nothing(client: Any, approver: Any, administrator: Any, at: Any) -> None:
    client.force_login(approver)

    request = ask_for_password(approver, administrator, at)

    assert password_is(approver, PASSWORD)
    assert client.get(reverse("admin:index")).status_code == 200
    assert NEW_PASSWORD not in str(request.__dict__)
    assert AuditEntry.objects.get().action == "credentials.requested"


def test_confirmed_password_ends_the_sessions(
    client: Any, approver: Any, administrator: Any, second: Any, at: Any
) -> None:
    client.force_login(approver)

    confirm_request(request=ask_for_password(approver, administrator, at), actor=second, at=at)

    assert password_is(approver, NEW_PASSWORD)
    assert client.get(reverse("admin:index")).status_code == 302
    assert CredentialRequest.objects.get().password_hash == ""


def test_confirmed_removal_of_a_second_factor_ends_the_sessions(
    client: Any, approver: Any, administrator: Any, second: Any, at: Any
) -> None:
    TOTPDevice.objects.create(user=approver, name="app", confirmed=True)
    client.force_login(approver)
    request = request_second_factor_removal(user=approver, reason="lost", actor=administrator, at=at)
    assert TOTPDevice.objects.count() == 1

    confirm_request(request=request, actor=second, at=at)

    assert TOTPDevice.objects.count() == 0
    assert client.get(reverse("admin:index")).status_code == 302


def test_nobody_confirms_their_own_request_or_one_about_themselves(
    approver: Any, administrator: Any, second: Any, at: Any
) -> None:
    request = ask_for_password(approver, administrator, at)
    about_second = ask_for_password(second, administrator, at)

    with pytest.raises(SelfApproval):
        confirm_request(request=request, actor=administrator, at=at)
    with pytest.raises(InvalidInput):
        confirm_request(request=about_second, actor=second, at=at)
    with pytest.raises(NotAllowed):
        confirm_request(request=request, actor=approver, at=at)
    with pytest.raises(IntegrityError), transaction.atomic():
        CredentialRequest.objects.filter(pk=request.pk).update(
            state="CONFIRMED", decided_by=administrator, decided_at=at
        )

    assert password_is(approver, PASSWORD)


def test_a_request_is_decided_once_and_not_after_three_days(
    approver: Any, administrator: Any, second: Any, at: Any
) -> None:
    request = ask_for_password(approver, administrator, at)
    with pytest.raises(StateConflict):
        confirm_request(request=request, actor=second, at=at + LONGEST_WAIT + timedelta(seconds=1))

    refuse_request(request=request, actor=administrator, at=at)

    with pytest.raises(StateConflict):
        confirm_request(request=request, actor=second, at=at)
    assert password_is(approver, PASSWORD)


def test_requests_are_refused_to_whoever_may_not_for_oneself_for_programs_and_while_one_waits(
    approver: Any, administrator: Any, person: Any, at: Any
) -> None:
    with pytest.raises(NotAllowed):
        ask_for_password(administrator, approver, at)
    with pytest.raises(InvalidInput):
        ask_for_password(administrator, administrator, at)
    with pytest.raises(InvalidInput):
        ask_for_password(person("MACHINE"), administrator, at)
    with pytest.raises(InvalidInput):
        request_password(user=approver, password="password", reason="", actor=administrator, at=at)
    ask_for_password(approver, administrator, at)
    with pytest.raises(InvalidInput):
        ask_for_password(approver, administrator, at)

    assert CredentialRequest.objects.count() == 1


def test_two_administrators_do_it_by_buttons(client: Any, approver: Any, administrator: Any, second: Any) -> None:
    client.force_login(administrator)
    client.post(
        reverse("admin:access_user_set_password", args=[approver.pk]),
        {"password": NEW_PASSWORD, "reason": "forgotten", "_form_submitted": "1"},
    )
    request = CredentialRequest.objects.get()
    button = reverse("admin:access_credentialrequest_confirm", args=[request.pk])
    client.post(button, {"_form_submitted": "1"})
    assert password_is(approver, PASSWORD)

    client.force_login(second)
    client.post(button, {"_form_submitted": "1"})

    assert password_is(approver, NEW_PASSWORD)


def test_the_server_itself_needs_no_second_person(administrator: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{NEW_PASSWORD}\n"))
    TOTPDevice.objects.create(user=administrator, name="app", confirmed=True)

    call_command("set_credentials", administrator.username, "--stdin", "--remove-second-factor", stdout=io.StringIO())

    assert password_is(administrator, NEW_PASSWORD)
    assert TOTPDevice.objects.count() == 0
    assert AuditEntry.objects.get().action == "credentials.set_on_server"
