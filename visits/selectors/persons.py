"""The persons behind borrowers: what belongs to one borrower of a person counts for all of them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from backoffice.core.id_lists import any_of
from backoffice.core.sealed.sealing import unseal
from cases.models import Borrower
from cases.rules.ages import aged_from

# Where an identity number is sealed: a part of its binding.
PLACE: Final = "cases_borrower.id_number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where a borrower lives: the territory (id), its jurisdiction and its time zone."""

    territory: int
    jurisdiction: str
    time_zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """
    The person (`Borrower.person_key`) of each borrower asked for and of the others that are one with them.

    `territory_of` says for each borrower where they live. `last_login` is when the person last used the app, under any of their borrowers. `numbers` are the identity numbers of
    each person, sealed, with the reference that each is bound to.
    """

    person_of: dict[int, int]
    territory_of: dict[int, Home]
    last_login: dict[int, datetime | None]
    numbers: dict[int, list[tuple[str, bytes]]]

    def aged_from(self, *, person: int, years: int, on: date) -> date | None:
        """
        Return the day from which the person is `years` old by any of their identity numbers, None if none tells.

        The numbers are opened here, and nothing about the age is kept.
        """
        days = (
            aged_from(number=unseal(sealed=sealed, place=PLACE, bound_to=ref), years=years, on=on)
            for ref, sealed in self.numbers[person]
        )
        return min((day for day in days if day is not None), default=None)

    def by_person(self, rows: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
        """Return what belongs to each person, of (borrower, value), in the order of the rows."""
        found: dict[int, list[Any]] = defaultdict(list)
        for borrower_id, value in rows:
            found[self.person_of[borrower_id]].append(value)
        return found


def people_of(*, borrowers: Collection[int]) -> People:
    """Return the persons of `borrowers` (ids), with one query."""
    keys = Borrower.objects.filter(pk__in=any_of(borrowers)).values("person_key")
    rows = list(
        Borrower.objects.filter(person_key__in=keys).values_list(
            "pk",
            "person_key",
            "last_app_login_at",
            "external_ref",
            "id_number",
            "territory",
            "territory__jurisdiction",
            "territory__time_zone",
        )
    )
    last_login: dict[int, datetime | None] = {}
    numbers: dict[int, list[tuple[str, bytes]]] = defaultdict(list)
    homes: dict[int, Home] = {}
    for pk, person, login, ref, number, territory, jurisdiction, time_zone in rows:
        homes[pk] = Home(territory=territory, jurisdiction=jurisdiction, time_zone=time_zone)
        known = last_login.get(person)
        last_login[person] = max((each for each in (known, login) if each is not None), default=None)
        if number:
            numbers[person].append((ref, bytes(number)))
    return People(
        person_of={pk: person for pk, person, *_rest in rows},
        territory_of=homes,
        last_login=last_login,
        numbers=numbers,
    )
