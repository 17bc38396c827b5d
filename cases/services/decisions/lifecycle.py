"""Decisions: approved by another person than who proposed them, or rejected."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval
from backoffice.core.transitions import may, move, move_all
from cases.enums import (
    APPROVAL_GROUNDS,
    REJECTION_GROUNDS,
    DecisionGround,
    LetterOccasion,
)
from cases.models import Decision
from cases.rules.lifecycle import DECISION
from cases.rules.proposals import last_day_of
from cases.services.casework.digests import text_digest
from cases.services.decisions.approvals import (
    BulkApproval,
    approve_first,
    choose_for_bulk,
    must_still_be_true,
)
from cases.services.decisions.authority import authority_of, note_authority
from cases.services.decisions.concessions import release_concessions
from cases.services.decisions.consequences import apply_consequences
from cases.services.decisions.letters import write_letters
from cases.services.decisions.locks import lock_decision
from cases.services.decisions.measures import begin_measures
from cases.services.decisions.trail import (
    LONGEST_NOTE,
    NOTE,
    audit_body,
    log_all_to_timeline,
    log_to_timeline,
    return_cases_to_work,
)


@transaction.atomic
def approve_decision(*, decision: Decision, actor: Any, at: datetime, note: str = "", ground: str = "") -> Decision:
    """
    Approve what somebody else proposed, and instruct what follows, all in one transaction.

    Where two people approve (rules/approval_matrix.py), the first approval is kept and nothing follows from it yet. Its measures
    begin, and the core is instructed of the terms that change by it; a plan is drafted for the borrower's agreement; special care and
    suspected fraud put their circumstance on the borrower; closing closes the case. A time limit counts from now.
    `ground` is one of `APPROVAL_GROUNDS` or empty; `note` (cut to 300 characters) is kept sealed.

    :raises NotAllowed: if the actor is no person or may not approve.
    :raises SelfApproval: if the actor proposed it, gave the first of two approvals, or stands in for who did.
    :raises InvalidInput: if an adverse decision comes without the approver's note, or the ground is none of the list.
    :raises StateConflict: if it is no longer a proposal, or no longer fits the account.
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission="cases.approve_decision")
    if decision.proposed_by_id == actor.pk:
        raise SelfApproval
    _check_ground(ground, APPROVAL_GROUNDS)
    note = note.strip()[:LONGEST_NOTE]
    judged = must_still_be_true(decision=decision, actor=actor, note=note, at=at)
    # Who is away, if the actor decides as a stand-in.
    away = authority_of(decision=decision, actor=actor, at=at)
    changes: dict[str, Any] = {"approved_by": actor, "approved_for_id": away, "approved_at": at}
    changes |= _ground_and_note(ground, note)
    if judged.approvals_needed == 2:
        if decision.approved_by_id is None:
            approve_first(decision=decision, actor=actor, note=note, at=at, changes=changes)
            return decision
        changes = {"second_approved_by": actor, "second_approved_for_id": away, "second_approved_at": at}
        changes |= _second_note(note)
    counts = (decision.expires_on - decision.business_date).days if decision.expires_on else None
    changes["expires_on"] = last_day_of(terms=decision.terms, counts=counts, on=localdate(at))
    move(record=decision, lifecycle=DECISION, action="approve", actor=actor, at=at, **changes)
    begin_measures(decisions=Decision.objects.filter(pk=decision.pk), at=at)
    decision.refresh_from_db(fields=["state", "effective_on"])
    apply_consequences(decision=decision, actor=actor, at=at)
    write_letters(decisions=Decision.objects.filter(pk=decision.pk), occasion=LetterOccasion.APPROVED, at=at)
    log_to_timeline(decision, "approve", actor=actor, at=at)
    record(actor=actor, action="decision.approved", subject=decision, at=at, body=audit_body(decision, note=note))
    return decision


@transaction.atomic
def reject_decision(*, decision: Decision, reason: str, actor: Any, at: datetime, ground: str = "") -> Decision:
    """
    Reject a proposal. A case for which nothing else is pending goes back into work.

    `ground` is one of `REJECTION_GROUNDS` or empty; `reason` (cut to 300 characters) is kept sealed.

    :raises NotAllowed: if the actor may not reject.
    :raises InvalidInput: if no reason is given, or the ground is none of the list.
    :raises StateConflict: if it is no longer a proposal.
    """
    if not reason.strip():
        raise InvalidInput(_("Give a reason."), field="reason")
    _check_ground(ground, REJECTION_GROUNDS)
    reason = reason.strip()[:LONGEST_NOTE]
    may(actor=actor, permission=DECISION.step("reject").permission)
    return _reject(decision, reason=reason, ground=ground, actor=actor, at=at)


@transaction.atomic
def drop_proposal(*, decision: Decision, reason: str, actor: Any, at: datetime) -> Decision:
    """
    Reject a proposal as the consequence of something that the caller has checked: an upheld appeal. `reason` is sealed.

    :raises StateConflict: if it is no longer a proposal.
    """
    return _reject(decision, reason=reason, ground=DecisionGround.OTHER, actor=actor, at=at)


def _reject(decision: Decision, *, reason: str, ground: str, actor: Any, at: datetime) -> Decision:
    changes = _ground_and_note(ground, reason)
    lock_decision(decision=decision)
    move(record=decision, lifecycle=DECISION, action="reject", actor=None, at=at, **changes)
    release_concessions(decisions=[decision.pk], at=at)
    return_cases_to_work(Decision.objects.filter(pk=decision.pk), at=at)
    log_to_timeline(decision, "reject", actor=actor, at=at)
    record(actor=actor, action="decision.rejected", subject=decision, at=at, body=audit_body(decision, note=reason))
    return decision


def _check_ground(ground: str, grounds: Sequence[str]) -> None:
    if ground and ground not in grounds:
        raise InvalidInput(_("Choose one of the grounds."), field="ground")


def _ground_and_note(ground: str, note: str) -> dict[str, Any]:
    """Return the columns of a ground and its sealed note, for one decision or for many that share the note."""
    if not note:
        return {"ground": ground}
    ref = uuid4()
    sealed = Decision._meta.get_field("approval_note").sealed(text=note, bound_to=ref)
    return {"ground": ground, "note_ref": ref, "approval_note": sealed}


def _second_note(note: str) -> dict[str, Any]:
    """Return the columns of the second approver's sealed note; none without a note."""
    ref = uuid4()
    field = Decision._meta.get_field("second_note")
    return {"second_note_ref": ref, "second_note": field.sealed(text=note, bound_to=ref)} if note else {}


@transaction.atomic
def approve_decisions(
    *, decisions: QuerySet[Decision], actor: Any, at: datetime, note: str = "", ground: str = ""
) -> BulkApproval:
    """
    Approve many decisions at once; return how many, and how many were passed over why. A constant number of statements.

    These are rewards, and stops of drawing that the standing job proposed. Passed over and counted are those that no longer
    fit their account or take two people. Left out are decisions of other kinds, no proposals any more, proposed by the
    actor, or outside the territories that the actor may see, and those beyond 20,000. All share the sealed `note`, which
    decisions against borrowers need, and the `ground`.

    :raises NotAllowed: if the actor is no person or may not approve.
    :raises InvalidInput: if the ground is none of `APPROVAL_GROUNDS`, or the note is missing.
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission="cases.approve_decision")
    _check_ground(ground, APPROVAL_GROUNDS)
    note = note.strip()[:LONGEST_NOTE]
    ids, result = choose_for_bulk(decisions=decisions, actor=actor, at=at, note=note)
    rows = Decision.objects.filter(pk__in=ids)
    moved = move_all(
        rows=rows,
        lifecycle=DECISION,
        action="approve",
        at=at,
        approved_by=actor,
        approved_at=at,
        **_ground_and_note(ground, note),
    )
    if moved:
        note_authority(decisions=rows, actor=actor, at=at)
        begin_measures(decisions=rows, at=at)
        write_letters(decisions=rows, occasion=LetterOccasion.APPROVED, at=at)
        log_all_to_timeline(rows, "approve", actor=actor, at=at)
        record(
            actor=actor,
            action="decision.approved_many",
            subject=("cases.decision", "set"),
            at=at,
            body={
                "decisions": ids,
                "passed_over": {refusal.code: number for refusal, number in result.passed_over},
                "ground": ground,
                "note_digest": text_digest(text=note, kind=NOTE),
            },
        )
    return replace(result, approved=moved)
