"""The decisions that wait for one approver, and the ones beside a given one: the queue that approvers work through."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, DateField, ExpressionWrapper, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import TruncDate
from django.utils.timezone import get_current_timezone, localdate

from cases.enums import DecisionState
from cases.models import Decision
from cases.rules.approval_matrix import MATRIX, decide_by


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """
    The decisions before and after one in the queue, in its order: the first to be decided first, then the oldest.

    After the last one `following` is the first again, so that nobody misses what was passed over. Both are None where
    nothing else waits.
    """

    previous: Decision | None
    following: Decision | None


def waiting_for(*, user: Any) -> QuerySet[Decision]:
    """
    Return the proposals that a person may decide: those that they see, did not propose, and have not approved first.

    Nothing for people who may not approve.
    """
    rows = Decision.objects.visible_to(user)
    if not user.has_perm("cases.approve_decision"):
        return rows.none()
    return rows.filter(state=DecisionState.PROPOSED).exclude(proposed_by=user).exclude(approved_by=user)


def by_last_day(*, decisions: QuerySet[Decision]) -> QuerySet[Decision]:
    """Return decisions with `last_day`, on which each would be decided in time (approval_matrix.decide_by), the earliest first."""
    within = Case(
        *(When(kind=kind, then=Value(row.decide_within)) for kind, row in MATRIX.items()),
        output_field=IntegerField(),
    )
    day = TruncDate("created_at", tzinfo=get_current_timezone())
    # PostgreSQL adds whole days to a date.
    last_day = ExpressionWrapper(day + within, output_field=DateField())
    return decisions.annotate(last_day=last_day).order_by("last_day", "pk")


def neighbours_of(*, decision: Decision, user: Any) -> Neighbours:
    """Return what waits for a person before and after a decision, which itself need not wait any more. At most four queries."""
    rows = by_last_day(decisions=waiting_for(user=user).exclude(pk=decision.pk).select_related("borrower", "account"))
    day = decide_by(kind=decision.kind, proposed_on=localdate(decision.created_at))
    after = rows.filter(Q(last_day__gt=day) | Q(last_day=day, pk__gt=decision.pk))
    before = rows.filter(Q(last_day__lt=day) | Q(last_day=day, pk__lt=decision.pk))
    return Neighbours(previous=before.last() or rows.last(), following=after.first() or rows.first())
