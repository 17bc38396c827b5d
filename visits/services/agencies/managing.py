"""Whose agency it is: what every change of an agency asks first."""

from typing import Any

from backoffice.core.errors import NotAllowed
from backoffice.core.transitions import may
from visits.models import Agency


def must_manage(*, agency: Agency, actor: Any) -> None:
    """Pass if the actor may change this agency; None is the system. :raises NotAllowed: if not."""
    if actor is not None and not Agency.objects.managed_by(actor).filter(pk=agency.pk).exists():
        raise NotAllowed


def must_be_person(*, actor: Any, permission: str) -> None:
    """
    Pass if somebody signed in holds the permission: what two people do, the system does for neither.

    :raises NotAllowed: if there is no actor, or their role does not hold it.
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission=permission)


def locked_agency(*, agency: Agency) -> Agency:
    """Return the agency as it is now, its row locked until the transaction ends."""
    locked: Agency = Agency.objects.select_for_update(no_key=True).get(pk=agency.pk)
    return locked
