"""Asking whether a person may be contacted, and giving back a permit that is not needed."""

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.core.transitions import may
from cases.enums import Channel, ContactPurpose, PermitState, RelatedRole
from cases.models import Borrower, BorrowerPhone, ContactPermit, RelatedPerson
from cases.rules.contact_budget.question import Asked, Related
from cases.services.contacts.answering import answer, hold
from cases.services.people.locks import lock_people

ASK: Final = "cases.ask_contactpermit"
# Channels that reach somebody by a number.
BY_NUMBER: Final = (Channel.VOICE, Channel.SMS)
LONGEST_REQUEST: Final = 80


@transaction.atomic
def ask_permit(
    *,
    borrower: Borrower,
    channel: str,
    purpose: str,
    request_id: str,
    actor: Any,
    at: datetime,
    phone: BorrowerPhone | None = None,
    related: RelatedPerson | None = None,
) -> ContactPermit:
    """
    Answer whether a person may be contacted now, and reserve the place if so; the answer is kept, a refusal too.

    A call or an SMS names the number: a `phone` of the person, or the `related` person who shall be contacted in place of
    the borrower. The same `request_id` of the same actor is answered the same again. What the answer rests on cannot
    change before it is committed: the person is locked, and the number.

    :raises NotAllowed: if the actor may not ask.
    :raises InvalidInput: if a code is unknown, a number is missing or another person's, a visit is asked for, or the
        request was another question.
    :raises StateConflict: if a merge changed who the person is while this waited; ask again.
    """
    may(actor=actor, permission=ASK)
    _check(channel=channel, purpose=purpose, request_id=request_id, phone=phone, related=related)
    number = _number(channel=channel, phone=phone, related=related)
    hold(f"contact-request:{getattr(actor, 'pk', None)}:{request_id}")
    known: ContactPermit | None = ContactPermit.objects.filter(asked_by=actor, request_id=request_id).first()
    if known is not None:
        if _question(known) != (
            borrower.pk,
            channel,
            purpose,
            getattr(phone, "pk", None),
            getattr(related, "pk", None),
        ):
            raise InvalidInput(
                _("This request number was used for another question; choose a new one."), field="request_id"
            )
        return known
    people = lock_people(borrowers=[borrower.pk])
    for field, record_of in (("phone_ref", phone), ("related_ref", related)):
        if record_of is not None and record_of.borrower_id not in people:
            raise InvalidInput(_("This belongs to another person."), field=field)
    asked = Asked(
        channel=Channel(channel),
        purpose=ContactPurpose(purpose),
        number=number,
        related=None if related is None else Related(role=RelatedRole(related.role), ends_on=related.ends_on),
    )
    return answer(
        borrower=borrower,
        people=people,
        asked=asked,
        request_id=request_id,
        phone=phone,
        related=related,
        actor=actor,
        at=at,
    )


@transaction.atomic
def release_permit(*, permit: ContactPermit, actor: Any, at: datetime) -> ContactPermit:
    """
    Give a permit back that was not used: its place is free again at once. Only who asked for it may.

    :raises NotAllowed: if the actor may not ask for permits, or another one asked for this one.
    :raises StateConflict: if it was refused, used, given back or not used in time.
    """
    may(actor=actor, permission=ASK)
    if actor is not None and permit.asked_by_id != actor.pk:
        raise NotAllowed(_("Another client asked for this permit; only that one may give it back."))
    rows = ContactPermit.objects.filter(pk=permit.pk, state=PermitState.RESERVED)
    if not rows.update(state=PermitState.RELEASED, settled_at=at):
        raise StateConflict
    permit.refresh_from_db()
    record(actor=actor, action="contactpermit.released", subject=permit, at=at, body={"borrower": permit.borrower_id})
    return permit


def _check(
    *, channel: str, purpose: str, request_id: str, phone: BorrowerPhone | None, related: RelatedPerson | None
) -> None:
    if channel not in Channel.values:
        raise InvalidInput(_("Choose one of the values."), field="channel")
    if purpose not in ContactPurpose.values:
        raise InvalidInput(_("Choose one of the values."), field="purpose")
    if channel == Channel.VISIT:
        raise InvalidInput(_("A visit takes its place by its check-in; ask for another channel."), field="channel")
    if not request_id.strip() or len(request_id) > LONGEST_REQUEST:
        raise InvalidInput(_("Give a request number of at most 80 characters."), field="request_id")
    if phone is not None and related is not None:
        raise InvalidInput(_("Name a telephone of the borrower or a related person, not both."), field="related_ref")


def _number(*, channel: str, phone: BorrowerPhone | None, related: RelatedPerson | None) -> bytes:
    """Return the blind index of the number that would be used, empty for channels without one."""
    if channel not in BY_NUMBER:
        return b""
    whose = phone or related
    number = b"" if whose is None else bytes(whose.number_index)
    if not number:
        raise InvalidInput(
            _("Name the number: a telephone of the borrower, or a related person who has one."), field="phone_ref"
        )
    return number


def _question(permit: ContactPermit) -> tuple[Any, ...]:
    return permit.borrower_id, permit.channel, permit.purpose, permit.phone_id, permit.related_id
