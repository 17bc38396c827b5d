"""Signing in with a password and a code of the second factor."""

from django.urls import reverse
from django_otp.oath import totp

from backoffice.access.credentials import request_password
from backoffice.access.second_factor import begin_enrolment, confirm_enrolment

PASSWORD = "correct horse battery"
NEW_PASSWORD = "another long password"


def code_of(device, *, drift=0):
    return f"{totp(device.bin_key, step=device.step, t0=device.t0, digits=device.digits, drift=drift):06d}"


def enrol(user, at):
    device = begin_enrolment(user=user, at=at)
    return confirm_enrolment(user=user, code=code_of(device), at=at)


def ask_for_password(user, actor, at):
    """Have an administrator ask for another person's new password; a second one has to confirm."""
    return request_password(user=user, password=NEW_PASSWORD, reason="forgotten", actor=actor, at=at)


def sign_in(client, user, **fields):
    return client.post(reverse("admin:login"), {"username": user.username, "password": PASSWORD, **fields})
