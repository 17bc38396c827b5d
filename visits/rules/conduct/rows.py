"""The 48 rows of the conduct table as data: which code holds each, when, through which doors, and by which tests."""

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

FILE: Final = Path(__file__).with_name("rows.toml")
ROWS: Final = 48


class Held(StrEnum):
    """How far the software holds a row."""

    HELD = "held"
    PARTLY = "partly"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConductRow:
    """
    One row. `code` are paths from the top of the repository, `tests` are nodes below tests/ ("path::name").

    `missing` says what is not held, empty for a row that is.
    """

    row: int
    clause: str
    code: tuple[str, ...]
    moments: tuple[str, ...]
    doors: tuple[str, ...]
    tests: tuple[str, ...]
    status: Held
    missing: str = ""


def conduct_rows() -> tuple[ConductRow, ...]:
    """Return the rows as they are declared, in order."""
    lists = ("code", "moments", "doors", "tests")
    return tuple(
        ConductRow(**{**row, **{name: tuple(row[name]) for name in lists}, "status": Held(row["status"])})
        for row in tomllib.loads(FILE.read_text(encoding="utf-8"))["row"]
    )


def row_faults(*, rows: Sequence[ConductRow], files: frozenset[str], tests: frozenset[str]) -> list[str]:
    """
    Return what is wrong with the declaration, with the row: numbers, files and tests that do not exist, gaps left unsaid.

    `files` are the paths of the repository, `tests` the nodes below tests/.
    """
    faults = []
    if [row.row for row in rows] != list(range(1, ROWS + 1)):
        faults.append(f"The rows are not 1 to {ROWS} in order.")
    for row in rows:
        faults += [f"Row {row.row}: there is no file {path}." for path in row.code if path not in files]
        faults += [f"Row {row.row}: there is no test {node}." for node in row.tests if node not in tests]
        if (row.status is Held.HELD) == bool(row.missing):
            faults.append(f"Row {row.row}: say what is missing where a row is not held, and nowhere else.")
        if row.status is not Held.PEOPLE and not (row.code and row.tests and row.moments and row.doors):
            faults.append(f"Row {row.row}: name code, moments, doors and tests, or leave the row to people.")
    return faults
