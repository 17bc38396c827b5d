"""Groups of borrowers by the merges that stand, and the person that each group has after an undo."""

import pytest

from cases.rules.people import borrowers_key, groups_of, pairs_apart, persons_of


def groups(*sets: set[int]) -> list[frozenset[int]]:
    return [frozenset(one) for one in sets]


def test_key_of_a_set_of_borrowers_does_not_depend_on_their_order() -> None:
    # echo -n '2,10' | sha256sum
    key = "3b5140aab9f8b8240b81687ea6a802d4bb00fc5da32c97b4b2bff91263b3a545"
    assert borrowers_key(borrowers=(10, 2, 10)) == key
    assert borrowers_key(borrowers=(1, 2)) != borrowers_key(borrowers=(12,))


@pytest.mark.parametrize(
    ("merges", "expected"),
    [
        ([], [{1}, {2}, {3}, {4}]),
        ([[1, 3]], [{1, 3}, {2}, {4}]),
        ([[1, 3], [2, 4]], [{1, 3}, {2, 4}]),
        ([[3, 4], [1, 3], [2, 4]], [{1, 2, 3, 4}]),
        # A merge that names a borrower who is not asked for joins the others.
        ([[4, 2, 9]], [{1}, {2, 4}, {3}]),
    ],
)
def test_groups_are_chains_of_merges(merges: list[list[int]], expected: list[set[int]]) -> None:
    assert groups_of(borrowers=(1, 2, 3, 4), merges=merges) == groups(*expected)


@pytest.mark.parametrize(
    ("parts", "former", "occupied", "expected"),
    [
        # Nobody is left together.
        ([{1}, {2}], {1: None, 2: None}, (), {}),
        # Two people were joined: each has its own again.
        ([{1, 2}, {3, 4}], {2: 7, 3: 8}, (), {frozenset({1, 2}): 7, frozenset({3, 4}): 8}),
        # The person that goes on is the one of the second group.
        ([{1, 2}, {3, 4}], {2: 6, 3: 7}, (), {frozenset({1, 2}): 6, frozenset({3, 4}): 7}),
        # Neither group was a person before: the first keeps the present one.
        ([{1, 2}, {3, 4}], {2: None, 3: None}, (), {frozenset({1, 2}): 7, frozenset({3, 4}): None}),
        # Other borrowers have the former person by now.
        ([{1, 2}, {3, 4}], {2: 7, 3: 8}, (8,), {frozenset({1, 2}): 7, frozenset({3, 4}): None}),
        # A former person is given back once.
        (
            [{1, 2}, {3, 4}, {5, 6}],
            {1: None, 3: 8, 5: 8},
            (),
            {frozenset({1, 2}): 7, frozenset({3, 4}): 8, frozenset({5, 6}): None},
        ),
    ],
)
def test_persons_after_an_undo(
    parts: list[set[int]],
    former: dict[int, int | None],
    occupied: tuple[int, ...],
    expected: dict[frozenset[int], int | None],
) -> None:
    assert persons_of(groups=groups(*parts), current=7, former=former, occupied=occupied) == expected


def test_pairs_apart_are_those_across_groups() -> None:
    assert pairs_apart(borrowers=(4, 1, 2), groups=groups({1, 2}, {3, 4})) == [(1, 4), (2, 4)]
