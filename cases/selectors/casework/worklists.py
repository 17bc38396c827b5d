"""Work that waits for a person: cases, decisions, complaints, plans and refused terms, most urgent first."""

from datetime import date
from typing import Any

from django.db.models import QuerySet

from cases.enums import CaseStage, ComplaintState, DecisionState, PlanState
from cases.models import Case, Complaint, Decision, RepaymentPlan, TermsChange


def own_cases(*, user: Any) -> QuerySet[Case]:
    """Return the open cases that a person owns, except those on hold, by priority and deadline."""
    rows = Case.objects.visible_to(user).open().filter(owner=user).exclude(stage=CaseStage.ON_HOLD)
    return rows.order_by("priority", "sla_due_on", "pk")


def unassigned_cases(*, user: Any) -> QuerySet[Case]:
    """Return the visible open cases without an owner, by priority and deadline."""
    rows = Case.objects.visible_to(user).open().filter(owner__isnull=True)
    return rows.order_by("priority", "sla_due_on", "pk")


def late_cases(*, user: Any, business_date: date) -> QuerySet[Case]:
    """Return the visible open cases that should have been worked before `business_date`; held ones are not late."""
    waiting = (CaseStage.OPEN, CaseStage.IN_WORK, CaseStage.VERIFIED, CaseStage.DECIDED)
    rows = Case.objects.visible_to(user).filter(stage__in=waiting, sla_due_on__lt=business_date)
    return rows.order_by("sla_due_on", "pk")


def actions_due(*, user: Any, business_date: date) -> QuerySet[Case]:
    """Return a person's own open cases whose next action is due on or before `business_date`."""
    return own_cases(user=user).filter(next_action_on__lte=business_date)


def decisions_to_approve(*, user: Any) -> QuerySet[Decision]:
    """Return the visible proposals that a person may approve: not their own."""
    rows = Decision.objects.visible_to(user).filter(state=DecisionState.PROPOSED).exclude(proposed_by=user)
    return rows.order_by("business_date", "pk")


def plans_to_agree(*, user: Any) -> QuerySet[RepaymentPlan]:
    """Return the visible plans that are approved and wait for the borrower's agreement."""
    return RepaymentPlan.objects.visible_to(user).filter(state=PlanState.PROPOSED).order_by("created_at", "pk")


def complaints_to_answer(*, user: Any) -> QuerySet[Complaint]:
    """Return the visible complaints without an answer, by the day that it is due."""
    open_states = (ComplaintState.RECEIVED, ComplaintState.ACKNOWLEDGED)
    return Complaint.objects.visible_to(user).filter(state__in=open_states).order_by("answer_due_on", "pk")


def late_complaints(*, user: Any, business_date: date) -> QuerySet[Complaint]:
    """Return the visible complaints whose answer was due before `business_date`."""
    return complaints_to_answer(user=user).filter(answer_due_on__lt=business_date)


def refused_terms(*, user: Any) -> QuerySet[TermsChange]:
    """Return the visible terms changes that the core refused and nobody has resolved."""
    rows = TermsChange.objects.visible_to(user).filter(acknowledged_at__isnull=True).exclude(refused_reason="")
    return rows.order_by("created_at", "pk")
