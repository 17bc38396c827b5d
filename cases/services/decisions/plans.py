"""Repayment plans: in force once agreed, settled from repayments, reviewed when broken."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.transitions import move, move_all
from cases.enums import CaseEventKind, CaseStage, DecisionState, LetterOccasion, MeasureEnd, PlanState, TermsField
from cases.models import Case, Decision, PlanInstalment, RepaymentPlan, TermsMeasure
from cases.models.repayment import LEFT_ON
from cases.rules.lifecycle import CASE, DECISION, PLAN, STANDING_DECISION
from cases.rules.plans.limits import BREAK_AT_DAYS, BREAK_AT_MISSED, GRACE_DAYS
from cases.selectors.casework.plan_schedules import plan_schedule
from cases.selectors.policies.holidays import calendars_in_use
from cases.services.casework.digests import text_digest
from cases.services.casework.events import write_event, write_events
from cases.services.casework.reevaluation import mark_for_reevaluation
from cases.services.decisions.ending import end_for_plan, lift_ended
from cases.services.decisions.letters import write_letters
from cases.services.decisions.locks import lock_decision, lock_decisions
from cases.services.decisions.measures import begin_measures, end_measures, reopen_plan_measures
from cases.services.decisions.plan_events import announce_plans
from cases.services.decisions.plan_schedules import write_instalments


@transaction.atomic
def agree_plan(
    *, plan: RepaymentPlan, agreement_ref: str, actor: Any, at: datetime, starts_on: date | None = None
) -> RepaymentPlan:
    """
    Put a plan in force that the borrower agreed to; collection stops while it is kept (card measures art. 70).

    `agreement_ref` (cut to 80 characters) is the reference of the recording of an oral agreement, which is kept until the
    plan is settled, or of the signed paper. The schedule starts on `starts_on` (today unless given, at most 31 days ahead).

    :raises NotAllowed: if the actor may not work cases.
    :raises InvalidInput: if the agreement is not named, or the start is past or too far.
    :raises StateConflict: if the plan is not waiting, its decision has ended, or the account has an active plan.
    """
    today = localdate(at)
    starts_on = starts_on or today
    if not agreement_ref.strip():
        raise InvalidInput(_("Name the recording or the signed paper."), field="agreement_ref")
    if not today <= starts_on <= today + timedelta(days=31):
        raise InvalidInput(_("A plan starts within 31 days."), field="starts_on")
    decision = Decision.objects.get(pk=plan.decision_id)
    lock_decision(decision=decision)
    decision.refresh_from_db(fields=["state"])
    active = RepaymentPlan.objects.filter(account_id=plan.account_id, state=PlanState.ACTIVE)
    if decision.state != DecisionState.APPROVED or active.exists():
        raise StateConflict
    schedule = plan_schedule(account=decision.account, terms=decision.terms, starts_on=starts_on)
    move(
        record=plan,
        lifecycle=PLAN,
        action="agree",
        actor=actor,
        at=at,
        agreement_ref=agreement_ref.strip()[:80],
        starts_on=starts_on,
        # Other days of payment may allow another rate under the cap.
        annual_rate=schedule.annual_rate,
    )
    PlanInstalment.objects.filter(plan=plan).delete()
    write_instalments(plan=plan, schedule=schedule)
    # Before the instruction to collect by the plan, so that the core knows the schedule when it begins.
    announce_plans(plans=[plan.pk], at=at)
    # The offer had an end; the agreed plan ends by being fulfilled or broken.
    Decision.objects.filter(pk=decision.pk).update(expires_on=None, updated_at=at)
    begin_measures(decisions=Decision.objects.filter(pk=decision.pk), at=at)
    end_for_plan(account_id=plan.account_id, at=at)
    agreed = Decision.objects.filter(pk=decision.pk)
    write_letters(decisions=agreed, occasion=LetterOccasion.PLAN_AGREED, at=at)
    body = {"action": "plan_agreed", "plan": plan.pk, "decision": decision.pk}
    if decision.case_id is not None:
        write_event(case_id=decision.case_id, kind=CaseEventKind.DECISION, actor=actor, at=at, body=body)
    mark_for_reevaluation(borrowers=(decision.borrower_id,), at=at)
    digest = text_digest(text=plan.agreement_ref, kind="plan.agreement")
    record(actor=actor, action="plan.agreed", subject=plan, at=at, body=body | {"agreement_digest": digest})
    return plan


# A repayment pays the oldest instalment first: an instalment is paid on the day on which what is left of the repayments
# since the start of the plan reaches the sum of this instalment and all before it. The plans in force are settled every
# time, ended ones if repayments of their account changed. A broken plan only loses payments: it is settled no more.
_SETTLE = f"""
    WITH plan AS (
        SELECT p.id, p.account_id, p.starts_on, p.state FROM cases_repaymentplan p
        WHERE p.state = %(active)s
           OR (p.state IN (%(fulfilled)s, %(broken)s) AND p.account_id = ANY(%(changed)s::bigint[]))
    ), due AS (
        SELECT i.id, plan.id AS plan_id, plan.state, i.paid_on AS before,
               SUM(i.amount) OVER (PARTITION BY plan.id ORDER BY i.number) AS needed
        FROM cases_planinstalment i JOIN plan ON plan.id = i.plan_id
    ), money AS (
        SELECT plan.id AS plan_id, r.paid_on,
               SUM({LEFT_ON}) OVER (PARTITION BY plan.id ORDER BY r.paid_on, r.id) AS paid
        FROM plan JOIN cases_repayment r ON r.account_id = plan.account_id AND r.paid_on >= plan.starts_on
        WHERE r.paid_on <= %(on)s
    ), reached AS (
        SELECT due.id, due.state, due.before, MIN(money.paid_on) AS paid_on
        FROM due LEFT JOIN money ON money.plan_id = due.plan_id AND money.paid >= due.needed
        GROUP BY due.id, due.state, due.before
    )
    UPDATE cases_planinstalment i SET paid_on = reached.paid_on FROM reached
    WHERE reached.id = i.id AND reached.paid_on IS DISTINCT FROM reached.before
      AND (reached.state <> %(broken)s OR reached.paid_on IS NULL)
    RETURNING i.plan_id, reached.before IS NULL, reached.paid_on IS NULL
"""  # noqa: S608  our own words


@transaction.atomic
def settle_instalments(*, business_date: date, at: datetime, changed_accounts: Sequence[int] = ()) -> int:
    """
    Mark the instalments of active plans that repayments up to `business_date` have paid; return how many.

    What is left of each repayment counts: an instalment that it no longer pays is unpaid again. Plans without an unpaid
    instalment are fulfilled. The ended plans of `changed_accounts` (ids) are settled again too: a fulfilled one that is
    no longer paid is in force again, or broken if its account has a newer plan or its decision has ended. A constant
    number of statements.
    """
    bounds: dict[str, Any] = {
        "on": business_date,
        "changed": list(changed_accounts),
        "active": str(PlanState.ACTIVE),
        "fulfilled": str(PlanState.FULFILLED),
        "broken": str(PlanState.BROKEN),
    }
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, bounds)
        written = cursor.fetchall()
    settled: int = sum(was_unpaid for _plan, was_unpaid, _is_unpaid in written)
    unpaid_again = Counter(plan for plan, _was_unpaid, is_unpaid in written if is_unpaid)
    unpaid = PlanInstalment.objects.filter(plan=OuterRef("pk"), paid_on__isnull=True)
    rows = RepaymentPlan.objects.filter(~Exists(unpaid), state=PlanState.ACTIVE)
    fulfilled = list(rows.order_by("pk").values_list("pk", flat=True))
    if fulfilled:
        lock_decisions(decisions=Decision.objects.filter(plan__in=fulfilled).values_list("pk", flat=True))
        move_all(rows=RepaymentPlan.objects.filter(pk__in=fulfilled), lifecycle=PLAN, action="fulfil", at=at)
        kept = TermsMeasure.objects.filter(decision__plan__in=fulfilled)
        ended = end_measures(measures=kept, reason=MeasureEnd.FULFILLED, at=at)
        lift_ended(decisions=ended, at=at, occasion=LetterOccasion.PLAN_FULFILLED)
        announce_plans(plans=fulfilled, at=at)
    reopened, broken = _reopen(unpaid_again, at=at) if unpaid_again else ([], [])
    if written or fulfilled:
        mark_for_reevaluation(borrowers=_borrowers([*fulfilled, *unpaid_again]), at=at)
        record(
            actor=None,
            action="plan.settled",
            subject=("cases.repaymentplan", "set"),
            at=at,
            body={
                "instalments": settled,
                "unpaid_again": dict(sorted(unpaid_again.items())),
                "fulfilled": fulfilled,
                "reopened": reopened,
                "broken": broken,
            },
        )
    return settled


def _reopen(unpaid_again: Mapping[int, int], *, at: datetime) -> tuple[list[int], list[int]]:
    """
    Put the fulfilled plans among `unpaid_again` (instalments that lost their payment, by plan) in force again.

    Returns the plans in force again and those broken instead: an account has one plan in force, the newest, and a plan
    stands on its decision. What a plan in force again does to the terms of its account stands again.
    """
    plans = RepaymentPlan.objects.filter(pk__in=unpaid_again)
    newer = RepaymentPlan.objects.filter(
        Q(state=PlanState.ACTIVE) | Q(state=PlanState.FULFILLED, pk__gt=OuterRef("pk"), pk__in=unpaid_again),
        account=OuterRef("account"),
    )
    rows = (
        plans.filter(state=PlanState.FULFILLED)
        .annotate(stays=~Exists(newer) & Q(decision__state__in=(*STANDING_DECISION, DecisionState.LIFTED)))
        .order_by("pk")
        .values_list("pk", "stays")
    )
    found = list(rows)
    reopened = [pk for pk, stays in found if stays]
    lock_decisions(decisions=Decision.objects.filter(plan__in=reopened).values_list("pk", flat=True))
    broken = [pk for pk, stays in found if not stays]
    move_all(rows=RepaymentPlan.objects.filter(pk__in=reopened), lifecycle=PLAN, action="reopen", at=at)
    decisions = Decision.objects.filter(plan__in=reopened)
    move_all(rows=decisions, lifecycle=DECISION, action="reinstate", at=at)
    announce_plans(plans=reopened, at=at)
    reopen_plan_measures(decisions=list(decisions.values_list("pk", flat=True)), at=at)
    write_letters(decisions=decisions, occasion=LetterOccasion.PLAN_REOPENED, at=at)
    cases = dict(plans.filter(decision__case__isnull=False).values_list("pk", "decision__case_id"))
    events = [
        (cases[plan], {"action": "instalments_unpaid", "plan": plan, "count": count})
        for plan, count in sorted(unpaid_again.items())
        if plan in cases
    ]
    events += [(cases[plan], {"action": "plan_reopened", "plan": plan}) for plan in reopened if plan in cases]
    write_events(kind=CaseEventKind.DECISION, actor=None, at=at, events=events)
    if broken:
        # The borrower knows: they have a newer plan, or were told that the decision ended.
        _break(broken, at=at)
    return reopened, broken


def _borrowers(ids: list[int]) -> QuerySet[RepaymentPlan, int]:
    return RepaymentPlan.objects.filter(pk__in=ids).values_list("account__borrower_id", flat=True)


# A plan is broken when two instalments are missed, or one is more than 30 days late; a person then reviews it. Which due
# days are missed depends on the holidays of the account's territory.
_BROKEN = """
    SELECT p.id FROM cases_repaymentplan p
    JOIN cases_account a ON a.id = p.account_id
    JOIN unnest(%(territories)s::bigint[], %(late)s::date[], %(very_late)s::date[])
         AS place (territory_id, late, very_late) ON place.territory_id = a.territory_id
    JOIN cases_planinstalment i ON i.plan_id = p.id
    WHERE p.state = %(active)s AND i.paid_on IS NULL AND i.due_on <= place.late
    GROUP BY p.id, place.very_late
    HAVING COUNT(*) >= %(missed)s OR MIN(i.due_on) <= place.very_late
    ORDER BY p.id LIMIT 5000
"""


@transaction.atomic
def break_plans(*, business_date: date, at: datetime) -> int:
    """
    Mark active plans broken that missed two instalments or one by more than 30 days; return how many.

    An instalment due on a day without banking business in the account's territory falls due on the next working day.

    The pause of collection ends and the case goes back into work, for a person to look at it again. Nothing falls due at
    once, and the plan's rate stays. At most 5,000 plans a call; a constant number of statements.
    """
    in_force = RepaymentPlan.objects.filter(state=PlanState.ACTIVE).order_by("account__territory")
    places = list(in_force.values_list("account__territory", "account__territory__jurisdiction").distinct())
    calendars = calendars_in_use()
    found = [calendars.of(jurisdiction=jurisdiction, territory=place) for place, jurisdiction in places]
    bounds: dict[str, Any] = {
        "active": str(PlanState.ACTIVE),
        "territories": [place for place, _jurisdiction in places],
        "late": [each.latest_day_overdue(on=business_date, days=GRACE_DAYS) for each in found],
        "very_late": [each.latest_day_overdue(on=business_date, days=BREAK_AT_DAYS) for each in found],
        "missed": BREAK_AT_MISSED,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BROKEN, bounds)
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return 0
    broken = _break(ids, at=at)
    decisions = Decision.objects.filter(plan__in=ids)
    write_letters(decisions=decisions, occasion=LetterOccasion.PLAN_BROKEN, at=at)
    return broken


def _break(ids: list[int], *, at: datetime) -> int:
    """Mark plans broken, with what follows for collection, cases and borrowers; return how many."""
    decisions = Decision.objects.filter(plan__in=ids)
    lock_decisions(decisions=decisions.values_list("pk", flat=True))
    broken = move_all(rows=RepaymentPlan.objects.filter(pk__in=ids), lifecycle=PLAN, action="break", at=at)
    move_all(rows=decisions, lifecycle=DECISION, action="expire", at=at)
    announce_plans(plans=ids, at=at)
    # The plan's rate stays: nobody pays more interest because a plan was too hard to keep.
    collection = TermsMeasure.objects.filter(decision__plan__in=ids, field=TermsField.COLLECTION)
    end_measures(measures=collection, reason=MeasureEnd.BROKEN, at=at)
    cases = dict(
        decisions.filter(case__isnull=False).exclude(case__stage=CaseStage.CLOSED).values_list("case_id", "plan__pk")
    )
    move_all(rows=Case.objects.filter(pk__in=cases), lifecycle=CASE, action="rework", at=at)
    events = [(case_id, {"action": "plan_broken", "plan": plan_id}) for case_id, plan_id in cases.items()]
    write_events(kind=CaseEventKind.DECISION, actor=None, at=at, events=events)
    mark_for_reevaluation(borrowers=_borrowers(ids), at=at)
    record(actor=None, action="plan.broken", subject=("cases.repaymentplan", "set"), at=at, body={"plans": ids})
    return broken
