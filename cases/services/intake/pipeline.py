"""
The way of a file's rows: while one batch is merged, the next is read, checked and sealed beside it.

One thread does what needs no database, the calling one all that does. Python waits for the database most of the time
of a merge, so two cores are busy with one file. Three batches are in memory at most.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Final

from django.utils.translation import activate, get_language

from backoffice.core.collector import collect_young
from cases.services.intake.feed import Feed, Prepared, RawBatch
from cases.services.intake.readers.rows import NumberedRow, Rows

# A batch is at most so many rows, and fewer of wide ones or of long texts: 20,000 rows of 20 columns stand in about
# 40 MB. A piece is what is read before the length is looked at again.
BATCH_CELLS: Final = 400_000
BATCH_CHARACTERS: Final = 8_000_000
PIECE_ROWS: Final = 100
# The first batch is an eighth, each next one twice as large: the database need not wait for a whole one to be prepared.
FIRST_PART: Final = 8


def take_batches(*, rows: Rows, feed: Feed, batch_rows: int, merge: Callable[[Prepared], None]) -> None:
    """
    Pass the rows through `feed` in batches, calling `merge` with each in the order of the file.

    What fails in a batch is raised when all batches before it are merged. Belongs inside `collector_by_hand`.
    """
    batches = _batches(rows, min(batch_rows, max(PIECE_ROWS, BATCH_CELLS // max(1, len(rows.header)))))
    # Messages are made in the language of who asked, also beside.
    with ThreadPoolExecutor(max_workers=1, initializer=activate, initargs=(get_language() or "en",)) as beside:
        waiting: Future[Any] | None = None
        coming = beside.submit(_next, batches, feed)
        while True:
            before = waiting.result() if waiting is not None else None
            try:
                raw = coming.result()
                if raw is not None:
                    coming = beside.submit(_next, batches, feed)
                    waiting = beside.submit(feed.prepare, raw, feed.look(raw, before))
            finally:
                # Also where the next batch cannot be read: what stands before it is sound.
                if before is not None:
                    merge(before)
                    collect_young()
            if raw is None:
                return


def _batches(rows: Rows, size: int) -> Iterator[list[NumberedRow]]:
    batch: list[NumberedRow] = []
    characters, now = 0, min(size, max(PIECE_ROWS, size // FIRST_PART))
    for piece in rows.batches(min(size, PIECE_ROWS)):
        batch += piece
        characters += sum(len("".join(cells)) for _number, cells in piece)
        if len(batch) >= now or characters > BATCH_CHARACTERS:
            yield batch
            batch, characters, now = [], 0, min(size, now * 2)
    if batch:
        yield batch


def _next(batches: Iterator[list[NumberedRow]], feed: Feed) -> RawBatch | None:
    rows = next(batches, None)
    return None if rows is None else feed.raw(rows)
