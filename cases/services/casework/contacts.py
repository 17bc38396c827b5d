"""Recording one attempt to reach a borrower."""

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.transitions import may
from cases.enums import REACHED_OUTCOMES, CaseEventKind, Channel, ContactOutcome, Direction
from cases.models import Borrower, BorrowerPhone, ContactAttempt, ContactSource
from cases.selectors.casework.open_cases import open_case_of
from cases.services.casework.events import write_event
from cases.services.casework.reevaluation import mark_for_reevaluation
from cases.services.contacts.reports import judge_contacts
from cases.services.contacts.sources import source_of_actor
from cases.services.people.locks import lock_people


@transaction.atomic
def record_contact(
    *,
    borrower: Borrower,
    channel: str,
    outcome: str,
    actor: Any,
    at: datetime,
    direction: str = Direction.OUTBOUND,
    attempted_at: datetime | None = None,
    receipt: bool = False,
    phone: BorrowerPhone | None = None,
    external_ref: str = "",
    cost: Decimal = Decimal(0),
    permit_ref: str = "",
) -> ContactAttempt:
    """
    Record one attempt by one channel, made at `attempted_at` or, without it, now.

    Outcomes RIGHT_PARTY, TALK_REFUSED and READ count as the borrower reached. `receipt` means that the channel itself confirmed the
    outcome. `cost` is in the currency of the installation. Without `external_ref` a reference is made. `permit_ref` names
    the permit that the contact was made with; a contact without or against one is taken, and kept as a breach.

    :raises NotAllowed: if the actor may not record contacts.
    :raises InvalidInput: if a code is unknown, the moment lies ahead, or the telephone is another borrower's.
    :raises StateConflict: if an attempt of this reference is recorded already.
    """
    may(actor=actor, permission="cases.record_contact")
    # Two reports about one person see each other, so that the one beyond a cap is found.
    lock_people(borrowers=[borrower.pk])
    return write_contact(
        borrower=borrower,
        channel=channel,
        outcome=outcome,
        actor=actor,
        at=at,
        direction=direction,
        attempted_at=attempted_at,
        receipt=receipt,
        phone=phone,
        external_ref=external_ref,
        cost=cost,
        permit_ref=permit_ref,
        source=source_of_actor(actor=actor, at=at),
    )


@transaction.atomic
def write_contact(
    *,
    borrower: Borrower,
    channel: str,
    outcome: str,
    actor: Any,
    at: datetime,
    direction: str = Direction.OUTBOUND,
    attempted_at: datetime | None = None,
    receipt: bool = False,
    phone: BorrowerPhone | None = None,
    external_ref: str = "",
    cost: Decimal = Decimal(0),
    permit_ref: str = "",
    source: ContactSource,
) -> ContactAttempt:
    """
    Record an attempt as the consequence of something that the caller has checked, such as a visit's report.

    Takes and raises the same as `record_contact`, without the permission; `source` is who reports it.
    """
    attempted_at = attempted_at or at
    for field, value, words in (
        ("channel", channel, Channel),
        ("outcome", outcome, ContactOutcome),
        ("direction", direction, Direction),
    ):
        if value not in words.values:
            raise InvalidInput(_("Choose one of the values."), field=field)
    if attempted_at > at:
        raise InvalidInput(_("This moment has not come yet."), field="attempted_at")
    if phone is not None and phone.borrower_id != borrower.pk:
        raise InvalidInput(_("The telephone belongs to another borrower."), field="phone")
    external_ref = external_ref.strip() or f"H-{uuid4()}"
    with connection.cursor() as cursor:
        # The unique key of a table partitioned by month includes the moment; this lock keeps the reference alone unique.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [external_ref])
    attempt, is_new = ContactAttempt.objects.get_or_create(
        external_ref=external_ref,
        defaults={
            "borrower": borrower,
            "channel": channel,
            "direction": direction,
            "outcome": outcome,
            "right_party": outcome in REACHED_OUTCOMES,
            "receipt": receipt,
            "attempted_at": attempted_at,
            "number_index": bytes(phone.number_index) if phone is not None else b"",
            "permit_ref": permit_ref.strip(),
            "source": source,
            "cost": cost,
            "created_at": at,
        },
    )
    if not is_new:
        raise StateConflict
    judge_contacts(
        refs=[external_ref], first=attempted_at, last=attempted_at, at=at, name_permits=bool(attempt.permit_ref)
    )
    body = {"action": "attempt", "channel": channel, "outcome": outcome, "direction": direction}
    case = open_case_of(borrower=borrower)
    if case is not None:
        write_event(case_id=case.pk, kind=CaseEventKind.CONTACT, actor=actor, at=at, body=body)
    mark_for_reevaluation(borrowers=(borrower.pk,), at=at)
    record(actor=actor, action="contact.recorded", subject=attempt, at=at, body=body)
    return attempt
