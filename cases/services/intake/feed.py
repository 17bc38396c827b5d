"""What every kind of rows shares: a batch on its way from the file to the tables, and the look-ups on that way."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db import connection

from cases.rules.profile import refusals
from cases.rules.profile.refusals import Refused
from cases.services.intake.staging import REFS, Target, as_refs, forget_seen, seen_before

Cells = Sequence[str]


@dataclass(slots=True, kw_only=True)
class RawBatch:
    """
    Rows as they stand in the file, with what they are looked up by: one list for each, all of one length.

    `refs` and `owners` (the borrower or account that a row belongs to) are None where they cannot be read. `digests`
    are empty where rows are not known by a digest.
    """

    numbers: Sequence[int]
    cells: Sequence[Cells]
    refs: Sequence[str | None]
    owners: Sequence[str | None]
    digests: Sequence[bytes] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRow:
    """One row that is not taken, whole, with its problems."""

    number: int
    cells: Cells
    problems: list[Refused]


@dataclass(slots=True, kw_only=True)
class Outcome:
    """How many rows of a batch brought something new, changed something, or said what was known."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(slots=True, kw_only=True)
class Prepared:
    """
    A batch ready to be merged: checked, sealed, and written out as the staging tables take it.

    `staged` is COPY text by target. `unsound` are references that only rows with problems brought, so that a later
    sound row may bring them.
    """

    rows: int
    rejects: list[RejectedRow] = field(default_factory=list)
    unchanged: int = 0
    refs: Sequence[str] = ()
    owners: Sequence[str] = ()
    staged: dict[str, str] = field(default_factory=dict)
    unsound: set[str] = field(default_factory=set)


class Feed(Protocol):
    """
    One kind of rows on its way in. `raw` and `prepare` work without the database, beside the batch before being merged.

    `look` runs before `merge` of the batch `before`, which it is told of; `merge` needs a transaction.
    """

    @property
    def targets(self) -> Sequence[Target]:
        """Return the tables that the rows go to, in the order of writing."""

    def raw(self, rows: list[tuple[int, list[str]]]) -> RawBatch:
        """Return what the rows are looked up by."""

    def look(self, raw: RawBatch, before: Any) -> Any:
        """Return what the database knows of the rows."""

    def prepare(self, raw: RawBatch, known: Any) -> Any:
        """Read, check and seal the rows."""

    def merge(self, prepared: Any, at: datetime) -> Outcome:
        """Write a prepared batch and return what became of its rows."""


def raw_batch(
    *,
    rows: Sequence[tuple[int, Cells]],
    refs: Callable[[Sequence[Cells]], Sequence[str | None]],
    owners: Callable[[Sequence[Cells]], Sequence[str | None]],
    digest: Callable[[Cells], bytes] | None = None,
) -> RawBatch:
    """Return rows with what they are looked up by."""
    cells = [c for _number, c in rows]
    return RawBatch(
        numbers=[n for n, _cells in rows],
        cells=cells,
        refs=refs(cells),
        owners=owners(cells),
        digests=[digest(c) for c in cells] if digest else (),
    )


def brought_before(*, raw: RawBatch, before: Prepared | None) -> set[str]:
    """
    Return the references that rows of earlier batches brought, and note this batch's.

    References that only unsound rows of the batch `before` brought count as new.
    """
    if before is not None and before.unsound:
        forget_seen(sorted(before.unsound))
    return seen_before(r for r in raw.refs if r is not None)


def refuse_repeated(*, refs: Sequence[str], brought: set[str], section: str) -> dict[int, list[Refused]]:
    """Return the refusal of each sound row whose reference an earlier sound row of the file brought, by position."""
    seen = set(brought)
    if not seen and len(set(refs)) == len(refs):
        return {}
    refused: dict[int, list[Refused]] = {}
    for position, ref in enumerate(refs):
        if ref in seen:
            refused[position] = [Refused(refusals.TWICE_IN_FILE, field=f"{section}.external_ref", value=ref)]
        seen.add(ref)
    return refused


def refs_known(*, table: str, refs: Iterable[str]) -> dict[str, int]:
    """Return the ids of the rows of `table` (a constant of ours) whose external_ref is among `refs`."""
    wanted = sorted(set(refs))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT external_ref, id FROM {table} WHERE external_ref = ANY({REFS})", [as_refs(wanted)])  # noqa: S608  constants
        return dict(cursor.fetchall())


def counted(*, refs: Iterable[str], created: set[str], touched: set[str]) -> Outcome:
    """Return the outcome of rows by their references."""
    outcome = Outcome()
    for ref in refs:
        if ref in created:
            outcome.created += 1
        elif ref in touched:
            outcome.updated += 1
        else:
            outcome.unchanged += 1
    return outcome
