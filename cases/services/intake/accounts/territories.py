"""The territory of a borrower follows from those of the accounts: a file tells where each account is worked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection

from cases.enums import AccountStatus
from cases.services.intake.staging import REFS, as_refs, sql_word

# Of several territories the one with the most open accounts, then the one with the smallest code: the order in which
# files and rows come makes no difference. LATERAL with LIMIT and OFFSET leaves the planner only the indexes.
_MISPLACED: Final = f"""
    SELECT id, external_ref, chosen FROM (
        SELECT DISTINCT ON (b.id) b.id, b.external_ref, b.territory_id, place.territory_id
        FROM unnest({REFS}) named (ref)
        CROSS JOIN LATERAL (
            SELECT id, external_ref, territory_id FROM cases_borrower WHERE external_ref = named.ref LIMIT 1
        ) b
        CROSS JOIN LATERAL (
            SELECT territory_id, count(*) FILTER (WHERE status <> {sql_word(AccountStatus.CLOSED)}) AS open
            FROM (SELECT territory_id, status FROM cases_account WHERE borrower_id = b.id OFFSET 0) account
            GROUP BY territory_id
        ) place
        JOIN access_territory territory ON territory.id = place.territory_id
        ORDER BY b.id, place.open DESC, territory.code
    ) found (id, external_ref, now, chosen) WHERE now <> chosen
"""  # noqa: S608  constants
_MOVE: Final = """
    UPDATE cases_borrower b SET territory_id = chosen.territory_id, updated_at = %s
    FROM unnest(%s::bigint[], %s::bigint[]) chosen (id, territory_id) WHERE b.id = chosen.id
"""


def settle_territories(*, borrower_refs: Sequence[str], at: datetime) -> set[str]:
    """Set the territory of borrowers by their accounts, in two statements; return the references of those that moved."""
    if not borrower_refs:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_MISPLACED, [as_refs(borrower_refs)])
        moved = cursor.fetchall()
        if moved:
            cursor.execute(_MOVE, [at, [row[0] for row in moved], [row[2] for row in moved]])
    return {ref for _pk, ref, _chosen in moved}
