"""Writes about people: passwords and the way out."""

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import User
from backoffice.access.roles import Role
from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput
from backoffice.core.transitions import may


@transaction.atomic
def change_own_password(*, user: User, password: str, at: datetime) -> None:
    """
    Set a person's own new password. Their other sessions end with the old one.

    :raises InvalidInput: if the password is too weak.
    """
    _set(user=user, password=password)
    record(actor=user, action="user.password_changed", subject=user, at=at)


@transaction.atomic
def set_password(*, user: User, password: str, actor: User | None, at: datetime) -> None:
    """
    Set another person's password, which ends all their sessions.

    :raises NotAllowed: if the actor may not change people.
    :raises InvalidInput: if the password is too weak, or the login is a program's, which has tokens instead.
    """
    may(actor=actor, permission="access.change_user")
    if user.role == Role.MACHINE:
        raise InvalidInput(_("A program signs in with its client secret."), field="password")
    _set(user=user, password=password)
    record(actor=actor, action="user.password_set", subject=user, at=at)


def _set(*, user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), field="password") from error
    user.set_password(password)
    user.save(update_fields=["password"])
