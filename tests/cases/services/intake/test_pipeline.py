"""Batches pass in the order of the file, one prepared while another is merged, and none is lost before an error."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from cases.services.intake.feed import Outcome, Prepared, RawBatch
from cases.services.intake.pipeline import PIECE_ROWS, take_batches


class _Rows:
    header = ["ref"]

    def __init__(self, count: int, *, torn_after: int | None = None) -> None:
        self._count, self._torn_after = count, torn_after

    def batches(self, size: int) -> Iterator[list[tuple[int, list[str]]]]:
        for start in range(0, self._count, size):
            if self._torn_after is not None and start >= self._torn_after:
                raise ValueError("torn")
            yield [(number, [str(number)]) for number in range(start, min(start + size, self._count))]


class _Feed:
    targets = ()

    def __init__(self) -> None:
        self.previous: list[Any] = []

    def raw(self, rows: list[tuple[int, list[str]]]) -> RawBatch:
        refs = [cells[0] for _number, cells in rows]
        return RawBatch(numbers=[n for n, _cells in rows], cells=[c for _n, c in rows], refs=refs, owners=refs)

    def look_up(self, raw: RawBatch, previous: Prepared | None) -> None:
        self.previous.append(None if previous is None else previous.refs[-1])

    def prepare(self, raw: RawBatch, known: None) -> Prepared:
        return Prepared(rows=len(raw.cells), refs=[ref for ref in raw.refs if ref is not None])

    def merge(self, prepared: Prepared, at: datetime) -> Outcome:
        return Outcome()


def test_batches_are_merged_in_order_and_grow_to_the_bound() -> None:
    merged: list[Prepared] = []
    feed = _Feed()

    take_batches(rows=_Rows(2000), feed=feed, batch_rows=800, merge=merged.append)

    assert [ref for batch in merged for ref in batch.refs] == [str(number) for number in range(2000)]
    assert [batch.rows for batch in merged] == [100, 200, 400, 800, 500]
    assert feed.previous == [None, *(batch.refs[-1] for batch in merged[:-1])]


def test_batches_before_an_error_are_merged() -> None:
    merged: list[Prepared] = []

    with pytest.raises(ValueError, match="torn"):
        take_batches(
            rows=_Rows(1000, torn_after=3 * PIECE_ROWS), feed=_Feed(), batch_rows=PIECE_ROWS, merge=merged.append
        )

    assert [batch.rows for batch in merged] == [PIECE_ROWS] * 3
