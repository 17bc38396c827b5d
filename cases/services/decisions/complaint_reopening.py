"""A borrower does not accept an answer: their complaint is looked at once more, by yet another person."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import StateConflict
from backoffice.core.transitions import may
from cases.models import Complaint
from cases.rules.circumstances import REOPEN_DAYS
from cases.services.decisions.complaints import receive_complaint


@transaction.atomic
def reopen_complaint(*, complaint: Complaint, subject: str, actor: Any, at: datetime) -> Complaint:
    """
    Record that the borrower does not accept the answer to a complaint; return the new one, which is about the same.

    The answered one stays as it is. The new one is due within 15 days, pauses its subject again, and is answered by nobody who
    received or answered the first. `subject` is what the borrower says now (cut to 200 characters), kept sealed.

    :raises NotAllowed: if the actor may not receive complaints.
    :raises InvalidInput: if the subject is empty.
    :raises StateConflict: if it is not answered, was answered more than 60 days ago, or was reopened already.
    """
    may(actor=actor, permission="cases.receive_complaint")
    earlier = (
        Complaint.objects.select_for_update(no_key=True, of=("self",))
        .select_related("borrower", "case", "decision__case")
        .get(pk=complaint.pk)
    )
    if earlier.answered_at is None:
        raise StateConflict(_("It is not answered yet."))
    if localdate(at) > localdate(earlier.answered_at) + timedelta(days=REOPEN_DAYS):
        raise StateConflict(_("It was answered more than 60 days ago; receive a new complaint."))
    if Complaint.objects.filter(reopens=earlier).exists():
        raise StateConflict(_("It was reopened already."))
    return receive_complaint(
        borrower=earlier.borrower,
        kind=earlier.kind,
        subject=subject,
        topic=earlier.topic,
        occurred_on=earlier.occurred_on,
        case=earlier.case,
        decision=earlier.decision,
        reopens=earlier,
        actor=actor,
        at=at,
    )
