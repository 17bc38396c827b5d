"""Ranges of borrowers: they cover everybody once, whatever the ids are."""

from itertools import pairwise
from typing import Any

import pytest

from cases.models import Borrower
from cases.services.evaluation import borrower_ranges
from tests.factories.portfolio import make_borrower


@pytest.mark.django_db
def test_no_borrower_gives_no_range() -> None:
    assert borrower_ranges.borrower_ranges() == []


@pytest.mark.owner_rights
@pytest.mark.parametrize(("people", "smallest", "expected"), [(1, 2, 1), (8, 2, 3), (9, 2, 3), (9, 100, 1), (30, 1, 7)])
def test_ranges_cover_each_borrower_once(
    shanghai: Any, monkeypatch: pytest.MonkeyPatch, people: int, smallest: int, expected: int
) -> None:
    monkeypatch.setattr(borrower_ranges, "SMALLEST_CHUNK", smallest)
    ids = [make_borrower(territory=shanghai).pk for _ in range(people)]
    # Gaps between the ids do not make unequal ranges.
    Borrower.objects.filter(pk__in=ids[1::3]).delete()
    left = [pk for number, pk in enumerate(ids) if number % 3 != 1]

    ranges = borrower_ranges.borrower_ranges()

    assert [sum(lower <= pk < upper for lower, upper in ranges) for pk in left] == [1] * len(left)
    assert all(before[1] == after[0] for before, after in pairwise(ranges))
    assert len(ranges) == expected


def test_range_is_never_larger_than_a_chunk_may_be(shanghai: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(borrower_ranges, "SMALLEST_CHUNK", 1)
    monkeypatch.setattr(borrower_ranges, "CHUNK_BORROWERS", 2)
    for _ in range(20):
        make_borrower(territory=shanghai)

    assert len(borrower_ranges.borrower_ranges()) == 10
