"""What every kind of rows shares: a batch, what became of it, and the look-ups that check references."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from cases.rules import refusals
from cases.rules.profile_parts import Profile
from cases.rules.profile_reader import ReadRow
from cases.rules.refusals import Refused


@dataclass(slots=True, kw_only=True)
class BatchRow:
    """One row of the file, read."""

    number: int
    cells: Sequence[str]
    read: ReadRow
    # An older feed that says what is known: counted as unchanged, nothing is written.
    is_stale: bool = False

    def refuse(self, reason: str, *, field: str, value: str = "", **params: str) -> None:
        """Note why the row is not taken."""
        self.read.problems.append(Refused(reason, field=field, value=value, **params))


@dataclass(slots=True, kw_only=True)
class Outcome:
    """How many rows of a batch brought something new, changed something, or said what was known."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0


@dataclass(slots=True, kw_only=True)
class Batch:
    """Rows taken together in one transaction."""

    profile: Profile
    rows: list[BatchRow]
    territories: dict[str, int] = field(default_factory=dict)

    @property
    def sound(self) -> list[BatchRow]:
        return [r for r in self.rows if not r.read.problems]


def refs_known(*, table: str, refs: Iterable[str]) -> dict[str, int]:
    """Return the ids of the rows of `table` (a constant of ours) whose external_ref is among `refs`."""
    wanted = sorted(set(refs))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT external_ref, id FROM {table} WHERE external_ref = ANY(%s)", [wanted])  # noqa: S608  a constant
        return dict(cursor.fetchall())


def refuse_repeated(*, rows: Sequence[BatchRow], section: str, seen: set[str]) -> None:
    """Refuse rows whose reference the file brought before; `seen` are those new to the file, used up here."""
    for row in rows:
        ref = row.read.single[section]["external_ref"]
        if ref in seen:
            seen.discard(ref)
        else:
            row.refuse(refusals.TWICE_IN_FILE, field=f"{section}.external_ref", value=ref)


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


def plain(values: dict[str, Any], names: Sequence[str]) -> tuple[Any, ...]:
    """Return the values in the order of `names`."""
    return tuple(values[n] for n in names)
