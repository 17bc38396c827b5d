"""The decisions that wait for one approver, and the ones beside a given one: the queue that approvers work through."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from cases.enums import DecisionState
from cases.models import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbours:
    """
    The decisions before and after one in the queue, in the order of the list (the newest first).

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


def neighbours_of(*, decision: Decision, user: Any) -> Neighbours:
    """Return what waits for a person before and after a decision, which itself need not wait any more. At most four queries."""
    rows = waiting_for(user=user).exclude(pk=decision.pk).select_related("borrower", "account")
    newest_first, oldest_first = rows.order_by("-pk"), rows.order_by("pk")
    return Neighbours(
        previous=oldest_first.filter(pk__gt=decision.pk).first() or oldest_first.first(),
        following=newest_first.filter(pk__lt=decision.pk).first() or newest_first.first(),
    )
