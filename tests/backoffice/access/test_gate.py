"""Who may enter the admin, and the page where the second factor is set up."""

import re

from django.contrib.auth import get_user_model
from django.urls import reverse
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

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
