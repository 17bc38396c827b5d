"""The contradictions of a person, for the pages of their case and of a report."""

from typing import Any, Final

from django.db.models import Case, QuerySet, Value, When

from cases.models import Borrower
from visits.contradiction_enums import ContradictionState
from visits.models import Contradiction

SHOWN: Final = 20


def contradictions_of(*, user: Any, borrower: Borrower) -> QuerySet[Contradiction]:
    """Return up to 20 contradictions of a borrower's person that `user` may see: open ones first, then the heaviest."""
    people = Borrower.objects.of_person_of(borrower)
    rows: QuerySet[Contradiction] = Contradiction.objects.visible_to(user).filter(borrower__in=people)
    first = Case(When(state=ContradictionState.OPEN, then=Value(0)), default=Value(1))
    return rows.exclude(state=ContradictionState.GONE).order_by(first, "-weight", "pk")[:SHOWN]
