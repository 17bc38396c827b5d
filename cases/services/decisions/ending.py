"""Decisions whose effects ended by themselves: the arrears were paid, the way back was walked, the core set the term anew."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery

from backoffice.audit.services import record
from backoffice.core.id_lists import any_of
from backoffice.core.transitions import move_all
from cases.enums import DecisionKind, LetterOccasion, MeasureEnd, MeasureMode
from cases.models import AccountFacts, Decision, TermsMeasure
from cases.rules.lifecycle import DECISION, STANDING_DECISION
from cases.services.decisions.letters import write_letters
from cases.services.decisions.locks import lock_decisions
from cases.services.decisions.measures import end_measures, resume_measures, suspend_measures
from cases.services.decisions.terms_ledger import lock_terms
from cases.services.decisions.trail import log_all_to_timeline, return_cases_to_work

# What ends when the arrears are paid, and what takes payments on time after that.
ENDS_ON_CURE: Final = ("PAY_THE_ARREARS", "SETTLE_OR_AGREE_A_PLAN")
ENDS_ON_PAYMENTS: Final = ("THREE_PAYMENTS_ON_TIME",)
PAYMENTS_ON_TIME: Final = 3
REWARDS: Final = (DecisionKind.LIMIT_INCREASE, DecisionKind.RATE_REDUCTION)
# Rewards rest while an account is this late, and stand again once it is paid.
REST_AT_DAYS: Final = 30


def lift_ended(
    *, decisions: Sequence[int], at: datetime, occasion: LetterOccasion | None = LetterOccasion.LIFTED
) -> list[int]:
    """
    Lift the decisions among `decisions` (ids) that stand and whose every measure has ended; return them.

    Their borrowers are told of the `occasion` (None: of nothing), and their cases go back into work where nothing else is pending. A constant number of statements.
    """
    left = TermsMeasure.objects.filter(decision=OuterRef("pk"), ended_at__isnull=True)
    rows = Decision.objects.filter(pk__in=any_of(decisions), state__in=STANDING_DECISION).filter(~Exists(left))
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    if not ids:
        return []
    lifted = Decision.objects.filter(pk__in=any_of(ids))
    move_all(rows=lifted, lifecycle=DECISION, action="lift", at=at)
    if occasion is not None:
        write_letters(decisions=lifted, occasion=occasion, at=at)
    log_all_to_timeline(lifted, "lift", actor=None, at=at)
    return_cases_to_work(lifted, at=at)
    return ids


@transaction.atomic
def follow_payments(*, at: datetime, most: int = 5_000) -> int:
    """
    End, suspend and resume measures as the payments of their accounts say; return how many decisions were concerned.

    A restriction ends when its way back was walked: the arrears were paid, or three payments in a row were on time after that.
    A reward rests while its account is 30 days late or more, and stands again once it is paid. At most `most` measures of each
    kind a call; a constant number of statements. Called again it changes nothing.
    """
    standing = TermsMeasure.objects.filter(ended_at__isnull=True)
    paid = standing.filter(account__arrears_amount=0, account__days_past_due=0)
    facts = (
        AccountFacts.objects.filter(account=OuterRef("account"), business_date__gte=OuterRef("began_at__date"))
        .order_by("-business_date")
        .values("on_time_months")[:1]
    )
    on_time = paid.filter(way_back__in=ENDS_ON_PAYMENTS).annotate(on_time=Subquery(facts))
    rewards = standing.filter(decision__kind__in=REWARDS)
    late = rewards.filter(suspended_at__isnull=True, account__days_past_due__gte=REST_AT_DAYS)
    again = rewards.filter(suspended_at__isnull=False, account__arrears_amount=0, account__days_past_due=0)
    ended_by_cure = _some(paid.filter(way_back__in=ENDS_ON_CURE), most)
    ended_by_payments = _some(on_time.filter(on_time__gte=PAYMENTS_ON_TIME), most)
    to_rest, to_resume = _some(late, most), _some(again, most)
    _lock([ended_by_cure, ended_by_payments, to_rest, to_resume], at=at)
    cured = end_measures(measures=ended_by_cure, reason=MeasureEnd.CURED, at=at)
    restored = end_measures(measures=ended_by_payments, reason=MeasureEnd.RESTORED, at=at)
    rested = suspend_measures(measures=to_rest, at=at)
    resumed = resume_measures(measures=to_resume, at=at)
    concerned = {*cured, *restored, *rested, *resumed}
    if concerned:
        lift_ended(decisions=[*cured, *restored], at=at)
        write_letters(decisions=_decisions(rested), occasion=LetterOccasion.SUSPENDED, at=at)
        write_letters(decisions=_decisions(resumed), occasion=LetterOccasion.RESUMED, at=at)
        body = {"cured": cured, "restored": restored, "suspended": rested, "resumed": resumed}
        record(actor=None, action="measures.followed_payments", subject=("cases.decision", "set"), at=at, body=body)
    return len(concerned)


@transaction.atomic
def end_for_plan(*, account_id: int, at: datetime) -> list[int]:
    """End the legal recovery of an account whose borrower agreed a plan (its way back); return the decisions lifted."""
    legal = TermsMeasure.objects.filter(account=account_id, mode=MeasureMode.LEGAL)
    return lift_ended(decisions=end_measures(measures=legal, reason=MeasureEnd.PLAN_AGREED, at=at), at=at)


def _some(measures: "QuerySet[TermsMeasure]", most: int) -> "QuerySet[TermsMeasure]":
    """Return at most `most` of the measures, as a queryset that can be asked again and written."""
    ids = list(measures.order_by("pk").values_list("pk", flat=True)[:most])
    return TermsMeasure.objects.filter(pk__in=any_of(ids)) if ids else TermsMeasure.objects.none()


def _lock(sets: "Sequence[QuerySet[TermsMeasure]]", *, at: datetime) -> None:
    """Lock the decisions of all these measures before the terms of any: later sets must not lock decisions after terms."""
    found = [row for each in sets for row in each.values_list("decision_id", "account_id", "field")]
    if found:
        lock_decisions(decisions=[decision for decision, *_rest in found])
        lock_terms(terms=[(account, field) for _decision, account, field in found], at=at)


def _decisions(ids: Sequence[int]) -> "QuerySet[Decision]":
    rows: QuerySet[Decision] = Decision.objects.filter(pk__in=any_of(ids)) if ids else Decision.objects.none()
    return rows
