"""Corrections of repayments of which a part was taken back: never below that part, and what is void is reckoned anew."""

from collections.abc import Collection
from decimal import Decimal
from typing import NamedTuple

from django.db import connection

from backoffice.core.queue import enqueue
from cases.models import Repayment, RepaymentReversal
from cases.rules.profile import refusals
from cases.rules.profile.refusals import Refused
from cases.services.intake.staging import REFS, Target, as_refs


class TooSmall(NamedTuple):
    """A staged repayment that is less than what was taken back of it: its references, and the two amounts."""

    account_ref: str
    ref: str
    amount: Decimal
    reversed_amount: Decimal

    def refusal(self, *, field: str) -> Refused:
        """Return why the row is refused; `field` is the profile's key of the amount."""
        return Refused(
            refusals.LESS_THAN_TAKEN_BACK, field=field, value=str(self.amount), reversed=str(self.reversed_amount)
        )


def take_out_too_small(*, target: Target) -> list[TooSmall]:
    """Remove the staged repayments that are less than what was taken back of the stored ones, and return them."""
    if not RepaymentReversal.objects.exists():
        return []
    with connection.cursor() as cursor:
        # LATERAL with LIMIT leaves the planner only the index of the reference.
        cursor.execute(
            f"SELECT s.account_ref, s.external_ref, s.amount, t.reversed_amount FROM {target.stage} s "  # noqa: S608  constants
            "CROSS JOIN LATERAL (SELECT reversed_amount FROM cases_repayment WHERE external_ref = s.external_ref LIMIT 1) t "
            "WHERE t.reversed_amount > s.amount"
        )
        found = [TooSmall(*row) for row in cursor.fetchall()]
        if found:
            refs = as_refs(row.ref for row in found)
            cursor.execute(f"DELETE FROM {target.stage} WHERE external_ref = ANY({REFS})", [refs])  # noqa: S608  constants
    return found


def reckon_taken_back(*, repayments: Collection[str] | None = None) -> None:
    """
    Set what was taken back of repayments, and since when nothing is left of them, from their reversals.

    `repayments` are the references of those whose reversals were written; they are marked to be settled again. Without
    them it is done for those with reversals whose own row was changed since promises and plans were settled.
    """
    is_corrected = "r.settle_again AND r.reversed_amount > 0"
    which = is_corrected if repayments is None else f"r.external_ref = ANY({REFS})"
    differs = "(r.reversed_amount, r.void_on) IS DISTINCT FROM (found.total, found.void_on)"
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_repayment r SET reversed_amount = found.total, void_on = found.void_on, settle_again = true "  # noqa: S608  constants
            "FROM (SELECT r.id, COALESCE(MAX(back.sum), 0) AS total, "
            "             MIN(back.reversed_on) FILTER (WHERE back.sum >= r.amount) AS void_on "
            "      FROM cases_repayment r LEFT JOIN LATERAL ("
            "          SELECT reversed_on, SUM(amount) OVER (ORDER BY reversed_on, id) AS sum "
            "          FROM cases_repaymentreversal WHERE repayment_id = r.id) back ON true "
            f"     WHERE {which} GROUP BY r.id) found "
            f"WHERE found.id = r.id AND ({differs} OR NOT r.settle_again)",
            [] if repayments is None else [as_refs(sorted(repayments))],
        )


def wake_settlement() -> None:
    """Announce that promises and plans are to be settled again, if repayments were changed; the night does it anyway."""
    if Repayment.objects.filter(settle_again=True).exists():
        enqueue("cases.tasks.settle_promises")
