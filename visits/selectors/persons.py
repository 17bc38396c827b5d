"""The persons behind borrowers: what belongs to one borrower of a person counts for all of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cases.models import Borrower


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """
    The person (`Borrower.person_key`) of each borrower asked for and of the others that are one with them.

    `last_login` is when the person last used the app, under any of their borrowers.
    """

    person_of: dict[int, int]
    last_login: dict[int, datetime | None]

    def by_person(self, rows: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
        """Return what belongs to each person, of (borrower, value), in the order of the rows."""
        found: dict[int, list[Any]] = defaultdict(list)
        for borrower_id, value in rows:
            found[self.person_of[borrower_id]].append(value)
        return found


def people_of(*, borrowers: Collection[int]) -> People:
    """Return the persons of `borrowers` (ids), with one query."""
    keys = Borrower.objects.filter(pk__in=borrowers).values("person_key")
    rows = list(Borrower.objects.filter(person_key__in=keys).values_list("pk", "person_key", "last_app_login_at"))
    last_login: dict[int, datetime | None] = {}
    for _pk, person, login in rows:
        known = last_login.get(person)
        last_login[person] = max((each for each in (known, login) if each is not None), default=None)
    return People(person_of={pk: person for pk, person, _login in rows}, last_login=last_login)
