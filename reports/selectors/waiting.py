"""The worklists behind the home page and the badges of the menu: how much waits for a person."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from backoffice.outbox.models import DeliveryState, WebhookDelivery
from cases.enums import DoubtState, IntakeState, PolicyState, RunState
from cases.models import (
    AccountTerm,
    Case,
    Complaint,
    DecisionLetter,
    DoubtfulCell,
    EvaluationRun,
    IntakeFile,
    PersonMerge,
    PolicyVersion,
    Quarantine,
    StrategyUpgrade,
)
from cases.rules.person_lifecycle import UNDECIDED_MERGE
from cases.selectors.casework.letters import undelivered
from cases.selectors.casework.waiting_decisions import waiting_for
from reports.enums import ExportState
from reports.models import ExportJob, LegalBundle
from reports.selectors.counting import capped_counts
from visits.enums import CrewState, EntryState, LineState, StatementState, VisitState
from visits.models import (
    AgencyCredential,
    AgencyStatement,
    CallBack,
    CrewMember,
    LetterAnswer,
    Placement,
    PriceCard,
    StatementLine,
    VisitOrder,
)
from visits.selectors.expiring_papers import expiring_papers
from visits.trust_enums import CallBackState, FeeState

CAP = 100
# A complaint or a certificate that is due within this many days counts.
NEAR_DAYS = 3
ON_THE_WAY = (VisitState.SCHEDULED, VisitState.ACCEPTED, VisitState.EN_ROUTE, VisitState.CHECKED_IN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One worklist: the permission of those who work it, and the waiting rows that a person may see."""

    name: str
    permission: str
    rows: Callable[[Any, date], QuerySet[Any]]


def _cases_due(user: Any, today: date) -> QuerySet[Any]:
    rows = Case.objects.visible_to(user).open().filter(Q(sla_due_on__lte=today) | Q(next_action_on__lte=today))
    return rows.filter(Q(owner=user) | Q(owner__isnull=True))


def _visits_needed(user: Any, today: date) -> QuerySet[Any]:
    return Case.objects.visible_to(user).open().filter(needs_visit_by__isnull=False)


def _visits_today(user: Any, today: date) -> QuerySet[Any]:
    return VisitOrder.objects.visible_to(user).filter(window_start__date=today, state__in=ON_THE_WAY)


def _visits(*states: str) -> Callable[[Any, date], QuerySet[Any]]:
    return lambda user, today: VisitOrder.objects.visible_to(user).filter(state__in=states)


def _decisions(user: Any, today: date) -> QuerySet[Any]:
    return waiting_for(user=user)


def _terms(user: Any, today: date) -> QuerySet[Any]:
    return AccountTerm.objects.visible_to(user).exclude(trouble="")


def _versions(user: Any, today: date) -> QuerySet[Any]:
    return PolicyVersion.objects.visible_to(user).filter(state=PolicyState.SUBMITTED).exclude(proposed_by=user)


def _upgrades(user: Any, today: date) -> QuerySet[Any]:
    waiting = StrategyUpgrade.objects.visible_to(user).filter(approved_by__isnull=True, ends_on__gte=today)
    return waiting.exclude(raised_by=user)


def _complaints(user: Any, today: date) -> QuerySet[Any]:
    near = today + timedelta(days=NEAR_DAYS)
    return Complaint.objects.visible_to(user).filter(answered_at__isnull=True, answer_due_on__lte=near)


def _letters_undelivered(user: Any, today: date) -> QuerySet[Any]:
    return undelivered(DecisionLetter.objects.visible_to(user), business_date=today)


def _call_backs(user: Any, today: date) -> QuerySet[Any]:
    return CallBack.objects.visible_to(user).filter(state=CallBackState.OPEN)


def _fees(user: Any, today: date) -> QuerySet[Any]:
    # Not those whose answer the person recorded: another one settles them.
    rows = CallBack.objects.visible_to(user).filter(state=CallBackState.ANSWERED, fee=FeeState.WAITS)
    return rows.exclude(answered_by=user)


def _letter_answers(user: Any, today: date) -> QuerySet[Any]:
    return LetterAnswer.objects.visible_to(user).filter(handled_at__isnull=True)


def _certificates(user: Any, today: date) -> QuerySet[Any]:
    near = today + timedelta(days=NEAR_DAYS)
    return Placement.objects.visible_to(user).filter(certificate_due_on__lte=near, certificate_ref="")


def _statements_to_answer(user: Any, today: date) -> QuerySet[Any]:
    return AgencyStatement.objects.visible_to(user).filter(state=StatementState.SENT)


def _statements_to_approve(user: Any, today: date) -> QuerySet[Any]:
    # Accepted, or not answered by the agency in time; not what the person sent themselves.
    ready = Q(state=StatementState.ACCEPTED) | Q(state=StatementState.SENT, answer_due_on__lt=today)
    rows = AgencyStatement.objects.visible_to(user).filter(ready, open_disputes=0)
    return rows.exclude(prepared_by=user)


def _disputed_lines(user: Any, today: date) -> QuerySet[Any]:
    return StatementLine.objects.visible_to(user).filter(state=LineState.DISPUTED)


def _runs(user: Any, today: date) -> QuerySet[Any]:
    # Runs that need a person: paused, held by a circuit breaker, failed, or with borrowers in quarantine.
    quarantined = Quarantine.objects.visible_to(user).filter(run=OuterRef("pk"), resolved_at__isnull=True)
    waiting_runs = Q(state__in=[RunState.FAILED, RunState.HELD, RunState.PAUSED])
    return EvaluationRun.objects.visible_to(user).filter(waiting_runs | Exists(quarantined))


def _intake(user: Any, today: date) -> QuerySet[Any]:
    recent = IntakeFile.objects.visible_to(user).filter(started_at__date__gt=today - timedelta(days=7), dry_run=False)
    return recent.filter(Q(state=IntakeState.FAILED) | Q(rejected_count__gt=0))


def _doubts(user: Any, today: date) -> QuerySet[Any]:
    return DoubtfulCell.objects.visible_to(user).filter(state=DoubtState.OPEN)


def _merges(user: Any, today: date) -> QuerySet[Any]:
    # Not what the person suggested, nor the parting of what they approved: others decide these.
    rows = PersonMerge.objects.visible_to(user).filter(state__in=UNDECIDED_MERGE)
    return rows.exclude(suggested_by=user, decided_by__isnull=True).exclude(decided_by=user)


def _crew(user: Any, today: date) -> QuerySet[Any]:
    return CrewMember.objects.visible_to(user).filter(state=CrewState.ENTERED).exclude(entered_by=user)


def _papers(user: Any, today: date) -> QuerySet[Any]:
    return AgencyCredential.objects.visible_to(user).filter(state=EntryState.ENTERED).exclude(entered_by=user)


def _prices(user: Any, today: date) -> QuerySet[Any]:
    return PriceCard.objects.visible_to(user).filter(state=EntryState.ENTERED).exclude(entered_by=user)


def _expiring(user: Any, today: date) -> QuerySet[Any]:
    return expiring_papers(user=user, business_date=today)


def _exports(user: Any, today: date) -> QuerySet[Any]:
    return ExportJob.objects.visible_to(user).filter(state=ExportState.REQUESTED).exclude(requested_by=user)


def _bundles(user: Any, today: date) -> QuerySet[Any]:
    return LegalBundle.objects.visible_to(user).filter(state=ExportState.REQUESTED).exclude(requested_by=user)


def _deliveries(user: Any, today: date) -> QuerySet[Any]:
    return WebhookDelivery.objects.visible_to(user).filter(state=DeliveryState.DEAD)


DESKS: tuple[Desk, ...] = (
    Desk(name="cases_due", permission="cases.work_case", rows=_cases_due),
    Desk(name="complaints_near", permission="cases.decide_complaint", rows=_complaints),
    Desk(name="decisions_to_approve", permission="cases.approve_decision", rows=_decisions),
    Desk(name="terms_in_trouble", permission="cases.approve_decision", rows=_terms),
    Desk(name="visits_to_approve", permission="visits.approve_visitorder", rows=_visits(VisitState.DRAFT)),
    Desk(name="versions_to_approve", permission="cases.approve_policyversion", rows=_versions),
    Desk(name="upgrades_to_approve", permission="cases.approve_strategyupgrade", rows=_upgrades),
    Desk(name="exports_to_approve", permission="reports.approve_exportjob", rows=_exports),
    Desk(name="bundles_to_approve", permission="reports.approve_legalbundle", rows=_bundles),
    Desk(name="visits_needed", permission="visits.dispatch_visitorder", rows=_visits_needed),
    Desk(name="visits_to_schedule", permission="visits.dispatch_visitorder", rows=_visits(VisitState.APPROVED)),
    Desk(name="visits_to_accept", permission="visits.accept_visitorder", rows=_visits(VisitState.SCHEDULED)),
    Desk(name="visits_today", permission="visits.view_visitorder", rows=_visits_today),
    Desk(name="reports_returned", permission="visits.report_visitorder", rows=_visits(VisitState.RETURNED)),
    Desk(
        name="reports_to_review",
        permission="visits.review_visitorder",
        rows=_visits(VisitState.REPORTED, VisitState.UNDER_REVIEW, VisitState.SECOND_REVIEW),
    ),
    Desk(name="call_backs_due", permission="visits.answer_callback", rows=_call_backs),
    Desk(name="fees_to_settle", permission="visits.settle_callback", rows=_fees),
    Desk(name="letters_undelivered", permission="cases.report_letterdelivery", rows=_letters_undelivered),
    Desk(name="letter_answers", permission="visits.handle_letteranswer", rows=_letter_answers),
    Desk(name="certificates_due", permission="visits.return_placement", rows=_certificates),
    Desk(name="crew_to_confirm", permission="visits.confirm_crewmember", rows=_crew),
    Desk(name="papers_to_confirm", permission="visits.confirm_agencycredential", rows=_papers),
    Desk(name="prices_to_confirm", permission="visits.confirm_pricecard", rows=_prices),
    Desk(name="papers_expiring", permission="visits.add_agencycredential", rows=_expiring),
    Desk(name="statements_to_answer", permission="visits.answer_agencystatement", rows=_statements_to_answer),
    Desk(name="statements_to_approve", permission="visits.approve_agencystatement", rows=_statements_to_approve),
    Desk(name="disputes_to_answer", permission="visits.prepare_agencystatement", rows=_disputed_lines),
    Desk(name="runs_in_trouble", permission="cases.view_evaluationrun", rows=_runs),
    Desk(name="intake_in_trouble", permission="cases.run_intake", rows=_intake),
    Desk(name="doubts_open", permission="cases.settle_doubtfulcell", rows=_doubts),
    Desk(name="merges_to_decide", permission="cases.decide_personmerge", rows=_merges),
    Desk(name="deliveries_dead", permission="outbox.view_webhookdelivery", rows=_deliveries),
)


def waiting(*, user: Any, business_date: date) -> dict[str, int]:
    """
    Return how many rows wait on each worklist of a person on `business_date`, at most CAP each, in one statement.

    Worklists that the person's role does not work are absent. A person's own proposals do not wait for their approval.
    """
    rows = {desk.name: desk.rows(user, business_date) for desk in DESKS if user.has_perm(desk.permission)}
    return capped_counts(rows=rows, cap=CAP)
