"""The suspicion signals of a person, for the page of their case."""

from collections.abc import Collection
from typing import Any, Final

from django.db.models import Case, QuerySet, Value, When

from cases.models import SuspicionSignal

SHOWN: Final = 10


def signals_of(*, user: Any, borrowers: Collection[int]) -> QuerySet[SuspicionSignal]:
    """Return up to 10 signals of these borrowers that `user` may see: open ones first, then the newest."""
    rows: QuerySet[SuspicionSignal] = SuspicionSignal.objects.visible_to(user).filter(borrower__in=borrowers)
    first = Case(When(cleared_on__isnull=True, then=Value(0)), default=Value(1))
    return rows.order_by(first, "-noticed_on", "-pk")[:SHOWN]
