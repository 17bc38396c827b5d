"""The persons behind borrowers: what belongs to one borrower of a person counts for all of them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from typing import Any, Final

from backoffice.core.id_lists import array_of
from backoffice.core.kept_queries import KeptQuery
from backoffice.core.sealed.sealing import opener
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

    `ids` are all these borrowers, as `id_lists.array_of` has them. `territory_of` says for each where they live. `last_login`
    is when the person last used the app, under any of their borrowers. `numbers` are the identity numbers of each person,
    sealed, with the reference that each is bound to.
    """

    ids: str
    person_of: dict[int, int]
    territory_of: dict[int, Home]
    last_login: dict[int, datetime | None]
    numbers: dict[int, list[tuple[str, bytes]]]
    opened: Callable[[bytes, str], str] = field(default_factory=partial(opener, place=PLACE), repr=False, compare=False)

    def aged_from(self, *, person: int, years: int, on: date, until: date) -> date | None:
        """
        Return the day, `until` at the latest, from which the person is `years` old by any of their identity numbers.

        None if none tells, or only that it is later.

        The numbers are opened here, and nothing about the age is kept.
        """
        days = []
        for ref, sealed in self.numbers.get(person, ()):
            day = aged_from(number=self.opened(sealed, ref), years=years, on=on, until=until)
            if day is not None:
                days.append(day)
        return min(days, default=None)

    def by_person(self, rows: Iterable[tuple[int, Any]]) -> dict[int, list[Any]]:
        """Return what belongs to each person, of (borrower, value), in the order of the rows."""
        found: dict[int, list[Any]] = defaultdict(list)
        for borrower_id, value in rows:
            found[self.person_of[borrower_id]].append(value)
        return found


_BORROWERS = KeptQuery(
    lambda borrowers: Borrower.objects.filter(
        person_key__in=Borrower.objects.filter(pk__in=borrowers).values("person_key")
    ).values_list(
        "pk",
        "person_key",
        "last_app_login_at",
        "external_ref",
        "id_number",
        "territory",
        "territory__jurisdiction",
        "territory__time_zone",
    ),
    borrowers="ids",
)


def people_of(*, borrowers: Collection[int]) -> People:
    """Return the persons of `borrowers` (ids), with one query."""
    rows = _BORROWERS(borrowers=borrowers)
    last_login: dict[int, datetime | None] = {}
    numbers: dict[int, list[tuple[str, bytes]]] = defaultdict(list)
    territories: dict[int, Home] = {}
    homes: dict[int, Home] = {}
    for pk, person, login, ref, number, territory, jurisdiction, time_zone in rows:
        home = territories.get(territory)
        if home is None:
            home = territories[territory] = Home(territory=territory, jurisdiction=jurisdiction, time_zone=time_zone)
        homes[pk] = home
        known = last_login.get(person)
        last_login[person] = login if known is None or (login is not None and login > known) else known
        if number:
            numbers[person].append((ref, bytes(number)))
    return People(
        ids=array_of(row[0] for row in rows),
        person_of={pk: person for pk, person, *_rest in rows},
        territory_of=homes,
        last_login=last_login,
        numbers=numbers,
    )
