"""Ending decisions whose time has run out, as part of the night."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from backoffice.audit.services import record
from backoffice.core.transitions import move_all
from cases.enums import DecisionGround, DecisionKind, DecisionState, LetterOccasion, MeasureEnd, PlanState
from cases.models import Decision, RepaymentPlan, TermsMeasure
from cases.rules.lifecycle import DECISION, PLAN, STANDING_DECISION
from cases.services.decisions.concessions import release_concessions
from cases.services.decisions.letters import write_letters
from cases.services.decisions.locks import lock_decisions
from cases.services.decisions.measures import end_measures
from cases.services.decisions.trail import log_all_to_timeline, return_cases_to_work


@transaction.atomic
def expire_decisions(*, business_date: date, at: datetime, most: int = 5000) -> int:
    """
    End decisions whose last day is before `business_date`, at most `most` a call; return how many ended.

    Their measures end, and the core is instructed of the terms that change by it; offers of plans are cancelled; proposals that nobody
    approved in time are superseded, and what they hold in a concession budget is released. A constant number of statements.
    """
    due = Decision.objects.filter(expires_on__lt=business_date).order_by("pk")
    lapsed = list(_ids(due.filter(state=DecisionState.PROPOSED), most))
    # Approved waivers lapse by their payments (waivers.py): the files of the last day come later.
    standing = due.filter(state__in=STANDING_DECISION).exclude(kind=DecisionKind.WAIVER)
    ids = list(_ids(standing, most))
    if not lapsed and not ids:
        return 0
    lock_decisions(decisions=[*lapsed, *ids])
    # Asked again under the locks: a person may have decided meanwhile.
    lapsed = list(_ids(due.filter(pk__in=lapsed, state=DecisionState.PROPOSED), most))
    ids = list(_ids(standing.filter(pk__in=ids), most))
    proposals = Decision.objects.filter(pk__in=lapsed)
    superseded = move_all(
        rows=proposals, lifecycle=DECISION, action="supersede", at=at, ground=DecisionGround.OVERTAKEN
    )
    release_concessions(decisions=lapsed, at=at)
    rows = Decision.objects.filter(pk__in=ids)
    ended = move_all(rows=rows, lifecycle=DECISION, action="expire", at=at)
    if ended:
        end_measures(measures=TermsMeasure.objects.filter(decision__in=ids), reason=MeasureEnd.EXPIRED, at=at)
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
