"""Rows whose figures are older than the stored account's: they never move an account back."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db import connection

from cases.rules.profile import refusals
from cases.rules.profile.refusals import Refused
from cases.services.intake.accounts.records import OlderRow
from cases.services.intake.accounts.tables import ACCOUNT_FIELDS
from cases.services.intake.feed import RejectedRow
from cases.services.intake.staging import REFS, as_refs


class _StoredFigures(NamedTuple):
    as_of: date
    values: tuple[Any, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OlderRowsOutcome:
    """`unchanged` counts older rows that agree with the stored account; the others are rejects."""

    unchanged: int
    rejects: list[RejectedRow]


def compare_older_rows(*, rows: Sequence[OlderRow], mapped: Set[str]) -> OlderRowsOutcome:
    """
    Compare older rows with the stored accounts: an equal one counts as unchanged, another is refused.

    `mapped` are the account fields that the profile maps; a field that a row leaves empty is not compared.
    """
    if not rows:
        return OlderRowsOutcome(unchanged=0, rejects=[])
    names = [name for name in ACCOUNT_FIELDS if name in mapped and name != "as_of"]
    stored = _stored_figures([row.account["external_ref"] for row in rows], names)
    unchanged = 0
    rejects = []
    for row in rows:
        figures = stored[row.account["external_ref"]]
        pairs = zip(names, figures.values, strict=True)
        if all(row.account[name] is None or row.account[name] == value for name, value in pairs):
            unchanged += 1
            continue
        problem = Refused(
            refusals.OLDER_THAN_KNOWN,
            field="account.as_of",
            value=str(row.account["as_of"]),
            known=figures.as_of.isoformat(),
        )
        rejects.append(RejectedRow(number=row.number, cells=row.cells, problems=[problem]))
    return OlderRowsOutcome(unchanged=unchanged, rejects=rejects)


def _stored_figures(refs: list[str], names: Sequence[str]) -> dict[str, _StoredFigures]:
    columns = ", ".join(["external_ref", "as_of", *names])
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM cases_account WHERE external_ref = ANY({REFS})", [as_refs(refs)])  # noqa: S608  constants
        return {ref: _StoredFigures(as_of, tuple(values)) for ref, as_of, *values in cursor.fetchall()}
