"""The second factor: an authenticator app, and recovery codes on paper for the day the telephone is lost."""

import secrets
from base64 import b32encode
from binascii import unhexlify
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from backoffice.access.models import User
from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict

RECOVERY_CODES = 10
APP_DEVICE = "app"
PAPER_DEVICE = "recovery codes"


def is_enrolled(*, user: User) -> bool:
    """Return whether the person has confirmed an authenticator app."""
    return bool(TOTPDevice.objects.filter(user=user, confirmed=True).exists())


def pending_device(*, user: User) -> TOTPDevice | None:
    """Return the app whose first code is still awaited, or None."""
    return TOTPDevice.objects.filter(user=user, confirmed=False).order_by("pk").last()


def secret_text(*, device: TOTPDevice) -> str:
    """Return the secret in base 32, in groups of four, as it is typed into an app without a camera."""
    text = b32encode(unhexlify(device.key)).decode().rstrip("=")
    return " ".join(text[i : i + 4] for i in range(0, len(text), 4))


@transaction.atomic
def begin_enrolment(*, user: User, at: datetime) -> TOTPDevice:
    """
    Make a new secret that waits for its first code; one that waited before is dropped.

    :raises StateConflict: if the person is enrolled already.
    """
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if is_enrolled(user=locked):
        raise StateConflict
    TOTPDevice.objects.filter(user=user, confirmed=False).delete()
    device: TOTPDevice = TOTPDevice.objects.create(user=user, name=APP_DEVICE, confirmed=False)
    record(actor=user, action="second_factor.begun", subject=user, at=at)
    return device


def confirm_enrolment(*, user: User, code: str, at: datetime) -> tuple[TOTPDevice, tuple[str, ...]]:
    """
    Take the app's first code into use and return the device with fresh recovery codes, shown this once.

    :raises InvalidInput: if the code does not fit, or nothing waits for one.
    """
    device = pending_device(user=user)
    # The count of failed codes must outlive a refusal, so the check stands outside of the transaction.
    if device is None or not device.verify_token(code):
        raise InvalidInput(
            _("The code does not fit. Wait for the next one and check the telephone's clock."), field="code"
        )
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        device.confirmed = True
        device.save(update_fields=["confirmed"])
        codes = _fresh_codes(user=user)
        record(actor=user, action="second_factor.enrolled", subject=user, at=at)
    return device, codes


def renew_recovery_codes(*, user: User, code: str, at: datetime) -> tuple[str, ...]:
    """
    Replace the recovery codes; the old ones end.

    :raises InvalidInput: if the app's code does not fit.
    """
    _check(user=user, code=code)
    with transaction.atomic():
        codes = _fresh_codes(user=user)
        record(actor=user, action="second_factor.codes_renewed", subject=user, at=at)
    return codes


def remove_second_factor(*, user: User) -> None:
    """Remove a person's authenticator app and recovery codes; they enrol again at the next sign-in."""
    TOTPDevice.objects.filter(user=user).delete()
    StaticDevice.objects.filter(user=user).delete()


def _check(*, user: User, code: str) -> None:
    device = TOTPDevice.objects.filter(user=user, confirmed=True).order_by("pk").first()
    if device is None or not device.verify_is_allowed()[0] or not device.verify_token(code):
        raise InvalidInput(
            _("The code does not fit. Wait for the next one and check the telephone's clock."), field="code"
        )


def _fresh_codes(*, user: User) -> tuple[str, ...]:
    device, _made = StaticDevice.objects.get_or_create(user=user, name=PAPER_DEVICE)
    device.token_set.all().delete()
    # 50 bits each, in the alphabet without look-alikes.
    letters = "abcdefghjkmnpqrstuvwxyz23456789"
    codes = tuple("".join(secrets.choice(letters) for _i in range(10)) for _n in range(RECOVERY_CODES))
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return codes
