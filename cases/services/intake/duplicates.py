"""A reference counts once in a file: the first sound row that uses it is taken, later ones are refused."""

from collections.abc import Iterable, Sequence

from django.db import connection

from cases.rules.profile import refusals
from cases.rules.profile.refusals import Refused
from cases.services.intake.feed import Prepared, RawBatch
from cases.services.intake.staging import REFS, SEEN, as_refs


def refs_of_earlier_rows(*, raw: RawBatch, previous: Prepared | None) -> set[str]:
    """
    Return the references of `raw` that rows of earlier batches used, and note all references of `raw`.

    A reference that only unsound rows of the previous batch used does not count as used.
    """
    if previous is not None and previous.unsound_refs:
        _forget_refs(sorted(previous.unsound_refs))
    return _note_refs(ref for ref in raw.refs if ref is not None)


def refuse_repeated(*, refs: Sequence[str], earlier: set[str], section: str) -> dict[int, list[Refused]]:
    """
    Return the refusal of each row whose reference an earlier sound row of the file has, by position in `refs`.

    `earlier` are the references of earlier batches; `section` names the field in the refusal.
    """
    seen = set(earlier)
    if not seen and len(set(refs)) == len(refs):
        return {}
    refused: dict[int, list[Refused]] = {}
    for position, ref in enumerate(refs):
        if ref in seen:
            refused[position] = [Refused(refusals.TWICE_IN_FILE, field=f"{section}.external_ref", value=ref)]
        seen.add(ref)
    return refused


def _note_refs(refs: Iterable[str]) -> set[str]:
    """Note `refs` in a temporary table, so that memory stays flat, and return those that were noted before."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH given AS MATERIALIZED (SELECT DISTINCT r AS ref FROM unnest({REFS}) r), "  # noqa: S608  constants
            f"new AS (INSERT INTO {SEEN} (ref) SELECT ref FROM given ON CONFLICT DO NOTHING RETURNING ref) "
            "SELECT ref FROM given EXCEPT SELECT ref FROM new",
            [as_refs(refs)],
        )
        return {ref for (ref,) in cursor.fetchall()}


def _forget_refs(refs: Sequence[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {SEEN} WHERE ref = ANY({REFS})", [as_refs(refs)])  # noqa: S608  constants
