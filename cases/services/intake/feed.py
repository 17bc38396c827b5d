"""A batch of rows on its way from the file to the tables: the records that every kind of rows shares."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from django.db import connection

from cases.rules.profile.read_columns import ReadColumns
from cases.rules.profile.refusals import Refused
from cases.services.intake.staging import REFS, Target, as_refs

Cells = Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RawBatch:
    """
    Rows as the file has them, with the keys to look them up: one list for each, all of one length.

    `numbers` are row numbers as a spreadsheet shows them. `refs` are the rows' own references, `owners` the references
    of the borrower or account that a row belongs to; both are None where they cannot be read. `digests` is empty where
    the feed does not recognise rows by a digest.
    """

    numbers: Sequence[int]
    cells: Sequence[Cells]
    refs: Sequence[str | None]
    owners: Sequence[str | None]
    digests: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """One row that is not taken, with all its cells and its problems."""

    number: int
    cells: Cells
    problems: list[Refused]


@dataclass(slots=True, kw_only=True)
class Outcome:
    """
    How many rows of a batch were created, changed something, or changed nothing.

    `newest_as_of` is the newest day of the figures that were read, None for rows without figures or if none was read.
    `doubtful` counts the values of taken rows that are new among the doubtful ones. `rejects` are rows that only the merge could refuse, because it compares them with the stored account.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    doubtful: int = 0
    newest_as_of: date | None = None
    rejects: list[RejectedRow] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """
    A batch ready to be merged: checked, sealed, and written as COPY text.

    `rows` counts all rows of the batch, `unchanged` those that were recognised by their digest and not read. `refs`,
    `owners`, `numbers` and `cells` are of the rows that are merged. `staged` is COPY text by staging table. `unsound_refs` are references that
    only rows with problems used, so that a later sound row may still use them.
    """

    rows: int
    rejects: list[RejectedRow] = field(default_factory=list)
    unchanged: int = 0
    refs: Sequence[str] = ()
    owners: Sequence[str] = ()
    numbers: Sequence[int] = ()
    cells: Sequence[Cells] = ()
    staged: dict[str, str] = field(default_factory=dict)
    unsound_refs: set[str] = field(default_factory=set)


class Feed(Protocol):
    """
    One kind of rows: how they are looked up, prepared and merged.

    `raw` and `prepare` use no database; a second thread runs them while the previous batch is merged. `look_up` of a
    batch runs before `merge` of the previous one, and therefore receives that batch. `merge` needs a transaction.
    """

    @property
    def targets(self) -> Sequence[Target]:
        """Return the tables that the rows are merged into, in the order of writing."""

    def raw(self, rows: list[tuple[int, list[str]]]) -> RawBatch:
        """Return numbered rows with the keys to look them up."""

    def look_up(self, raw: RawBatch, previous: Any) -> Any:
        """Return what the database holds about the rows; `previous` is the prepared batch before, or None."""

    def prepare(self, raw: RawBatch, known: Any) -> Any:
        """Read, check and seal the rows; `known` is what `look_up` returned."""

    def merge(self, prepared: Any, at: datetime) -> Outcome:
        """Write a prepared batch, stamped with `at`, and return how many rows changed what."""


def raw_batch(
    *,
    rows: Sequence[tuple[int, Cells]],
    refs: Callable[[Sequence[Cells]], Sequence[str | None]],
    owners: Callable[[Sequence[Cells]], Sequence[str | None]],
    digest: Callable[[Cells], bytes] | None = None,
) -> RawBatch:
    """Return numbered rows as a RawBatch; the functions read references and digests from the cells."""
    cells = [row_cells for _number, row_cells in rows]
    return RawBatch(
        numbers=[number for number, _cells in rows],
        cells=cells,
        refs=refs(cells),
        owners=owners(cells),
        digests=[digest(row_cells) for row_cells in cells] if digest else (),
    )


def rejected_rows(*, read: ReadColumns, numbers: Sequence[int], cells: Sequence[Cells]) -> list[RejectedRow]:
    """Return the rows of `read` that have problems, in the order of the file."""
    return [
        RejectedRow(number=numbers[position], cells=cells[position], problems=problems)
        for position, problems in sorted(read.problems.items())
    ]


def rows_refused_by_merge(*, prepared: Prepared, problems: Mapping[str, Refused]) -> list[RejectedRow]:
    """Return the rows that the merge refuses, whose problems are given by reference, in the order of the file."""
    if not problems:
        return []
    rows = zip(prepared.refs, prepared.numbers, prepared.cells, strict=True)
    return [
        RejectedRow(number=number, cells=cells, problems=[problems[ref]])
        for ref, number, cells in rows
        if ref in problems
    ]


def ids_by_ref(*, table: str, refs: Iterable[str]) -> dict[str, int]:
    """Return the ids of the rows of `table` (a constant of this program) whose external_ref is in `refs`."""
    wanted = sorted(set(refs))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT external_ref, id FROM {table} WHERE external_ref = ANY({REFS})", [as_refs(wanted)])  # noqa: S608  constants
        return dict(cursor.fetchall())


def count_outcome(*, refs: Iterable[str], created: set[str], changed: set[str]) -> Outcome:
    """Return the outcome of rows by their references; a created one is not counted as changed as well."""
    outcome = Outcome()
    for ref in refs:
        if ref in created:
            outcome.created += 1
        elif ref in changed:
            outcome.updated += 1
        else:
            outcome.unchanged += 1
    return outcome
