"""What the forms of signing in, of people and of machine clients take and refuse."""

from django.contrib.auth import get_user_model
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.factories.access import PASSWORD, code_of, enrol, sign_in


def test_sign_in_refuses_programs(client, person):
    machine = person("MACHINE")

    answer = sign_in(client, machine)

    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


def test_enrolled_person_needs_the_code(client, officer, at):
    device, _codes = enrol(officer, at)
    TOTPDevice.objects.update(last_t=-1)

    assert sign_in(client, officer).status_code == 200
    assert "_auth_user_id" not in client.session
    assert sign_in(client, officer, otp_token="000000").status_code == 200
    assert "_auth_user_id" not in client.session
    TOTPDevice.objects.update(throttling_failure_count=0, throttling_failure_timestamp=None)

    answer = sign_in(client, officer, otp_token=code_of(device))

    assert answer.status_code == 302
    assert client.session["otp_device_id"] == device.persistent_id


def test_wrong_code_does_not_send_the_password_back(client, officer, at):
    enrol(officer, at)

    answer = sign_in(client, officer, otp_token="000000")

    assert PASSWORD not in answer.content.decode()


def test_recovery_code_opens_once(client, officer, at):
    _device, codes = enrol(officer, at)

    assert sign_in(client, officer, otp_token=codes[0]).status_code == 302
    client.logout()

    assert sign_in(client, officer, otp_token=codes[0]).status_code == 200
    assert StaticToken.objects.count() == len(codes) - 1


def test_code_of_another_person_does_not_open(client, officer, approver, at):
    enrol(officer, at)
    device, codes = enrol(approver, at)
    TOTPDevice.objects.update(last_t=-1)

    assert sign_in(client, officer, otp_token=code_of(device)).status_code == 200
    assert sign_in(client, officer, otp_token=codes[0]).status_code == 200
    assert "_auth_user_id" not in client.session


def test_administrator_does_not_change_their_own_role(client, administrator):
    client.force_login(administrator)

    client.post(
        reverse("admin:access_user_change", args=[administrator.pk]),
        {"username": administrator.username, "role": "APPROVER", "is_active": "on"},
    )

    assert get_user_model().objects.get(pk=administrator.pk).role == "ADMINISTRATOR"
