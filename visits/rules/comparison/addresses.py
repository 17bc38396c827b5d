"""Whether two addresses can be one dwelling: part by part, as far as both name it."""

from typing import Final

from backoffice.core.canonical.addresses import canonical_door
from backoffice.core.canonical.texts import is_chinese
from visits.rules.comparison.address_parts import AddressParts, read_address
from visits.rules.comparison.matching import Match

_FROM_LARGE_TO_SMALL: Final = (
    "province",
    "city",
    "district",
    "town",
    "village",
    "road",
    "lane",
    "house",
    "group",
    "estate",
    "phase",
    "building",
    "unit",
    "room",
)
_EXACT: Final = frozenset({"province", "city", "house", "lane", "group", "phase", "building", "unit", "room"})
# One of these must be named by both, or the two share too little.
_PLACES: Final = ("road", "lane", "village", "estate")


def compare_addresses(*, left: str, right: str) -> Match:
    """
    Return whether two addresses can be the same dwelling.

    DIFFERENT: a part that both name is not the same. SAME: no part differs, and both name the same street, village, estate or
    lane. UNKNOWN: too little is shared, such as a street against an estate, or one address is not in Chinese.
    """
    if not (is_chinese(left) and is_chinese(right)):
        return _compare_latin(left, right)
    first, second = read_address(line=left), read_address(line=right)
    _cut_district(first, second)
    _cut_district(second, first)
    if _differing(first, second):
        return Match.DIFFERENT
    return Match.SAME if any(_both(first, second, part) for part in _PLACES) else Match.UNKNOWN


def differing_part(*, left: str, right: str) -> str:
    """Return the largest part in which two addresses in Chinese differ, by its name in AddressParts; empty if none does."""
    first, second = read_address(line=left), read_address(line=right)
    _cut_district(first, second)
    _cut_district(second, first)
    return _differing(first, second)


def _differing(first: AddressParts, second: AddressParts) -> str:
    same_house = bool(first.road and second.road and first.house) and first.house == second.house
    for part in _FROM_LARGE_TO_SMALL:
        # Towns and estates are renamed and written in several ways; the street with its number says it better.
        if part in ("town", "estate") and same_house:
            continue
        if part in _EXACT:
            if _both(first, second, part) and getattr(first, part) != getattr(second, part):
                return part
        elif not _same_name(first, second, part):
            return part
    return ""


def _both(first: AddressParts, second: AddressParts, part: str) -> bool:
    return bool(getattr(first, part) and getattr(second, part))


def _same_name(first: AddressParts, second: AddressParts, part: str) -> bool:
    """Return whether two names are one, or one is the end or the beginning of the other; True if one is left out."""
    names = sorted((getattr(first, part), getattr(second, part)), key=len)
    if not names[0] or names[0] == names[1]:
        return True
    if part == "road":
        return False
    return len(names[0]) >= 2 and (names[1].startswith(names[0]) or names[1].endswith(names[0]))


def _cut_district(parts: AddressParts, other: AddressParts) -> None:
    """Cut a district or town that only the other address sets apart off the street: "浦东张江路" beside 浦东新区."""
    for part in ("district", "town"):
        name = getattr(other, part)
        for place in ("road", "estate", "village", "town"):
            text = getattr(parts, place)
            if name and not getattr(parts, part) and len(text) > len(name) + 1 and text.startswith(name):
                setattr(parts, part, name)
                setattr(parts, place, text.removeprefix(name).removeprefix("新区").removeprefix("区"))


def _compare_latin(left: str, right: str) -> Match:
    doors = canonical_door(line=left), canonical_door(line=right)
    if is_chinese(left) or is_chinese(right) or not all(doors):
        return Match.UNKNOWN
    words = [set(door.split()) for door in doors]
    return Match.SAME if words[0] <= words[1] or words[1] <= words[0] else Match.DIFFERENT
