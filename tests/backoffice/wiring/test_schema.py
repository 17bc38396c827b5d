"""Who may read the description of the REST doors."""

import pytest
from django.urls import reverse
from django_otp import DEVICE_ID_SESSION_KEY
from django_otp.plugins.otp_totp.models import TOTPDevice

pytestmark = [pytest.mark.django_db, pytest.mark.parametrize("page", ["schema", "docs"])]


def test_a_session_without_second_factor_reads_no_description(client, officer, settings, page):
    settings.SECOND_FACTOR_REQUIRED = True
    client.force_login(officer)

    assert client.get(reverse(page)).status_code == 403


def test_a_session_with_second_factor_reads_the_description(client, officer, settings, page):
    settings.SECOND_FACTOR_REQUIRED = True
    device = TOTPDevice.objects.create(user=officer, confirmed=True)
    client.force_login(officer)
    session = client.session
    session[DEVICE_ID_SESSION_KEY] = device.persistent_id
    session.save()

    assert client.get(reverse(page)).status_code == 200


def test_a_password_is_enough_where_no_second_factor_is_required(client, officer, settings, page):
    settings.SECOND_FACTOR_REQUIRED = False
    client.force_login(officer)

    assert client.get(reverse(page)).status_code == 200


def test_a_stranger_reads_no_description(client, page):
    assert client.get(reverse(page)).status_code == 401
