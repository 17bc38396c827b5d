"""Putting off the answer to a complicated complaint, once, with a reason that the borrower is told."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.core.transitions import may
from backoffice.outbox.services import add_events
from cases.enums import ComplaintKind
from cases.models import Complaint
from cases.rules.circumstances import EXTENDED_ANSWER_DAYS
from cases.rules.complaint_lifecycle import UNANSWERED
from cases.services.casework.digests import text_digest
from cases.services.casework.wording import must_be_sendable
from cases.services.decisions.complaints import took_part
from cases.services.decisions.trail import LONGEST_NOTE

TOPIC: Final = "complaint.put_off"


@transaction.atomic
def put_off_answer(*, complaint: Complaint, reason: str, actor: Any, at: datetime) -> Complaint:
    """
    Put the answer to a complaint off to the thirtieth day after its receipt, once; its subject stays paused.

    `reason` (cut to 300 characters) is kept sealed, and the borrower is told it: the event `complaint.put_off` names complaint and
    new day, and the lender's channel fetches the words.

    :raises NotAllowed: if the actor may not decide complaints, received this one, or took part in what it is about.
    :raises InvalidInput: if no reason is given, or it holds words that may not go out.
    :raises StateConflict: if it is answered, put off or past its day already, or asks for an explanation only.
    """
    may(actor=actor, permission="cases.decide_complaint")
    rows = Complaint.objects.select_for_update(no_key=True, of=("self",))
    complaint = rows.select_related("case", "decision__case", "decision__verification", "reopens").get(pk=complaint.pk)
    if took_part(complaint=complaint, person=actor):
        raise NotAllowed(_("You received this complaint or took part in what it is about; somebody else puts it off."))
    if not reason.strip():
        raise InvalidInput(_("Give a reason."), field="reason")
    reason = reason.strip()[:LONGEST_NOTE]
    must_be_sendable(text=reason, quotes_only=False)
    if complaint.kind == ComplaintKind.EXPLANATION:
        raise StateConflict(_("A wish for an explanation is answered within 15 days and not put off."))
    if complaint.state not in UNANSWERED or complaint.extended_at is not None:
        raise StateConflict(_("It is answered, or was put off already."))
    if complaint.answer_due_on < localdate(at):
        raise StateConflict(_("Its day is past; answer it now."))
    complaint.extended_at, complaint.extended_by, complaint.extension_reason = at, actor, reason
    complaint.answer_due_on = localdate(complaint.received_at) + timedelta(days=EXTENDED_ANSWER_DAYS)
    complaint.updated_at = at
    complaint.save(update_fields=["extended_at", "extended_by", "extension_reason", "answer_due_on", "updated_at"])
    payload = {"complaint": complaint.pk, "borrower": complaint.borrower.external_ref}
    due = {"answer_due_on": complaint.answer_due_on.isoformat()}
    add_events(topic=TOPIC, events=[(f"{TOPIC}:{complaint.pk}", payload | due)], at=at)
    digest = text_digest(text=reason, kind="complaint.extension")
    record(actor=actor, action="complaint.put_off", subject=complaint, at=at, body=due | {"reason_digest": digest})
    return complaint
