"""The doors of people, and which visits were made or are planned to them and to others who live there."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from backoffice.core.id_lists import any_of
from backoffice.core.kept_queries import KeptQuery
from cases.models import Address
from visits.enums import VisitState
from visits.models import VisitOrder
from visits.models.order import LIVE_PLACEMENTS
from visits.rules.conduct.contact import PastVisit
from visits.rules.conduct.door import CITY_DIGITS, Door
from visits.rules.lifecycle import COUNTED
from visits.selectors.persons import People


def door_of(*, address: Address) -> Door:
    """Return the door of an address; one that names no door is compared by its own reference."""
    return named_door(door_index=address.door_index, adcode=address.adcode, reference=address.external_ref)


def named_door(*, door_index: bytes, adcode: str, reference: str) -> Door:
    """Return the door of an address by its columns."""
    return Door(key=bytes(door_index).hex(), city=adcode[:CITY_DIGITS]) if door_index else Door(key=reference)


def doors_of_addresses(*, addresses: Collection[int]) -> dict[int, Door]:
    """Return the door of each address by its number, with one query; numbers that no address has are left out."""
    rows = Address.objects.filter(pk__in=any_of(addresses)).values_list("pk", "door_index", "adcode", "external_ref")
    return {
        pk: named_door(door_index=door_index, adcode=adcode, reference=reference)
        for pk, door_index, adcode, reference in rows
    }


def agencies_at_doors(*, addresses: Collection[int]) -> dict[str, int]:
    """Return the agency (id) that visits at each of the doors of addresses (ids), by the door's key, with two queries."""
    known = Address.objects.filter(pk__in=any_of(addresses)).exclude(door_index=b"")
    living: Any = Address.objects.filter(door_index__in=known.values("door_index")).values_list("pk", "door_index")
    key_of = {pk: bytes(door_index).hex() for pk, door_index in living}
    rows = (
        VisitOrder.objects.filter(address__in=any_of(key_of), placement__state__in=LIVE_PLACEMENTS)
        .exclude(state=VisitState.CANCELLED)
        .order_by("-pk")
        .values_list("address", "placement__agency")
    )
    # Of several the first that came to the door.
    return {key_of[address]: agency for address, agency in rows}


def past_visit(
    *,
    starts_at: datetime,
    door: Door,
    placement_id: int | None,
    placement_state: str | None,
    agency_ref: str | None,
    household_id: UUID | None,
) -> PastVisit:
    """Return a visit as the rules see it. An agency counts for a door as long as its placement is live."""
    return PastVisit(
        starts_at=starts_at,
        door=door,
        placement_ref=str(placement_id or ""),
        agency_ref=agency_ref or "" if placement_state in LIVE_PLACEMENTS else "",
        household_ref=household_ref(household_id),
    )


def household_ref(household_id: UUID | None) -> str:
    """Return the reference of a household visit as the rules compare it; empty without one."""
    return "" if household_id is None else str(household_id)


_VISITS = KeptQuery(
    lambda borrowers, since, without: (
        VisitOrder.objects.filter(case__borrower__in=borrowers, state__in=COUNTED, planned_arrival_at__gte=since)
        .exclude(pk__in=without)
        .order_by("planned_arrival_at", "pk")
        .values_list(
            "case__borrower",
            "planned_arrival_at",
            "address__external_ref",
            "address__door_index",
            "address__adcode",
            "placement",
            "placement__state",
            "placement__agency__code",
            "household",
        )
    ),
    borrowers="ids",
    since="instant",
    without="ids",
)
_VISITS_AT_DOORS = KeptQuery(
    lambda borrowers, since, without: (
        VisitOrder.objects.filter(
            state__in=COUNTED,
            planned_arrival_at__gte=since,
            address__in=Address.objects.filter(
                door_index__in=Address.objects.filter(borrower__in=borrowers)
                .exclude(door_index=b"")
                .values("door_index")
            ),
        )
        .exclude(pk__in=without)
        .order_by("planned_arrival_at", "pk")
        .values_list(
            "case__borrower__person_key",
            "address__door_index",
            "address__adcode",
            "planned_arrival_at",
            "placement",
            "placement__state",
            "placement__agency__code",
            "household",
        )
    ),
    borrowers="ids",
    since="instant",
    without="ids",
)


def visits_of_people(*, people: People, since: datetime, without_orders: Collection[int]) -> dict[int, list[PastVisit]]:
    """Return the visits made or planned to each person, at any door, with one query."""
    rows = _VISITS(borrowers=people.ids, since=since, without=without_orders)
    return people.by_person(
        (
            borrower_id,
            past_visit(
                starts_at=starts_at,
                door=named_door(door_index=door_index, adcode=adcode, reference=reference),
                placement_id=placement_id,
                placement_state=state,
                agency_ref=agency,
                household_id=household,
            ),
        )
        for borrower_id, starts_at, reference, door_index, adcode, placement_id, state, agency, household in rows
    )


def visits_at_doors(
    *, person_of: Mapping[int, int], since: datetime, without_orders: Collection[int]
) -> dict[int, tuple[PastVisit, ...]]:
    """
    Return the visits made or planned to other people at each person's doors, with two queries; people without are left out.

    `person_of` gives the person of each borrower asked for; visits before `since` are left out.
    """
    rows = _VISITS_AT_DOORS(borrowers=person_of, since=since, without=without_orders)
    living = Address.objects.filter(borrower__in=any_of(person_of), door_index__in={bytes(row[1]) for row in rows})
    lives: dict[bytes, set[int]] = defaultdict(set)
    for borrower_id, door_index in living.values_list("borrower", "door_index"):
        lives[bytes(door_index)].add(person_of[borrower_id])
    found: dict[int, list[PastVisit]] = defaultdict(list)
    for visited, door_index, adcode, starts_at, placement_id, state, agency, household in rows:
        visit = past_visit(
            starts_at=starts_at,
            door=named_door(door_index=door_index, adcode=adcode, reference=""),
            placement_id=placement_id,
            placement_state=state,
            agency_ref=agency,
            household_id=household,
        )
        for person in lives[bytes(door_index)] - {visited}:
            found[person].append(visit)
    return {person: tuple(visits) for person, visits in found.items()}
