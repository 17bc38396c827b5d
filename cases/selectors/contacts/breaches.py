"""Breaches of contact rules: of a person for the officer, counted by source for whoever answers for it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from cases.models import Borrower, ContactBreach, ContactSource

COUNTED_DAYS: Final = 30


def breaches_of_person(*, borrower: Borrower, user: Any, newest: int) -> Sequence[ContactBreach]:
    """Return the newest breaches against the person of `borrower`, as far as `user` may see them."""
    of_person = Borrower.objects.visible_to(user).of_person_of(borrower)
    rows = ContactBreach.objects.visible_to(user).filter(borrower__in=of_person).select_related("source")
    return list(rows.order_by("-attempted_at", "-pk")[:newest])


def sources_with_counts(*, user: Any, at: datetime) -> QuerySet[ContactSource]:
    """Return the sources of contacts with `recent`, the number of their breaches in the 30 days before `at`."""
    seen = ContactBreach.objects.visible_to(user).values("pk")
    recent = Q(breaches__attempted_at__gte=at - timedelta(days=COUNTED_DAYS), breaches__in=seen)
    return ContactSource.objects.visible_to(user).annotate(recent=Count("breaches", filter=recent))
