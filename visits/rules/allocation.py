"""Which agency takes which case of a territory: within its places and its share, in proportion, and by rotation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """An agency's places for the cases of one territory: `capacity` in all, `taken` by live placements."""

    agency: int
    capacity: int
    taken: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareRule:
    """
    No agency holds more than `most_percent` of a territory's live placements, where `least_agencies` take cases there.

    With fewer agencies no share can be kept: one of two holds at least half. Cases are placed all the same, since
    otherwise the territory's borrowers would not be visited at all; whoever places them is told.
    """

    most_percent: int
    least_agencies: int

    def holds(self, places: Sequence[Places]) -> bool:
        """Return whether enough agencies have places in the territory, free or taken."""
        return sum(1 for each in places if each.capacity > 0) >= self.least_agencies

    def most(self, *, total: int) -> int:
        """
        Return how many of `total` placements one agency may hold: the share, rounded up to a whole case.

        Rounded down, the first cases of a territory could be placed with nobody.
        """
        return -(-total * self.most_percent // 100)


def may_take(*, places: Sequence[Places], rule: ShareRule) -> frozenset[int]:
    """Return the agencies that may take one more case of a territory."""
    capacity, taken = {each.agency: each.capacity for each in places}, {each.agency: each.taken for each in places}
    return frozenset(_able(capacity=capacity, taken=taken, shared=rule.holds(places), rule=rule))


def allocate(
    *,
    places: Sequence[Places],
    before: Sequence[int | None],
    rule: ShareRule,
    doors: Sequence[str] = (),
    at_doors: Mapping[str, int] = MappingProxyType({}),
) -> list[int | None]:
    """
    Return the agency of each case of a territory, in the order of the cases; None where no agency may take it.

    `before` holds, for each case, the agency that had it last, or None; `doors` the door of each case, "" for none, and
    `at_doors` the agencies that visit doors already. A case goes to the agency at its door if that may take it, since no
    second agency may visit there; else to the agency whose places are the least used with it, in proportion; to the one
    that had it last only if no other may take it. One pass: the outcome follows from the arguments alone.
    """
    capacity, taken = {each.agency: each.capacity for each in places}, {each.agency: each.taken for each in places}
    shared = rule.holds(places)
    visiting = dict(at_doors)
    chosen: list[int | None] = []
    for last, door in zip(before, doors or [""] * len(before), strict=True):
        able = _able(capacity=capacity, taken=taken, shared=shared, rule=rule)
        at_door = [agency for agency in able if door and agency == visiting.get(door)]
        others = at_door or [agency for agency in able if agency != last] or able
        # Quotients of numbers of cases differ by far more than the rounding of a float, and equal ones round alike.
        agency = min(others, key=lambda each: ((taken[each] + 1) / capacity[each], each), default=None)
        if agency is not None:
            taken[agency] += 1
            if door:
                visiting.setdefault(door, agency)
        chosen.append(agency)
    return chosen


def _able(*, capacity: Mapping[int, int], taken: Mapping[int, int], shared: bool, rule: ShareRule) -> list[int]:
    total = sum(taken.values()) + 1
    most = rule.most(total=total) if shared else total
    return [agency for agency, held in taken.items() if held < min(capacity[agency], most)]
