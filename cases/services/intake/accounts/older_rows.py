"""Rows that are older than what is known of their account: they move nothing back."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from cases.rules.profile import refusals
from cases.rules.profile.refusals import Refused
from cases.services.intake.accounts.tables import ACCOUNT_NAMES
from cases.services.intake.feed import Cells, RejectedRow
from cases.services.intake.staging import REFS, as_refs


@dataclass(frozen=True, slots=True, kw_only=True)
class LateRow:
    """A sound row whose figures are of an earlier day than those known."""

    number: int
    cells: Cells
    account: dict[str, Any]


def settle_late(*, rows: Sequence[LateRow], said: Set[str]) -> tuple[int, list[RejectedRow]]:
    """
    Return how many of `rows` say what is known, which pass as unchanged, and the others, which are refused.

    `said` are the account fields that the profile maps.
    """
    if not rows:
        return 0, []
    names = [n for n in ACCOUNT_NAMES if n in said and n != "as_of"]
    known = _known([r.account["external_ref"] for r in rows], names)
    stale, rejected = 0, []
    for row in rows:
        as_of, there = known[row.account["external_ref"]]
        if any(row.account[n] is not None and row.account[n] != v for n, v in zip(names, there, strict=True)):
            problem = Refused(
                refusals.OLDER_THAN_KNOWN,
                field="account.as_of",
                value=str(row.account["as_of"]),
                known=as_of.isoformat(),
            )
            rejected.append(RejectedRow(number=row.number, cells=row.cells, problems=[problem]))
        else:
            stale += 1
    return stale, rejected


def _known(refs: list[str], names: Sequence[str]) -> dict[str, tuple[date, tuple[Any, ...]]]:
    columns = ", ".join(["external_ref", "as_of", *names])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM cases_account WHERE external_ref = ANY({REFS})", [as_refs(refs)])  # noqa: S608  constants
        return {ref: (as_of, tuple(values)) for ref, as_of, *values in cursor.fetchall()}
