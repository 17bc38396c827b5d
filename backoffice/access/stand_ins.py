"""Who decides for an approver who is away: entered by that person or an administrator, ended early by either of the two."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import StandIn, User
from backoffice.access.roles import Role
from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.core.transitions import may

# Calendar days that one entry counts at most.
LONGEST: Final = timedelta(days=90)
# Roles that decide what others propose. Work of other roles is given to colleagues case by case.
ROLES: Final = (Role.APPROVER,)
LONGEST_REASON: Final = 300


@transaction.atomic
def enter_stand_in(
    *, person: User, stand_in: User, starts_on: date, ends_on: date, reason: str, actor: User, at: datetime
) -> StandIn:
    """
    Let `stand_in` decide for `person` from `starts_on` to `ends_on`, both included; at most 90 days.

    Both are approvers, so that nobody gains a right: the territories of the absent person are added to those of the stand-in.
    What holds for all territories at once is not lent. `reason` (cut to 300 characters) is kept sealed.

    :raises NotAllowed: if the actor may not enter it, or it concerns another person and the actor is no administrator.
    :raises InvalidInput: if the two are the same person, one is no approver or signed off, the days are past, in the wrong order or
        too many, no reason is given, or the same two have an entry for some of these days.
    """
    may(actor=actor, permission="access.add_standin")
    if person.pk != actor.pk and actor.role != Role.ADMINISTRATOR:
        raise NotAllowed(_("You enter a stand-in for yourself only; an administrator does it for others."))
    if stand_in.pk == person.pk:
        raise InvalidInput(_("The stand-in is another person."), field="stand_in")
    if person.role not in ROLES or not person.is_active:
        raise InvalidInput(_("Only approvers have a stand-in."), field="person")
    if stand_in.role != person.role or not stand_in.is_active:
        raise InvalidInput(_("The stand-in has the same role and is active."), field="stand_in")
    if starts_on < localdate(at):
        raise InvalidInput(_("The first day is today or later."), field="starts_on")
    if not starts_on <= ends_on <= starts_on + LONGEST:
        raise InvalidInput(_("The last day is at most 90 days after the first."), field="ends_on")
    if not reason.strip():
        raise InvalidInput(_("Give a reason."), field="reason")
    # The lock keeps two entries of the same moment from both passing this check.
    User.objects.select_for_update(no_key=True).get(pk=person.pk)
    meanwhile = StandIn.objects.filter(starts_on__lte=ends_on, ends_on__gte=starts_on, ended_at__isnull=True)
    if meanwhile.filter(person=person, stand_in=stand_in).exists():
        raise InvalidInput(_("This person stands in on some of these days already."), field="stand_in")
    entry = StandIn.objects.create(
        person=person,
        stand_in=stand_in,
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason.strip()[:LONGEST_REASON],
        entered_by=actor,
        created_at=at,
        updated_at=at,
    )
    record(actor=actor, action="stand_in.entered", subject=entry, at=at, body=_body(entry))
    return entry


@transaction.atomic
def end_stand_in(*, entry: StandIn, actor: User, at: datetime) -> None:
    """
    End an entry at once, before its last day.

    :raises NotAllowed: if the actor is neither one of the two nor an administrator.
    :raises StateConflict: if it is over already.
    """
    may(actor=actor, permission="access.change_standin")
    if actor.pk not in (entry.person_id, entry.stand_in_id) and actor.role != Role.ADMINISTRATOR:
        raise NotAllowed
    open_rows = StandIn.objects.filter(pk=entry.pk, ended_at__isnull=True, ends_on__gte=localdate(at))
    if not open_rows.update(ended_at=at, ended_by=actor, updated_at=at):
        raise StateConflict(_("It is over already."))
    entry.refresh_from_db()
    record(actor=actor, action="stand_in.ended", subject=entry, at=at, body=_body(entry))


def stood_in_for(*, user: User, on: date) -> list[StandIn]:
    """Return whom a person stands in for on a day, the first to end first. One query."""
    entries = StandIn.objects.in_force(on=on).filter(stand_in=user, person__role=user.role, person__is_active=True)
    return list(entries.select_related("person").order_by("ends_on", "pk"))


def acting_for(*, user: User, territory_id: int, on: date) -> Sequence[int]:
    """
    Return the numbers of the people through whom a person acts in a territory on a day; empty in a territory of their own.

    Two queries at most.
    """
    if user.all_territories or user.territories.filter(pk=territory_id).exists():
        return ()
    entries = StandIn.objects.in_force(on=on).filter(stand_in=user, person__role=user.role, person__is_active=True)
    here = entries.filter(person__territories=territory_id) | entries.filter(person__all_territories=True)
    return tuple(here.order_by("person").values_list("person", flat=True).distinct())


def _body(entry: StandIn) -> dict[str, Any]:
    return {
        "person": entry.person_id,
        "stand_in": entry.stand_in_id,
        "starts_on": entry.starts_on,
        "ends_on": entry.ends_on,
    }
