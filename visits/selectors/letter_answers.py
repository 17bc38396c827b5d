"""Answers to letters: those that hold visits, and those that wait for a person."""

from typing import Any

from django.db.models import QuerySet

from backoffice.core.kept_queries import KeptQuery
from visits.enums import Protection
from visits.models import LetterAnswer
from visits.rules.conduct.contact import Flag
from visits.selectors.persons import People

_WAITING = KeptQuery(
    lambda borrowers: (
        LetterAnswer.objects.filter(order__case__borrower__in=borrowers, holds=True, handled_at__isnull=True)
        .order_by("order__case__borrower", "pk")
        .values_list("order__case__borrower", "received_at")
    ),
    borrowers="ids",
)


def waiting_answers(*, people: People) -> dict[int, list[Flag]]:
    """Return, by person, a protection for each answer that somebody has to look at before anybody visits; one query."""
    return people.by_person(
        (borrower_id, Flag(kind=Protection.ANSWER_OPEN, since=received_at))
        for borrower_id, received_at in _WAITING(borrowers=people.ids)
    )


def open_answers(*, user: Any, case_id: int | None = None) -> QuerySet[LetterAnswer]:
    """Return the answers that nobody has handled and that `user` may see, oldest first; of one case if it is given."""
    rows: QuerySet[LetterAnswer] = LetterAnswer.objects.visible_to(user).filter(handled_at__isnull=True)
    if case_id is not None:
        rows = rows.filter(order__case=case_id)
    return rows.select_related("order").order_by("pk")
