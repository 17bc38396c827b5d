"""Crew members at work: deactivated with their visits taken back, reactivated, and linked with their login."""

from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import User
from backoffice.access.roles import Role
from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput
from backoffice.core.reach import Reach
from backoffice.core.transitions import may, move
from visits.enums import EndReason, VisitState
from visits.models import CrewMember, VisitOrder
from visits.rules.agencies.lifecycles import CREW_LIFECYCLE
from visits.services.agencies.crew import UNCONFIRMED, locked_member
from visits.services.agencies.managing import must_be_person, must_manage
from visits.services.orders.endings import end_orders
from visits.services.orders.taking_back import take_back

NOTE_LENGTH: Final = 300


@transaction.atomic
def deactivate_member(*, member: CrewMember, reason: str, actor: Any, at: datetime) -> CrewMember:
    """
    Let a member go to no door any more. Planned visits are taken back to be planned anew.

    A crew on its way is called back; it is paid for the way, unless the agency itself deactivated the member. A visit
    whose crew has checked in is finished and reported. `reason` is what a person wrote; it is kept sealed.

    :raises NotAllowed: if the actor may not change members of this agency.
    :raises InvalidInput: if no reason is given.
    :raises StateConflict: if the member is inactive already.
    """
    _must_change(member, reason=reason, actor=actor)
    # The member's row is locked before the orders, as by whoever plans a visit: no new plan names them meanwhile.
    member = locked_member(member=member)
    move(record=member, lifecycle=CREW_LIFECYCLE, action="deactivate", actor=actor, at=at, **UNCONFIRMED)
    _keep_note(member, reason)
    theirs = VisitOrder.objects.filter(Q(lead=member) | Q(second=member))
    taken = take_back(rows=theirs, actor=actor, at=at)
    called = end_orders(
        rows=theirs.filter(state=VisitState.EN_ROUTE),
        action="abort",
        reason=EndReason.CREW_UNAVAILABLE,
        actor=actor,
        at=at,
        is_paid=getattr(actor, "reach", None) != Reach.AGENCY,
    )
    body = {"badge": member.external_ref, "taken_back": taken, "called_back": called}
    record(actor=actor, action="crewmember.deactivated", subject=member, at=at, body=body)
    return member


@transaction.atomic
def reactivate_member(*, member: CrewMember, reason: str, actor: Any, at: datetime) -> CrewMember:
    """
    Let an inactive member await confirmation again; the actor counts as who entered them.

    :raises NotAllowed: if the actor may not change members of this agency.
    :raises InvalidInput: if no reason is given.
    :raises StateConflict: if the member is not inactive.
    """
    _must_change(member, reason=reason, actor=actor)
    member = locked_member(member=member)
    move(record=member, lifecycle=CREW_LIFECYCLE, action="reactivate", actor=actor, at=at, entered_by=actor)
    _keep_note(member, reason)
    body = {"badge": member.external_ref}
    record(actor=actor, action="crewmember.reactivated", subject=member, at=at, body=body)
    return member


@transaction.atomic
def link_login(*, member: CrewMember, username: str, actor: Any, at: datetime) -> CrewMember:
    """
    Link a member with their login by its name; an empty name unlinks it.

    :raises NotAllowed: if the actor may not confirm members of this agency.
    :raises InvalidInput: if no active login of the role crew member has this name, or it is another member's.
    """
    may(actor=actor, permission="visits.confirm_crewmember")
    must_manage(agency=member.agency, actor=actor)
    member = locked_member(member=member)
    user = None
    if username.strip():
        logins = User.objects.filter(role=Role.CREW, is_active=True)
        user = logins.filter(username=username.strip()).first()
        if user is None:
            message = _("No active login of the role crew member has this name; an administrator makes it first.")
            raise InvalidInput(message, field="username")
    member.user, member.updated_at = user, at
    try:
        with transaction.atomic():
            member.save(update_fields=["user", "updated_at"])
    except IntegrityError as error:
        raise InvalidInput(_("This login is linked with another crew member."), field="username") from error
    body = {"badge": member.external_ref, "user": user.pk if user is not None else None}
    record(actor=actor, action="crewmember.linked", subject=member, at=at, body=body)
    return member


def _must_change(member: CrewMember, *, reason: str, actor: Any) -> None:
    must_be_person(actor=actor, permission="visits.change_crewmember")
    must_manage(agency=member.agency, actor=actor)
    if not reason.strip():
        raise InvalidInput(_("Give a reason."), field="reason")


def _keep_note(member: CrewMember, note: str) -> None:
    member.state_note = note.strip()[:NOTE_LENGTH]
    member.save(update_fields=["state_note"])
