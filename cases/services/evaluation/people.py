"""The cases of people with several borrowers: one open case each, by the hits of all their borrowers, in set-based SQL."""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from django.db import connection

from backoffice.core.batches import joined_by_hash
from cases.models import Borrower
from cases.services.evaluation.people_statements import (
    CLOSE_CASES_OF_PEOPLE,
    IN_LIST,
    IN_RANGE,
    LOCK_PEOPLE,
    OPEN_AND_REGRADE_PEOPLE,
)
from cases.services.evaluation.run_locks import require_transaction
from cases.services.evaluation.triggers import RangeOutcome, parameters_of
from cases.services.policies.policy_book import PolicyBook


def apply_people(
    *, book: PolicyBook, business_date: date, lower: int, upper: int, first_new: int, at: datetime
) -> RangeOutcome:
    """
    Open, keep and close the cases of the people with numbers in [lower, upper), in the caller's transaction.

    Call it once the hits of all their borrowers are written. Hits from the number `first_new` on have begun since the last
    time: only they ask for a visit. The number of statements does not depend on the range. Called again it writes nothing
    that did not change.

    :raises RuntimeError: if no transaction is open.
    """
    require_transaction()
    return _apply(IN_RANGE, book, business_date, at, {"lower": lower, "upper": upper, "first_new": first_new})


def apply_people_of(
    *, book: PolicyBook, business_date: date, borrowers: Collection[int], first_new: int | None, at: datetime
) -> RangeOutcome:
    """
    Do the same for the people of some borrowers (ids), one after the other with whoever does it for the same people.

    `first_new` is None if no hit began.

    :raises RuntimeError: if no transaction is open.
    """
    require_transaction()
    people = sorted(people_of(borrowers=borrowers))
    if not people:
        return RangeOutcome()
    params = {"people": people, "first_new": first_new}
    with connection.cursor() as cursor:
        cursor.execute(LOCK_PEOPLE, params)
    return _apply(IN_LIST, book, business_date, at, params)


def people_of(*, borrowers: Collection[int]) -> set[int]:
    """Return the numbers of the people that borrowers (ids) belong to; who is a person by themself has none."""
    rows = Borrower.objects.filter(pk__in=borrowers, person__isnull=False)
    return set(rows.values_list("person_id", flat=True))


def _apply(scope: str, book: PolicyBook, business_date: date, at: datetime, of_scope: dict[str, Any]) -> RangeOutcome:
    params = parameters_of(book=book, business_date=business_date, at=at) | of_scope
    with connection.cursor() as cursor:
        with joined_by_hash():
            cursor.execute(OPEN_AND_REGRADE_PEOPLE.format(scope=scope), params)
            opened = cursor.fetchone()[0]
        cursor.execute(CLOSE_CASES_OF_PEOPLE.format(scope=scope), params)
        return RangeOutcome(opened=opened, closed=cursor.fetchone()[0])
