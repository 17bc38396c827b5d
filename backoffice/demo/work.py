"""What the demo's staff do on a working day, through the services that the admin and the API call."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import transaction

from backoffice.access.models import Territory
from backoffice.core.errors import DoorstepError
from backoffice.demo.crews import play_visit
from backoffice.demo.people import Cast
from cases.enums import (
    CaseStage,
    ComplaintKind,
    ComplaintTopic,
    DecisionKind,
    DecisionOrigin,
    DecisionState,
    PlanState,
    Section,
    Verdict,
    VerificationSource,
)
from cases.models import Case, Complaint, Decision, RepaymentPlan
from cases.rules.policy.features import REWARD_KINDS
from cases.services.casework import cases, verification
from cases.services.decisions import complaints, lifecycle, plans
from visits.enums import ReviewVerdict, VisitState
from visits.models import VisitOrder, VisitReport
from visits.services.dispatch.letters_due import make_letter
from visits.services.dispatch.orders import approve_visit, expire_orders
from visits.services.dispatch.routes import CrewPair
from visits.services.dispatch.scheduling import schedule_visits
from visits.services.dispatch.sweeping import sweep_visits_needed
from visits.services.review import review
from visits.services.review.second_review import second_review

# Trust score (0 to 100) below which the simulated reviewer returns the report.
TRUSTED = 60
ROUTE_SECONDS = 1.0


@dataclass(slots=True, kw_only=True)
class Day:
    """One working day of the demo: the people, the moment, and counts of what was done."""

    cast: Cast
    on: date
    at: datetime
    seed: int
    character: Callable[[str], str]
    counts: Counter[str] = field(default_factory=Counter)
    log: Callable[[str], None] = lambda _text: None

    @contextmanager
    def trying(self, what: str) -> Iterator[None]:
        """Do one thing; an anticipated refusal is counted and logged, and the day goes on."""
        try:
            yield
        except DoorstepError as refusal:
            self.counts[f"{what} refused"] += 1
            self.log(f"{what}: {refusal}")
        else:
            self.counts[what] += 1


def assign_cases(*, day: Day) -> None:
    """Assign the cases without an owner to two officers in turn."""
    people = [day.cast.users["officer"], day.cast.users["officer2"]]
    untaken = Case.objects.filter(owner=None, stage=CaseStage.OPEN).order_by("priority", "pk")
    for number, case in enumerate(untaken[:200]):
        owner = people[number % len(people)]
        cases.assign_case(case=case, owner=owner, actor=owner, at=day.at)


def check_at_the_desk(*, day: Day, most: int) -> None:
    """Record desk checks for some of the officer's cases."""
    officer = day.cast.users["officer"]
    waiting = Case.objects.filter(stage__in=[CaseStage.OPEN, CaseStage.IN_WORK], owner=officer, needs_visit_by=None)
    for case in waiting.select_related("borrower").order_by("pk")[:most]:
        hard = day.character(case.borrower.external_ref) == "IN_HARDSHIP"
        found = {
            Section.IDENTITY: Verdict.CONFIRMED,
            Section.CAPACITY: Verdict.UNABLE if hard else Verdict.PARTLY_ABLE,
            Section.CAUSE: Verdict.FORCE_MAJEURE if hard else Verdict.TEMPORARY,
        }
        with day.trying("desk"):
            verification.record_verification(
                case=case,
                source=VerificationSource.DESK,
                source_ref=f"REC-{day.on:%Y%m%d}-{case.pk}",
                findings=[],
                facts=[
                    verification.FactInput(section=s, verdict=v, confidence=Decimal("0.75"), evidence=("recording",))
                    for s, v in found.items()
                ],
                right_party_met=True,
                cooperative=True,
                verified_on=day.on,
                actor=officer,
                at=day.at,
            )


def send_visits(*, day: Day, visit_day: date, most: int) -> list[VisitOrder]:
    """Draft, approve and schedule visits for cases that need one, and return the scheduled orders."""
    expire_orders(business_date=day.on, at=day.at)
    sweep_visits_needed(at=day.at, business_date=day.on, batch=most * 2)
    for order in VisitOrder.objects.filter(state=VisitState.DRAFT).order_by("pk")[:most]:
        with day.trying("approval"):
            approve_visit(order=order, actor=day.cast.users["approver"], at=day.at)
    planned: list[VisitOrder] = []
    for territory, pairs in _pairs_by_territory(day).items():
        orders = VisitOrder.objects.filter(
            state=VisitState.APPROVED, placement__isnull=False, case__territory=territory, valid_until__gte=visit_day
        )
        # In one transaction, so that the demo's own worker finds the letters made and none carries the clock's time.
        with transaction.atomic():
            schedule = schedule_visits(
                orders=list(orders.order_by("pk")[:most]),
                crews=pairs,
                day=visit_day,
                at=day.at,
                seed=day.seed,
                actor=day.cast.users["dispatcher"],
                seconds=ROUTE_SECONDS,
            )
            while make_letter(at=day.at):
                pass
        planned += schedule.scheduled
        for refused in schedule.refused:
            day.log(f"not planned: {refused.unassigned or [str(each.message) for each in refused.refusals]}")
    return planned


def _pairs_by_territory(day: Day) -> dict[int, list[CrewPair]]:
    """Two pairs of each agency work in the largest city, one in each of the others."""
    territories = list(Territory.objects.order_by("pk").values_list("pk", flat=True))
    pairs: dict[int, list[CrewPair]] = {territory: [] for territory in territories}
    for members in day.cast.crews.values():
        for number in range(0, len(members) - 1, 2):
            home = territories[max(0, number // 2 - 1) % len(territories)]
            pairs[home].append(CrewPair(lead=members[number], second=members[number + 1]))
    return pairs


def go_to_doors(*, day: Day, orders: list[VisitOrder], step: Callable[[], None]) -> None:
    """Simulate the planned visits up to their reports."""
    coordinators = {agency.pk: agency.coordinators.first() for agency in day.cast.agencies}
    planned = VisitOrder.objects.filter(pk__in=[order.pk for order in orders]).order_by("pk")
    for order in planned.select_related("case__borrower", "address", "lead__user", "second__user", "placement"):
        with day.trying("visit"):
            play_visit(
                order=order,
                character=day.character(order.case.borrower.external_ref),
                coordinator=coordinators[order.placement.agency_id] if order.placement else None,
                seed=day.seed,
            )
        step()


def judge_reports(*, day: Day, keep: int) -> None:
    """
    Review the waiting reports except the last `keep`; those with doubtful evidence are returned.

    What is accepted with reasons to check is judged by the second reviewer as well.
    """
    reports = list(VisitReport.objects.filter(order__state=VisitState.REPORTED).select_related("order").order_by("pk"))
    for report in reports[: max(0, len(reports) - keep)]:
        scores = list(report.evidence.values_list("trust_score", flat=True))
        believed = not scores or min(scores) >= TRUSTED
        with day.trying("review"):
            review.review_report(
                report=report,
                verdict=ReviewVerdict.ACCEPTED if believed else ReviewVerdict.RETURNED,
                quality_score=92 if believed else 55,
                note="证据与定位、时间一致" if believed else "照片时间、位置或来源存疑，请重新到场核实",
                actor=day.cast.users["reviewer"],
                at=max(day.at, report.submitted_at) + timedelta(hours=3),
            )
            if VisitOrder.objects.filter(pk=report.order_id, state=VisitState.SECOND_REVIEW).exists():
                second_review(
                    report=report,
                    verdict=ReviewVerdict.ACCEPTED,
                    reason="已与签到轨迹、录音逐项核对，情况属实",
                    actor=day.cast.users["reviewer2"],
                    at=max(day.at, report.submitted_at) + timedelta(hours=5),
                )


def decide(*, day: Day, keep: int) -> None:
    """Approve or reject the proposed decisions except the last `keep`, and agree the approved plans."""
    approver, officer = day.cast.users["approver"], day.cast.users["officer"]
    rewards = Decision.objects.filter(state=DecisionState.PROPOSED, kind__in=REWARD_KINDS)
    with day.trying("rewards"):
        lifecycle.approve_decisions(decisions=rewards, actor=approver, at=day.at, note="连续按时还款，同意批量调整")
    stops = Decision.objects.filter(
        state=DecisionState.PROPOSED, kind=DecisionKind.FREEZE, origin=DecisionOrigin.STANDING
    )
    waiting = list(stops.order_by("pk").values_list("pk", flat=True))
    with day.trying("stops of drawing"):
        confirmed = stops.filter(pk__in=waiting[: max(0, len(waiting) - keep)])
        note = "核对逾期金额与天数无误，逾期期间暂停用款"
        lifecycle.approve_decisions(decisions=confirmed, actor=approver, at=day.at, note=note)
    proposed = list(Decision.objects.filter(state=DecisionState.PROPOSED).exclude(pk__in=waiting).order_by("pk"))
    for number, decision in enumerate(proposed[: max(0, len(proposed) - keep)]):
        if number % 12 == 11:
            with day.trying("rejection"):
                lifecycle.reject_decision(decision=decision, reason="依据不足，请补充核实", actor=approver, at=day.at)
            continue
        with day.trying("approval of a decision"):
            lifecycle.approve_decision(decision=decision, actor=approver, at=day.at, note="核实材料齐全，同意")
            if decision.state == DecisionState.PROPOSED:
                second = day.cast.users["approver2"]
                lifecycle.approve_decision(decision=decision, actor=second, at=day.at, note="复核一致，同意")
    for plan in RepaymentPlan.objects.filter(state=PlanState.PROPOSED, decision__kind=DecisionKind.PLAN).order_by("pk"):
        with day.trying("plan"):
            plans.agree_plan(plan=plan, agreement_ref=f"REC-PLAN-{plan.pk}", actor=officer, at=day.at)


def complain(*, day: Day, most: int) -> None:
    """Receive some complaints and requests for an explanation, and answer the oldest one."""
    officer, other = day.cast.users["officer"], day.cast.users["officer2"]
    kinds = (
        (ComplaintKind.COMPLAINT, ComplaintTopic.CALL_CONDUCT, "来电语气生硬"),
        (ComplaintKind.EXPLANATION, ComplaintTopic.DECISION, "请说明额度调整的原因"),
    )
    open_cases = Case.objects.exclude(stage=CaseStage.CLOSED).filter(complaints=None).select_related("borrower")
    for number, case in enumerate(open_cases.order_by("-pk")[:most]):
        kind, topic, subject = kinds[number % len(kinds)]
        with day.trying("complaint"):
            complaints.receive_complaint(
                borrower=case.borrower,
                kind=kind,
                topic=topic,
                occurred_on=day.on,
                subject=subject,
                case=case,
                actor=officer,
                at=day.at,
            )
    oldest = Complaint.objects.filter(answered_at=None, received_at__lt=day.at).order_by("received_at", "pk").first()
    if oldest is not None:
        with day.trying("answer"):
            complaints.answer_complaint(
                complaint=oldest, upheld=True, answer="已核实录音，向您致歉，相关人员已培训。", actor=other, at=day.at
            )
