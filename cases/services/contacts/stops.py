"""Somebody other than the borrower refused contact: their number is never used again."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput
from backoffice.core.transitions import may
from cases.enums import RelatedRole
from cases.models import ContactStop, RelatedPerson
from cases.services.contacts.answering import hold_number
from cases.services.people.locks import lock_people

OWING = (RelatedRole.CO_BORROWER, RelatedRole.GUARANTOR)


@transaction.atomic
def stop_number(*, related: RelatedPerson, actor: Any, at: datetime, evidence_ref: str = "") -> ContactStop:
    """
    Note that a related person refused contact: nobody of this lender contacts their number again, for whichever borrower.

    It holds for ever, also if a later file names the number anew. Noted before, it stays as it is.

    :raises NotAllowed: if the actor may not note refusals.
    :raises InvalidInput: if the person has no number, or owes the debt by contract.
    """
    may(actor=actor, permission="cases.add_contactstop")
    if related.role in OWING:
        raise InvalidInput(_("This person owes the debt by contract; note a complaint instead."), field="related_ref")
    number = bytes(related.number_index)
    if not number:
        raise InvalidInput(_("No number of this person is known."), field="related_ref")
    lock_people(borrowers=[related.borrower_id])
    hold_number(number)
    stop, is_new = ContactStop.objects.get_or_create(
        number_index=number,
        defaults={
            "borrower_id": related.borrower_id,
            "related": related,
            "evidence_ref": evidence_ref.strip(),
            "noted_by": actor,
            "noted_at": at,
        },
    )
    if is_new:
        body = {"borrower": related.borrower_id, "related": related.pk}
        record(actor=actor, action="contactstop.noted", subject=stop, at=at, body=body)
    return stop
