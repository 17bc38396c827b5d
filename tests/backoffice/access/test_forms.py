"""What the forms of signing in, of people and of machine clients take and refuse."""

import pytest
from django.contrib.auth import get_user_model
from django.forms import modelform_factory
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from backoffice.access.forms import ClientForm, NewUserForm, OwnPasswordForm, UserForm
from backoffice.access.models import User
from backoffice.audit.models import AuditEntry
from tests.factories.access import PASSWORD, code_of, enrol, sign_in


def new_user(**fields):
    """Return the bound form of a new person, as the administrator sends it."""
    Form = modelform_factory(User, form=NewUserForm, fields=("username", "display_name", "role", "all_territories"))
    return Form({"role": "CASE_OFFICER"} | fields)


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


def test_a_recovery_code_of_digits_only_opens(client, officer, at):
    _device, codes = enrol(officer, at)
    StaticToken.objects.filter(token=codes[0]).update(token="2345678923")

    assert sign_in(client, officer, otp_token="2345678923").status_code == 302


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


def test_a_code_typed_in_two_groups_opens(client, officer, at):
    device, _codes = enrol(officer, at)
    TOTPDevice.objects.update(last_t=-1)
    code = code_of(device)

    assert sign_in(client, officer, otp_token=f" {code[:3]} {code[3:]} ").status_code == 302


def test_whoever_never_enrolled_may_leave_the_code_empty_or_not(client, officer):
    assert sign_in(client, officer, otp_token="123456").status_code == 302
    assert not client.session.get("otp_device_id")


@pytest.mark.parametrize(
    ("password", "fits"), [("case_officer1", False), ("password1234", False), ("short", False), ("jk3-Rw9-qpLx", True)]
)
def test_a_first_password_must_be_strong(administrator, password, fits):
    form = new_user(username="case_officer", password=password)

    assert (form.is_valid(), sorted(form.errors)) == (fits, [] if fits else ["password"])


def test_people_are_never_given_the_role_of_a_program(administrator):
    form = new_user(username="sneaky", password="jk3-Rw9-qpLx", role="MACHINE")

    assert (form.is_valid(), sorted(form.errors)) == (False, ["role"])
    assert "MACHINE" not in dict(form.fields["role"].choices)


@pytest.mark.parametrize(
    ("changed", "refused"),
    [({}, False), ({"display_name": "Root"}, False), ({"role": "APPROVER"}, True), ({"is_active": ""}, True)],
)
def test_nobody_changes_their_own_role_or_signs_themselves_off(administrator, changed, refused):
    Form = modelform_factory(User, form=UserForm)
    Form.acting = administrator
    fields = {"username": administrator.username, "role": "ADMINISTRATOR", "is_active": "on"} | changed

    form = Form({name: value for name, value in fields.items() if value}, instance=administrator)

    assert (form.is_valid(), sorted(form.errors)) == (not refused, ["__all__"] if refused else [])


def test_another_administrator_changes_the_role(administrator, person):
    Form = modelform_factory(User, form=UserForm)
    Form.acting = person("ADMINISTRATOR", name="second")

    form = Form({"username": administrator.username, "role": "APPROVER", "is_active": "on"}, instance=administrator)

    assert form.is_valid()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"name": "Core", "scopes": ["cases:read"]}, []),
        ({"name": "Core", "scopes": []}, ["scopes"]),
        ({"name": "Core", "scopes": ["cases:delete"]}, ["scopes"]),
        ({"name": "C" * 50, "scopes": ["cases:read"]}, []),
        ({"name": "C" * 51, "scopes": ["cases:read"]}, ["name"]),
    ],
)
def test_a_client_has_a_short_name_and_known_scopes(fields, wrong):
    assert sorted(ClientForm(fields).errors) == wrong


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-hans", "请输入身份验证器 App 的验证码，或一个恢复码。"),
        ("en", "Enter the code of your authenticator app, or a recovery code."),
    ],
)
def test_a_missing_code_is_asked_for_in_the_readers_language(client, officer, at, language, words):
    enrol(officer, at)
    client.cookies["django_language"] = language

    page = sign_in(client, officer)

    assert page.context["form"].non_field_errors() == [words]


def test_ones_own_password_is_set_through_the_service(officer):
    form = OwnPasswordForm(
        officer, {"old_password": PASSWORD, "new_password1": "jk3-Rw9-qpLx", "new_password2": "jk3-Rw9-qpLx"}
    )
    assert form.is_valid()

    form.save()

    assert User.objects.get(pk=officer.pk).check_password("jk3-Rw9-qpLx")
    assert AuditEntry.objects.get().action == "user.password_changed"
