"""Reversing decisions that stand: by a person, or because an appeal was upheld."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed
from backoffice.core.transitions import may, move, move_all
from cases.enums import LetterOccasion, MeasureEnd, PlanState
from cases.models import Decision, RepaymentPlan, TermsMeasure
from cases.rules.lifecycle import DECISION, PLAN
from cases.services.decisions.concessions import must_be_reversible, release_concessions
from cases.services.decisions.consequences import lift_care
from cases.services.decisions.letters import write_letters
from cases.services.decisions.locks import lock_decision
from cases.services.decisions.measures import end_measures
from cases.services.decisions.plan_events import announce_plans
from cases.services.decisions.trail import audit_body, log_to_timeline, return_cases_to_work


def reverse_decision(*, decision: Decision, reason: str, actor: Any, at: datetime) -> Decision:
    """
    Reverse a decision that stands: its measures end, and the core is instructed of the terms that change by it. The reason is kept sealed.

    :raises NotAllowed: if the actor is no person or may not reverse.
    :raises InvalidInput: if no reason is given.
    :raises StateConflict: if it does not stand (any more), or is a waiver that was earned.
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission="cases.reverse_decision")
    return undo_decision(decision=decision, reason=reason, actor=actor, at=at)


@transaction.atomic
def undo_decision(*, decision: Decision, reason: str, actor: Any, at: datetime) -> Decision:
    """
    Reverse a decision as the consequence of something that the caller has checked: an upheld appeal.

    :raises InvalidInput: if no reason is given.
    :raises StateConflict: if it does not stand (any more), or is a waiver that was earned.
    """
    if not reason.strip():
        raise InvalidInput(_("Give a reason."), field="reason")
    lock_decision(decision=decision)
    must_be_reversible(decision=decision)
    move(record=decision, lifecycle=DECISION, action="reverse", actor=None, at=at)
    rows = Decision.objects.filter(pk=decision.pk)
    end_measures(measures=TermsMeasure.objects.filter(decision=decision), reason=MeasureEnd.REVERSED, at=at)
    plans = RepaymentPlan.objects.filter(decision=decision)
    # The core knows the plans that the borrower agreed to, and no offer.
    known = list(plans.filter(state=PlanState.ACTIVE).values_list("pk", flat=True))
    move_all(rows=plans, lifecycle=PLAN, action="cancel", at=at)
    announce_plans(plans=known, at=at)
    release_concessions(decisions=[decision.pk], at=at)
    lift_care(decision=decision, actor=actor, at=at)
    write_letters(decisions=rows, occasion=LetterOccasion.REVERSED, at=at)
    return_cases_to_work(rows, at=at)
    log_to_timeline(decision, "reverse", actor=actor, at=at, note=reason.strip())
    record(actor=actor, action="decision.reversed", subject=decision, at=at, body=audit_body(decision, note=reason))
    return decision
