"""Who reports contacts: each source is known from its first report on."""

from datetime import datetime
from typing import Any

from backoffice.access.roles import Role
from cases.enums import ContactSourceKind
from cases.models import ContactSource


def source_of(*, kind: str, name: str, at: datetime) -> ContactSource:
    """Return the source, made on its first report."""
    known = ContactSource.objects.filter(kind=kind, name=name).first()
    if known is not None:
        return known
    made, _is_new = ContactSource.objects.get_or_create(kind=kind, name=name, defaults={"created_at": at})
    return made


def source_of_actor(*, actor: Any, at: datetime) -> ContactSource:
    """Return the source that `actor` reports as: a machine client by its own name, people and the system as the desk."""
    if actor is not None and actor.role == Role.MACHINE:
        return source_of(kind=ContactSourceKind.CLIENT, name=actor.username, at=at)
    return source_of(kind=ContactSourceKind.DESK, name="", at=at)
