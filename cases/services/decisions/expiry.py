"""Ending decisions whose time has run out, as part of the night."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from backoffice.audit.services import record
from backoffice.core.transitions import move_all
from cases.enums import DecisionState, LetterOccasion, PlanState
from cases.models import Decision, RepaymentPlan
from cases.rules.lifecycle import DECISION, PLAN, STANDING_DECISION
from cases.services.decisions import terms_ledger
from cases.services.decisions.letters import write_letters
from cases.services.decisions.trail import log_all_to_timeline, return_cases_to_work


@transaction.atomic
def expire_decisions(*, business_date: date, at: datetime, most: int = 5000) -> int:
    """
    End decisions whose last day is before `business_date`, at most `most` a call; return how many ended.

    The core is instructed to set back what was limited in time; offers of plans are cancelled; proposals that nobody
    approved in time are superseded. A constant number of statements.
    """
    due = (
        Decision.objects.filter(expires_on__lt=business_date)
        .select_for_update(no_key=True, skip_locked=True)
        .order_by("pk")
    )
    lapsed = Decision.objects.filter(pk__in=list(_ids(due.filter(state=DecisionState.PROPOSED), most)))
    superseded = move_all(rows=lapsed, lifecycle=DECISION, action="supersede", at=at)
    ids = list(_ids(due.filter(state__in=STANDING_DECISION), most))
    rows = Decision.objects.filter(pk__in=ids)
    ended = move_all(rows=rows, lifecycle=DECISION, action="expire", at=at)
    if ended:
        terms_ledger.write_reversals(decisions=rows, suffix="expired", at=at)
        offers = RepaymentPlan.objects.filter(decision__in=ids, state=PlanState.PROPOSED)
        move_all(rows=offers, lifecycle=PLAN, action="cancel", at=at)
        write_letters(decisions=rows, occasion=LetterOccasion.EXPIRED, at=at)
        log_all_to_timeline(rows, "expire", actor=None, at=at)
        return_cases_to_work(rows, at=at)
    if ended or superseded:
        record(
            actor=None,
            action="decision.expired",
            subject=("cases.decision", "set"),
            at=at,
            body={"decisions": ids, "superseded": superseded, "before": business_date},
        )
    return ended


def _ids(rows: QuerySet[Decision], most: int) -> QuerySet[Decision, int]:
    return rows.values_list("pk", flat=True)[:most]
