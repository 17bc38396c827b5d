"""Enrolling an authenticator app, its recovery codes, and removing both."""

import pytest
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from backoffice.access.second_factor import begin_enrolment, confirm_enrolment
from backoffice.core.errors import InvalidInput


def test_confirm_enrolment_refuses_a_wrong_code(officer, at):
    begin_enrolment(user=officer, at=at)

    with pytest.raises(InvalidInput):
        confirm_enrolment(user=officer, code="000000", at=at)

    assert not TOTPDevice.objects.filter(confirmed=True).exists()
    assert not StaticToken.objects.exists()
