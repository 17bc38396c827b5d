"""Which borrowers are one person, by the merges that stand; and which person each group keeps after one is undone."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from itertools import combinations
from typing import Final

# One number of more borrowers than this belongs to no person: it is a placeholder of the lender's data.
MOST_BORROWERS: Final = 20


def borrowers_key(*, borrowers: Iterable[int]) -> str:
    """Return the text that is equal for equal sets of borrowers: SHA-256 of their sorted numbers, in hexadecimal."""
    text = ",".join(map(str, sorted(set(borrowers))))
    return hashlib.sha256(text.encode()).hexdigest()


def groups_of(*, borrowers: Iterable[int], merges: Iterable[Iterable[int]]) -> list[frozenset[int]]:
    """
    Return the borrowers by person, each group sorted by its smallest number: two are one person if a merge names both,
    or if a chain of merges leads from one to the other.
    """
    group_by_borrower = {borrower: {borrower} for borrower in borrowers}
    for merge in merges:
        joined: set[int] = set()
        for borrower in merge:
            joined |= group_by_borrower.get(borrower, set())
        for borrower in joined:
            group_by_borrower[borrower] = joined
    return sorted({frozenset(group) for group in group_by_borrower.values()}, key=min)


def persons_of(
    *,
    groups: Iterable[frozenset[int]],
    current: int,
    former: Mapping[int, int | None],
    occupied: Collection[int] = (),
) -> dict[frozenset[int], int | None]:
    """
    Return the person of each group of at least two borrowers after a merge was undone; None is a person to be made.

    `current` is the person of all of them before, `former` the person of each borrower of the merge before that merge.
    The group that was the current person before keeps it; if none was, the one with the smallest number. Another group
    gets a former person back that is not `occupied` by other borrowers.
    """
    several = sorted((group for group in groups if len(group) > 1), key=min)
    if not several:
        return {}
    former_by_group = {
        group: {person for borrower in group if (person := former.get(borrower)) is not None} for group in several
    }
    holder = next((group for group in several if current in former_by_group[group]), several[0])
    persons: dict[frozenset[int], int | None] = {holder: current}
    taken = {current, *occupied}
    for group in several:
        if group == holder:
            continue
        free = former_by_group[group] - taken
        persons[group] = min(free, default=None)
        taken.update(sorted(free)[:1])
    return persons


def pairs_apart(*, borrowers: Iterable[int], groups: Iterable[frozenset[int]]) -> list[tuple[int, int]]:
    """Return the pairs of `borrowers` that are in different groups, each pair and all pairs sorted."""
    group_by_borrower = {borrower: group for group in groups for borrower in group}
    return [
        (first, second)
        for first, second in combinations(sorted(set(borrowers)), 2)
        if group_by_borrower[first] != group_by_borrower[second]
    ]
