"""Passwords: a person's own, and the check that every new one passes."""

from datetime import datetime

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from backoffice.access.models import User
from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput


@transaction.atomic
def change_own_password(*, user: User, password: str, at: datetime) -> None:
    """
    Set a person's own new password. Their other sessions end with the old one.

    :raises InvalidInput: if the password is too weak.
    """
    user.password = strong_hash(user=user, password=password)
    user.save(update_fields=["password"])
    record(actor=user, action="user.password_changed", subject=user, at=at)


def strong_hash(*, user: User, password: str) -> str:
    """
    Return the hash of a password that is strong enough for the person.

    :raises InvalidInput: if the password is too weak.
    """
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), field="password") from error
    return make_password(password)
