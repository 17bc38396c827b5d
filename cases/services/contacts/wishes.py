"""A borrower's own wish about the times of contact: recorded with its evidence, ended by the borrower."""

from datetime import date, datetime, time
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.transitions import may
from cases.enums import WishKind
from cases.models import Borrower, ContactWish
from cases.services.people.locks import lock_people


@transaction.atomic
def record_wish(
    *,
    borrower: Borrower,
    kind: str,
    opens: time,
    closes: time,
    last_day: date,
    evidence_ref: str,
    actor: Any,
    at: datetime,
) -> ContactWish:
    """
    Record that a borrower wants to be contacted at a time of day, in [opens, closes) by their clock, until `last_day`.

    ALSO_THEN allows that time in quiet hours, for at most 30 days; ONLY_THEN forbids all others. `evidence_ref` is the
    reference of the recording or letter in which they said so.

    :raises NotAllowed: if the actor may not record wishes.
    :raises InvalidInput: if the kind is unknown, the times are empty, the day is past, or the evidence is not named.
    """
    may(actor=actor, permission="cases.add_contactwish")
    if kind not in WishKind.values:
        raise InvalidInput(_("Choose one of the values."), field="kind")
    if opens >= closes:
        raise InvalidInput(_("The time must begin before it ends, on one day."), field="closes")
    if last_day < localdate(at):
        raise InvalidInput(_("This day is past."), field="last_day")
    if not evidence_ref.strip():
        raise InvalidInput(_("Name the recording or letter in which the borrower said so."), field="evidence_ref")
    lock_people(borrowers=[borrower.pk])
    wish = ContactWish.objects.create(
        borrower=borrower,
        kind=kind,
        opens=opens,
        closes=closes,
        last_day=last_day,
        evidence_ref=evidence_ref.strip(),
        granted_at=at,
        recorded_by=actor,
    )
    body = {
        "borrower": borrower.pk,
        "kind": kind,
        "opens": opens.isoformat(),
        "closes": closes.isoformat(),
        "last_day": last_day,
    }
    record(actor=actor, action="contactwish.recorded", subject=wish, at=at, body=body)
    return wish


@transaction.atomic
def end_wish(*, wish: ContactWish, actor: Any, at: datetime) -> ContactWish:
    """
    End a wish from `at` on, because the borrower took it back.

    :raises NotAllowed: if the actor may not change wishes.
    :raises StateConflict: if it has ended.
    """
    may(actor=actor, permission="cases.change_contactwish")
    if not ContactWish.objects.filter(pk=wish.pk, ended_at__isnull=True).update(ended_at=at):
        raise StateConflict
    wish.refresh_from_db()
    record(actor=actor, action="contactwish.ended", subject=wish, at=at, body={"borrower": wish.borrower_id})
    return wish
