"""Complaints, disputes, appeals and requests for an explanation: a pause, a clock, and an answer by somebody else."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed
from backoffice.core.transitions import may, move
from cases.enums import (
    NEW_TOPICS,
    TOPICS_WITH_DAY,
    CaseEventKind,
    ComplaintKind,
    ComplaintState,
    ComplaintTopic,
    DecisionState,
    FlagKind,
    FlagSource,
    WaiverState,
)
from cases.models import Borrower, Case, CaseEvent, Complaint, Decision, Verification, Waiver
from cases.rules.circumstances import ANSWER_DAYS, PAUSES
from cases.rules.complaint_lifecycle import COMPLAINT, UNANSWERED
from cases.rules.lifecycle import STANDING_DECISION
from cases.rules.wording.scan import counted, scan
from cases.selectors.casework.open_cases import open_case_of
from cases.services.casework import circumstances
from cases.services.casework.digests import text_digest
from cases.services.casework.events import write_event
from cases.services.casework.wording import heed_despair, must_be_sendable, words_in_use
from cases.services.decisions.lifecycle import drop_proposal
from cases.services.decisions.reversal import undo_decision

LONGEST_SUBJECT: Final = 200
LONGEST_ANSWER: Final = 500


@transaction.atomic
def receive_complaint(
    *,
    borrower: Borrower,
    kind: str,
    subject: str,
    actor: Any,
    at: datetime,
    topic: str = ComplaintTopic.OTHER,
    occurred_on: date | None = None,
    case: Case | None = None,
    decision: Decision | None = None,
    reopens: Complaint | None = None,
) -> Complaint:
    """
    Record what a borrower complains of. An answer is due within 15 days; until then its subject is paused.

    `topic` is one of `NEW_TOPICS`; `subject` is what the borrower says (cut to 200 characters), kept sealed; words of
    self-harm in it protect the borrower at once. `occurred_on` is the local day of what is complained of; a complaint about
    somebody's conduct has one. Without `case` the open case of their person is meant, if there is one. An appeal names its
    decision. `reopens` is an answered complaint that the borrower does not accept (complaint_reopening.py).

    :raises NotAllowed: if the actor may not receive complaints.
    :raises InvalidInput: if kind or topic is unknown, the subject empty, the day missing or still to come, or an appeal
        names no decision of the borrower.
    """
    may(actor=actor, permission="cases.receive_complaint")
    if kind not in ComplaintKind.values:
        raise InvalidInput(_("Choose one of the kinds."), field="kind")
    if topic not in dict(NEW_TOPICS):
        raise InvalidInput(_("Choose what it is about; of conduct, whether in a visit or in a call."), field="topic")
    if topic in TOPICS_WITH_DAY and occurred_on is None:
        raise InvalidInput(_("Ask on which day it happened, and enter the day."), field="occurred_on")
    if occurred_on is not None and occurred_on > localdate(at):
        raise InvalidInput(_("This day is still to come; enter the day on which it happened."), field="occurred_on")
    if not subject.strip():
        raise InvalidInput(_("Say what it is about."), field="subject")
    if kind == ComplaintKind.APPEAL and decision is None:
        raise InvalidInput(_("An appeal names the decision."), field="decision")
    if decision is not None and decision.borrower_id != borrower.pk:
        raise InvalidInput(_("The decision is about another borrower."), field="decision")
    subject = subject.strip()[:LONGEST_SUBJECT]
    found = scan(text=subject, words=words_in_use())
    heed_despair(borrower=borrower, found=found, source=FlagSource.COMPLAINT, actor=actor, at=at)
    case = case or (decision.case if decision else None) or open_case_of(borrower=borrower)
    complaint = Complaint.objects.create(
        borrower=borrower,
        case=case,
        decision=decision,
        kind=kind,
        topic=topic,
        occurred_on=occurred_on,
        subject=subject,
        received_at=at,
        answer_due_on=localdate(at) + timedelta(days=ANSWER_DAYS),
        reopens=reopens,
        received_by=actor,
        created_at=at,
        updated_at=at,
    )
    if kind in PAUSES:
        circumstances.protect(
            borrower=borrower,
            kind=PAUSES[kind],
            source=FlagSource.COMPLAINT,
            source_ref=str(complaint),
            actor=actor,
            at=at,
        )
    _log_to_timeline(complaint, "receive", actor=actor, at=at)
    body = {
        "kind": kind,
        "topic": topic,
        "occurred_on": occurred_on,
        "due": complaint.answer_due_on,
        "reopens": complaint.reopens_id,
        "subject_digest": text_digest(text=subject, kind="complaint.subject"),
    }
    record(actor=actor, action="complaint.received", subject=complaint, at=at, body=body)
    return complaint


@transaction.atomic
def acknowledge_complaint(*, complaint: Complaint, actor: Any, at: datetime) -> Complaint:
    """
    Note that the borrower was informed that their complaint arrived (table b: within a day).

    :raises NotAllowed: if the actor may not receive complaints.
    :raises StateConflict: if it is acknowledged or answered already.
    """
    move(record=complaint, lifecycle=COMPLAINT, action="acknowledge", actor=actor, at=at)
    _log_to_timeline(complaint, "acknowledge", actor=actor, at=at)
    record(actor=actor, action="complaint.acknowledged", subject=complaint, at=at)
    return complaint


@transaction.atomic
def answer_complaint(
    *, complaint: Complaint, upheld: bool, answer: str, actor: Any, at: datetime, quotes_only: bool = False
) -> Complaint:
    """
    Answer a complaint; an upheld appeal reverses its decision, or rejects it while it is a proposal, and bars the same from
    being decided again for a time (rules/approval.py). The pause ends unless another complaint is open.

    The answer (cut to 500 characters) is kept sealed. An upheld dispute stays on the borrower until the core has
    corrected the debt. `quotes_only` says that threats, claims or personal data in it only repeat what the borrower said.

    :raises NotAllowed: if the actor is no person, may not decide, received the complaint, or took part in what it is about.
    :raises InvalidInput: if the answer is empty, or holds words that may not go out and does not only quote them.
    :raises StateConflict: if it is answered already.
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission="cases.decide_complaint")
    # Read again: the caller's instance may be older than a change of the receiver, the owner or the decision.
    complaint = (
        Complaint.objects.select_for_update(no_key=True, of=("self",))
        .select_related("case", "decision__case", "decision__verification", "reopens")
        .get(pk=complaint.pk)
    )
    if took_part(complaint=complaint, person=actor):
        raise NotAllowed(_("You received this complaint or took part in what it is about; somebody else must answer."))
    if not answer.strip():
        raise InvalidInput(_("Write the answer."), field="answer")
    answer = answer.strip()[:LONGEST_ANSWER]
    found = must_be_sendable(text=answer, quotes_only=quotes_only)
    action = "uphold" if upheld else "reject"
    move(
        record=complaint,
        lifecycle=COMPLAINT,
        action=action,
        actor=actor,
        at=at,
        answered_at=at,
        answered_by=actor,
        answer=Complaint._meta.get_field("answer").sealed(text=answer, bound_to=complaint.text_ref),
    )
    if upheld and complaint.kind == ComplaintKind.APPEAL and complaint.decision_id is not None:
        decision = Decision.objects.select_for_update(no_key=True).get(pk=complaint.decision_id)
        # What was earned by paying stays; whatever else the borrower is owed is another decision.
        earned = Waiver.objects.filter(decision=decision, state=WaiverState.USED).exists()
        if decision.state in STANDING_DECISION and not earned:
            undo_decision(decision=decision, reason=str(complaint), actor=actor, at=at)
        elif decision.state == DecisionState.PROPOSED:
            drop_proposal(decision=decision, reason=str(complaint), actor=actor, at=at)
    _end_pause(complaint, actor=actor, at=at)
    _log_to_timeline(complaint, action, actor=actor, at=at)
    body = {
        "upheld": upheld,
        "kind": complaint.kind,
        "answer_digest": text_digest(text=answer, kind="complaint.answer"),
        "marks": counted(found=found),
    }
    record(actor=actor, action="complaint.answered", subject=complaint, at=at, body=body)
    return complaint


def took_part(*, complaint: Complaint, person: Any) -> bool:
    """
    Return whether a person received the complaint or took part in what it is about.

    Taking part is: proposing or approving its decision, being away while a stand-in approved it, recording the verification that
    the decision rests on or any other of its case or the decision's, working one of these cases now or earlier, and answering
    the complaint that this one reopens. Two queries beside the related records.
    """
    decision = complaint.decision
    cases = [case for case in (complaint.case, decision.case if decision else None) if case is not None]
    involved = {complaint.received_by_id, *(case.owner_id for case in cases)}
    if decision is not None:
        involved |= {decision.proposed_by_id, decision.approved_by_id, decision.second_approved_by_id}
        involved |= {decision.approved_for_id, decision.second_approved_for_id}
        if decision.verification is not None:
            involved.add(decision.verification.recorded_by_id)
    if complaint.reopens is not None:
        involved |= {complaint.reopens.answered_by_id, complaint.reopens.received_by_id}
    if person.pk in involved:
        return True
    assigned = CaseEvent.objects.filter(case__in=cases, kind=CaseEventKind.ASSIGNED, body__owner=person.pk)
    return assigned.exists() or Verification.objects.filter(case__in=cases, recorded_by=person).exists()


def _end_pause(complaint: Complaint, *, actor: Any, at: datetime) -> None:
    flag = PAUSES.get(complaint.kind)
    if flag is None or (flag == FlagKind.DISPUTED and complaint.state == ComplaintState.UPHELD):
        return
    kinds = [kind for kind, paused in PAUSES.items() if paused == flag]
    others = Complaint.objects.filter(borrower=complaint.borrower_id, kind__in=kinds, state__in=UNANSWERED)
    if not others.exists():
        circumstances.lift(borrower=complaint.borrower, kind=flag, actor=actor, at=at)


def _log_to_timeline(complaint: Complaint, action: str, *, actor: Any, at: datetime) -> None:
    if complaint.case_id is not None:
        body = {"action": action, "complaint": complaint.pk, "kind": complaint.kind}
        write_event(case_id=complaint.case_id, kind=CaseEventKind.COMPLAINT, actor=actor, at=at, body=body)
