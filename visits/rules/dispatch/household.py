"""One visit for a household: which orders of one door are made as one stop, when it may begin, and how long it takes."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from visits.rules.conduct.door import Door
from visits.rules.routing.problem import SERVICE_MINUTES, TimeWindow

# What each further person of a household adds: the way to the door and the greeting are made once. A house value.
FURTHER_MINUTES: Final = 10


def stop_minutes(*, people: int) -> int:
    """Return how long a stop takes at which so many people of one household are visited, at least one."""
    return SERVICE_MINUTES + FURTHER_MINUTES * (max(people, 1) - 1)


def knock_minutes(*, is_further: bool) -> int:
    """Return how long the visit to one person still takes at the knock; `is_further`: the crew is with the household already."""
    return FURTHER_MINUTES if is_further else SERVICE_MINUTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """
    An order to be planned: whom it goes to at which door, for whom, and when its visit may begin.

    Only residents of the same `sender` (agency and territory, say) are visited together, and one person only once.
    `over_by` is when every visit of the day must be over.
    """

    order: int
    person: int
    door: Door
    sender: Hashable
    windows: tuple[TimeWindow, ...]
    over_by: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Household:
    """Orders (ids) that are made as one stop, and when it may begin so that it suits them all and is over in time."""

    orders: tuple[int, ...]
    windows: tuple[TimeWindow, ...]


def households(*, residents: Iterable[Resident], most: int) -> tuple[Household, ...]:
    """
    Return the stops that are needed to visit all residents, in their order: those of one door together, at most `most`.

    Whoever cannot begin when the others can gets a stop of their own. An address that does not say its city joins those of
    one city only.
    """
    groups: list[list[Resident]] = []
    at_door: dict[tuple[str, Hashable], list[list[Resident]]] = {}
    for resident in residents:
        known = at_door.setdefault((resident.door.key, resident.sender), [])
        group = next((each for each in known if _may_join(resident, each, most=most)), None)
        if group is None:
            group = []
            known.append(group)
            groups.append(group)
        group.append(resident)
    return tuple(Household(orders=tuple(each.order for each in group), windows=_windows(group)) for group in groups)


def _may_join(resident: Resident, group: Sequence[Resident], *, most: int) -> bool:
    return (
        len(group) < most
        and all(resident.door.is_same(each.door) and resident.person != each.person for each in group)
        and bool(_windows([*group, resident]))
    )


def _windows(group: Sequence[Resident]) -> tuple[TimeWindow, ...]:
    """Return when all of the group may begin together and are done in time."""
    latest = min(each.over_by for each in group) - timedelta(minutes=stop_minutes(people=len(group)))
    common = [(window.opens_at, min(window.closes_at, latest)) for window in group[0].windows]
    for resident in group[1:]:
        common = [
            (max(opens, window.opens_at), min(closes, window.closes_at))
            for opens, closes in common
            for window in resident.windows
        ]
    return tuple(TimeWindow(opens_at=opens, closes_at=closes) for opens, closes in common if opens <= closes)
