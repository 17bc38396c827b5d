"""Who may enter the admin, and the page where the second factor is set up."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from backoffice.access.gate import is_staff, may_enter, needs_enrolment
from tests.factories.access import code_of, enrol, sign_in


def test_deactivated_person_is_out_at_the_next_request(client, officer):
    client.force_login(officer)
    assert client.get(reverse("admin:index")).status_code == 200

    get_user_model().objects.filter(pk=officer.pk).update(is_active=False)

    assert client.get(reverse("admin:index")).status_code == 302


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


@pytest.mark.parametrize(
    ("role", "fields", "is_verified", "is_required", "enters", "owes"),
    [
        ("CASE_OFFICER", {}, False, False, True, False),
        ("CASE_OFFICER", {}, False, True, False, True),
        ("CASE_OFFICER", {}, True, True, True, False),
        ("CASE_OFFICER", {"is_active": False}, True, True, False, False),
        ("CASE_OFFICER", {"is_active": False}, True, False, False, False),
        ("MACHINE", {}, False, False, False, False),
        ("MACHINE", {}, True, True, False, False),
    ],
)
def test_who_may_enter_and_who_owes_a_second_factor(
    person, rf, settings, role, fields, is_verified, is_required, enters, owes
):
    settings.SECOND_FACTOR_REQUIRED = is_required
    request = rf.get("/")
    request.user = person(role, **fields)
    request.user.is_verified = lambda: is_verified

    assert (may_enter(request=request), needs_enrolment(request=request)) == (enters, owes)


def test_a_stranger_neither_enters_nor_owes_a_second_factor(rf, settings):
    settings.SECOND_FACTOR_REQUIRED = False
    request = rf.get("/")
    request.user = AnonymousUser()

    assert (is_staff(request=request), may_enter(request=request), needs_enrolment(request=request)) == (
        False,
        False,
        False,
    )


def test_a_stranger_at_the_page_of_the_second_factor_is_led_to_the_sign_in_and_back(client, db):
    page = reverse("admin:second_factor")

    for answer in (client.get(page), client.post(page, {"do": "begin"})):
        assert (answer.status_code, answer.url) == (302, f"{reverse('admin:login')}?next={page}")
    assert not TOTPDevice.objects.exists()


def test_a_wrong_code_opens_nothing_and_says_so_in_the_readers_language(client, officer, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    sign_in(client, officer)
    client.post(reverse("admin:second_factor"), {"do": "begin"})

    for language, words in (("en", "The code does not fit."), ("zh-hans", "验证码不正确。")):
        client.cookies["django_language"] = language
        page = client.post(reverse("admin:second_factor"), {"code": "000000"})
        assert words in page.content.decode()
        assert "no-store" in page["Cache-Control"]

    assert client.get(reverse("admin:index")).status_code == 302
    assert not StaticToken.objects.exists()


def test_an_enrolled_person_makes_new_recovery_codes_by_a_code_of_the_app(client, officer, at):
    device, old = enrol(officer, at)
    TOTPDevice.objects.update(last_t=-1)
    sign_in(client, officer, otp_token=code_of(device))
    TOTPDevice.objects.update(last_t=-1)

    begun = client.post(reverse("admin:second_factor"), {"do": "begin"})
    done = client.post(reverse("admin:second_factor"), {"code": code_of(device)})

    # The button of an older page does not make a second secret.
    assert "data:image/svg+xml" not in begun.content.decode()
    assert TOTPDevice.objects.get().key == device.key
    shown = re.findall(r"<span>([a-z0-9]{10})</span>", done.content.decode())
    assert sorted(shown) == sorted(StaticToken.objects.values_list("token", flat=True))
    assert set(shown) & set(old) == set()
