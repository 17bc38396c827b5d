"""Signing in, the second factor, and people in the admin."""

import re

import pytest
import time_machine
from django.contrib.auth import get_user_model
from django.urls import reverse
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from backoffice.access.clients import change_client_scopes, create_client
from backoffice.access.limits import SIGN_IN
from backoffice.access.second_factor import begin_enrolment, confirm_enrolment
from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput
from backoffice.wiring.tokens import LIMIT
from tests.factories.portfolio import AT

PASSWORD = "correct horse battery"


def code_of(device, *, drift=0):
    return f"{totp(device.bin_key, step=device.step, t0=device.t0, digits=device.digits, drift=drift):06d}"


def enrol(user, at):
    device = begin_enrolment(user=user, at=at)
    return confirm_enrolment(user=user, code=code_of(device), at=at)


def sign_in(client, user, **fields):
    return client.post(reverse("admin:login"), {"username": user.username, "password": PASSWORD, **fields})


def test_sign_in_gives_the_session_a_new_key(client, officer):
    client.get(reverse("admin:login"))
    session = client.session
    session["planted"] = True
    session.save()
    before = session.session_key

    answer = sign_in(client, officer)

    assert answer.status_code == 302
    assert client.session.session_key != before


def test_sign_in_refuses_programs(client, person):
    machine = person("MACHINE")

    answer = sign_in(client, machine)

    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


def test_deactivated_person_is_out_at_the_next_request(client, officer):
    client.force_login(officer)
    assert client.get(reverse("admin:index")).status_code == 200

    get_user_model().objects.filter(pk=officer.pk).update(is_active=False)

    assert client.get(reverse("admin:index")).status_code == 302


def test_lock_out_speaks_the_readers_language(client, officer, settings):
    settings.LANGUAGE_COOKIE_NAME = "django_language"
    client.cookies["django_language"] = "en"
    for _n in range(settings.AXES_FAILURE_LIMIT):
        answer = client.post(reverse("admin:login"), {"username": officer.username, "password": "wrong"})

    assert answer.status_code == 429
    assert "Wait 15 minutes" in answer.content.decode()
    assert sign_in(client, officer).status_code == 429


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


def test_required_second_factor_is_set_up_before_anything_else(client, officer, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    sign_in(client, officer)

    assert client.get(reverse("admin:index")).status_code == 302
    assert client.get(reverse("admin:login")).url == reverse("admin:second_factor")
    assert not TOTPDevice.objects.exists()  # looking changes nothing

    begun = client.post(reverse("admin:second_factor"), {"do": "begin"})
    device = TOTPDevice.objects.get()
    before = client.session.session_key
    done = client.post(reverse("admin:second_factor"), {"code": code_of(device)})

    assert "data:image/svg+xml" in begun.content.decode()
    codes = re.findall(r"<span>([a-z0-9]{10})</span>", done.content.decode())
    assert sorted(codes) == sorted(StaticToken.objects.values_list("token", flat=True))
    assert "no-store" in done["Cache-Control"]
    assert client.session.session_key != before
    assert client.get(reverse("admin:index")).status_code == 200


def test_session_of_before_the_enrolment_is_closed_where_the_factor_is_required(client, officer, settings, at):
    client.force_login(officer)
    enrol(officer, at)
    settings.SECOND_FACTOR_REQUIRED = True

    answer = client.get(reverse("admin:second_factor"))

    assert answer.url == reverse("admin:login")
    assert "_auth_user_id" not in client.session


def test_confirm_enrolment_refuses_a_wrong_code(officer, at):
    begin_enrolment(user=officer, at=at)

    with pytest.raises(InvalidInput):
        confirm_enrolment(user=officer, code="000000", at=at)

    assert not TOTPDevice.objects.filter(confirmed=True).exists()
    assert not StaticToken.objects.exists()


def test_administrator_adds_a_person_with_an_entry_in_the_trail(client, administrator, shanghai):
    client.force_login(administrator)

    answer = client.post(
        reverse("admin:access_user_add"),
        {
            "username": "new.officer",
            "role": "CASE_OFFICER",
            "territories": [shanghai.pk],
            "password": "a long first password",
        },
    )

    person = get_user_model().objects.get(username="new.officer")
    assert answer.status_code == 302
    assert not person.has_usable_password()
    assert list(person.credential_requests.values_list("state", flat=True)) == ["PENDING"]
    assert list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True)) == [
        "user.added",
        "credentials.requested",
    ]


def test_administrator_does_not_change_their_own_role(client, administrator):
    client.force_login(administrator)

    client.post(
        reverse("admin:access_user_change", args=[administrator.pk]),
        {"username": administrator.username, "role": "APPROVER", "is_active": "on"},
    )

    assert get_user_model().objects.get(pk=administrator.pk).role == "ADMINISTRATOR"


def test_people_are_a_closed_room_for_officers(client, officer):
    client.force_login(officer)

    assert client.get(reverse("admin:access_user_changelist")).status_code == 403
    assert client.get(reverse("admin:access_user_add")).status_code == 403


def test_client_asks_for_its_own_scopes_only(client, administrator, at):
    made, secret = create_client(name="Core", scopes=["cases:read"], actor=administrator, at=at)
    asked = {"grant_type": "client_credentials", "client_id": made.client_id, "client_secret": secret}

    own = client.post("/o/token/", {**asked, "scope": "cases:read"})
    foreign = client.post("/o/token/", {**asked, "scope": "terms:write"})

    assert (own.status_code, own.json()["scope"]) == (200, "cases:read")
    assert (foreign.status_code, foreign.json()) == (400, {"error": "invalid_scope"})


def test_change_client_scopes_ends_tokens_at_once(client, administrator, at):
    made, secret = create_client(name="Core", scopes=["cases:read"], actor=administrator, at=at)
    asked = {"grant_type": "client_credentials", "client_id": made.client_id, "client_secret": secret}
    client.post("/o/token/", asked)
    assert made.accesstoken_set.count() == 1

    change_client_scopes(client=made, scopes=["visits:read"], actor=administrator, at=at)

    assert made.accesstoken_set.count() == 0


def test_client_secret_is_shown_once_and_kept_hashed(client, administrator):
    client.force_login(administrator)

    answer = client.post(reverse("admin:oauth2_provider_application_add"), {"name": "BI", "scopes": ["cases:read"]})

    from oauth2_provider.models import Application

    made = Application.objects.get()
    secret = re.findall(r'ds-mono">([^<]+)<', answer.content.decode())[1]
    assert secret not in made.client_secret
    assert "no-store" in answer["Cache-Control"]
    page = client.get(reverse("admin:oauth2_provider_application_change", args=[made.pk])).content.decode()
    assert secret not in page
    assert made.client_secret not in page


@time_machine.travel(AT, tick=False)
def test_token_door_slows_down(client, db):
    answers = [client.post("/o/token/", REMOTE_ADDR="203.0.113.77").status_code for _n in range(LIMIT.most + 1)]

    assert 429 not in answers[:-1]
    assert answers[-1] == 429


def test_client_of_an_agency_holds_no_other_scopes(administrator, at):
    with pytest.raises(InvalidInput, match="cases:read"):
        create_client(name="Mixed", scopes=["visits:write", "cases:read"], actor=administrator, at=at)
    made, _secret = create_client(name="Firm", scopes=["visits:write", "visits:read"], actor=administrator, at=at)
    with pytest.raises(InvalidInput):
        change_client_scopes(client=made, scopes=["visits:write", "terms:write"], actor=administrator, at=at)

    made.user.refresh_from_db()
    assert made.user.scopes == ["visits:write", "visits:read"]


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
