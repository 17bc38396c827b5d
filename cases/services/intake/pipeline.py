"""
The order of work on a file: while one batch is merged, a second thread reads, checks and seals the next.

The second thread uses no database; the calling thread does everything that does. During a merge Python mostly waits for
the database, so one file keeps two cores busy. At most three batches are in memory.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

from django.utils.translation import activate, get_language

from backoffice.core.collector import collect_young
from cases.services.intake.feed import Feed, Prepared, RawBatch
from cases.services.intake.readers.rows import NumberedRow, Rows

# Bounds of a batch beside its number of rows: 20,000 rows of 20 columns take about 40 MB.
BATCH_CELLS: Final = 400_000
BATCH_CHARACTERS: Final = 8_000_000
# So many rows are read before the size of the batch is checked again.
PIECE_ROWS: Final = 100
# The first batch is an eighth of a whole one and each next twice as large, so that the first merge begins early.
FIRST_PART: Final = 8


def take_batches(*, rows: Rows, feed: Feed, batch_rows: int, merge: Callable[[Prepared], None]) -> None:
    """
    Pass the rows through `feed` in batches of at most `batch_rows` and call `merge` with each, in the order of the file.

    An error in a batch is raised after all batches before it are merged. Call it inside `collector_by_hand`.
    """
    batches = _batches(rows, min(batch_rows, max(PIECE_ROWS, BATCH_CELLS // max(1, len(rows.header)))))
    # The second thread needs the language of the caller: it words the problems.
    with ThreadPoolExecutor(max_workers=1, initializer=activate, initargs=(get_language() or "en",)) as thread:
        preparing: Future[Any] | None = None
        reading = thread.submit(_next_raw, batches, feed)
        while True:
            previous = preparing.result() if preparing is not None else None
            try:
                raw = reading.result()
                if raw is not None:
                    reading = thread.submit(_next_raw, batches, feed)
                    preparing = thread.submit(feed.prepare, raw, feed.look_up(raw, previous))
            finally:
                # Also if the next batch cannot be read: the batch before it is sound.
                if previous is not None:
                    merge(previous)
                    collect_young()
            if raw is None:
                return


def _batches(rows: Rows, size: int) -> Iterator[list[NumberedRow]]:
    batch: list[NumberedRow] = []
    characters, wanted = 0, min(size, max(PIECE_ROWS, size // FIRST_PART))
    for piece in rows.batches(min(size, PIECE_ROWS)):
        batch += piece
        characters += sum(len("".join(cells)) for _number, cells in piece)
        if len(batch) >= wanted or characters > BATCH_CHARACTERS:
            yield batch
            batch, characters, wanted = [], 0, min(size, wanted * 2)
    if batch:
        yield batch


def _next_raw(batches: Iterator[list[NumberedRow]], feed: Feed) -> RawBatch | None:
    rows = next(batches, None)
    return None if rows is None else feed.raw(rows)
