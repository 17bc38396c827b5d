"""The territory of a borrower follows from those of the accounts: a file tells where each account is worked."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection

from cases.enums import AccountStatus
from cases.services.intake.staging import REFS, as_refs, sql_word

# Of several territories the one with the most open accounts, then the one with the smallest code: the order in which
# files and rows come makes no difference.
_SETTLE: Final = f"""
    WITH place AS (
        SELECT b.id, account.territory_id, count(*) FILTER (WHERE account.status <> {sql_word(AccountStatus.CLOSED)}) AS open
        FROM cases_borrower b
        CROSS JOIN LATERAL (SELECT territory_id, status FROM cases_account WHERE borrower_id = b.id) account
        WHERE b.external_ref = ANY({REFS})
        GROUP BY b.id, account.territory_id
    ), chosen AS (
        SELECT DISTINCT ON (place.id) place.id, place.territory_id
        FROM place JOIN access_territory territory ON territory.id = place.territory_id
        ORDER BY place.id, place.open DESC, territory.code
    )
    UPDATE cases_borrower b SET territory_id = chosen.territory_id, updated_at = %s
    FROM chosen WHERE b.id = chosen.id AND b.territory_id <> chosen.territory_id
    RETURNING b.external_ref
"""  # noqa: S608  constants


def settle_territories(*, borrower_refs: Sequence[str], at: datetime) -> set[str]:
    """Set the territory of borrowers by their accounts, in one statement; return the references of those that moved."""
    if not borrower_refs:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [as_refs(borrower_refs), at])
        return {ref for (ref,) in cursor.fetchall()}
