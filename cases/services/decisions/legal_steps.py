"""Legal recovery, step by step: mediation offered, agreed or failed, the claim filed, and the end."""

from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.core.transitions import may
from cases.enums import CaseEventKind, ComplaintKind, DecisionKind, LegalStepKind
from cases.models import Complaint, Decision, LegalStep
from cases.rules.complaint_lifecycle import UNANSWERED
from cases.rules.legal_steps import Step, recovery_stands, step_refusal
from cases.selectors.casework.approvals import judge_decisions
from cases.selectors.casework.legal_steps import recorded_steps, recovery_began_on
from cases.services.casework.digests import text_digest
from cases.services.casework.events import write_event
from cases.services.decisions.locks import lock_decision

PERMISSION: Final = "cases.record_legalstep"
LONGEST_REFERENCE: Final = 80
# Of what stands against a decision, this one stops every step and not the claim alone.
_IN_CARE: Final = "IN_CARE"


@transaction.atomic
def record_legal_step(
    *, decision: Decision, kind: str, happened_on: date, reference: str, actor: Any, at: datetime, court: str = ""
) -> LegalStep:
    """
    Record one step of legal recovery under a decision that stands (rules/legal_steps.py has their order).

    `happened_on` is a local day up to today; `reference` names the evidence, `court` the court of a claim (each cut to 80
    characters). A claim is filed only while the decision could still be approved: the arrears are unpaid, and no plan, grace,
    special care or protective circumstance stands. Closing is always possible, since it ends what was begun.

    :raises NotAllowed: if the actor is no person or may not record legal steps.
    :raises InvalidInput: if the kind is unknown, no evidence is named, a claim names no court, or the day is in the future,
        before the last step, or before the borrower's days to answer the offer of mediation are over.
    :raises StateConflict: if the decision is none of legal recovery or does not stand, the step is out of order, special care
        stands, an appeal against the decision is unanswered, or a claim no longer fits the account.
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission=PERMISSION)
    reference, court = reference.strip()[:LONGEST_REFERENCE], court.strip()[:LONGEST_REFERENCE]
    _check_texts(kind=kind, reference=reference, court=court)
    lock_decision(decision=decision)
    decision = Decision.objects.select_related("account").get(pk=decision.pk)
    if decision.kind != DecisionKind.LEGAL:
        raise StateConflict(_("Legal steps belong to a decision for legal recovery."))
    today = localdate(at)
    if kind != LegalStepKind.CLOSED:
        _must_stand(decision, today=today)
        _must_not_rest(decision, is_claim=kind == LegalStepKind.FILED, today=today)
    _must_follow(decision, kind=kind, happened_on=happened_on, today=today)
    step = LegalStep.objects.create(
        decision=decision,
        kind=kind,
        happened_on=happened_on,
        court=court if kind == LegalStepKind.FILED else "",
        reference=reference,
        recorded_by=actor,
        created_at=at,
    )
    if decision.case_id is not None:
        body = {
            "action": f"legal_{kind}",
            "decision": decision.pk,
            "kind": decision.kind,
            "on": happened_on.isoformat(),
        }
        write_event(case_id=decision.case_id, kind=CaseEventKind.DECISION, actor=actor, at=at, body=body)
    record(
        actor=actor,
        action="legal_step.recorded",
        subject=decision,
        at=at,
        body={
            "kind": kind,
            "happened_on": happened_on,
            "reference_digest": text_digest(text=reference, kind="legal_step.evidence"),
            "court_digest": text_digest(text=step.court, kind="legal_step.court"),
        },
    )
    return step


def _check_texts(*, kind: str, reference: str, court: str) -> None:
    if kind not in LegalStepKind.values:
        raise InvalidInput(_("Choose one of the steps."), field="kind")
    if not reference:
        raise InvalidInput(
            _("Name the evidence: a message, a record, or the number of the court's file."), field="reference"
        )
    if kind == LegalStepKind.FILED and not court:
        raise InvalidInput(_("Name the court."), field="court")


def _must_stand(decision: Decision, *, today: date) -> None:
    if not recovery_stands(state=decision.state, expires_on=decision.expires_on, on=today):
        raise StateConflict(
            _("The decision does not stand (any more), so nothing goes on under it; it can only be closed.")
        )


def _must_not_rest(decision: Decision, *, is_claim: bool, today: date) -> None:
    appeals = Complaint.objects.filter(decision=decision, kind=ComplaintKind.APPEAL, state__in=UNANSWERED)
    if appeals.exists():
        raise StateConflict(_("An appeal against the decision is not answered yet; until then legal recovery rests."))
    refusals = judge_decisions(decisions=[decision], on=today)[decision.pk].refusals
    stopping = [refusal for refusal in refusals if is_claim or refusal.code == _IN_CARE]
    if stopping:
        raise StateConflict(stopping[0].text)


def _must_follow(decision: Decision, *, kind: str, happened_on: date, today: date) -> None:
    steps = recorded_steps(decision=decision)
    step = Step(kind=kind, on=happened_on)
    refusal = step_refusal(steps=steps, step=step, begins_on=recovery_began_on(decision=decision), today=today)
    if refusal is None:
        return
    if refusal.code == "OUT_OF_ORDER":
        raise StateConflict(refusal.text)
    raise InvalidInput(refusal.text, field="happened_on")
