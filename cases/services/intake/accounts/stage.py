"""Account rows as COPY text, one text for each staging table."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from cases.rules.profile.read_columns import ReadColumns
from cases.services.intake.accounts.tables import ACCOUNT, REPAYMENT, STATEMENT


class _StagedRepayment(NamedTuple):
    """One repayment in the order of the staging table's columns."""

    account_ref: str
    external_ref: str
    amount: Any
    paid_on: Any
    means: Any


def stage_accounts(
    *, read: ReadColumns, borrower_refs: Sequence[str], digests: Sequence[bytes] | None
) -> dict[str, str]:
    """
    Return the COPY text of accounts, statements and repayments by staging table.

    `borrower_refs` and `digests` belong to the sound rows of `read`, in their order; without `digests` the accounts
    keep none.
    """
    account = read.single["account"]
    refs = account["external_ref"]
    columns = account | {"borrower_ref": borrower_refs, "source_digest": digests}
    return {
        ACCOUNT.stage: ACCOUNT.text(columns=columns, count=len(refs)),
        STATEMENT.stage: _statement_text(read, refs),
        REPAYMENT.stage: _repayment_text(read, refs),
    }


def _statement_text(read: ReadColumns, refs: Sequence[str]) -> str:
    return "".join(
        STATEMENT.text(
            columns=part.values | {"account_ref": [refs[row] for row in part.rows]},
            count=len(part.rows),
        )
        for part in read.repeated.get("statements", ())
    )


def _repayment_text(read: ReadColumns, refs: Sequence[str]) -> str:
    """
    Return the repayments, each reference once.

    If one account gives a reference twice the last one counts; if two accounts do, the first account has it.
    """
    found: dict[str, _StagedRepayment] = {}
    for part in read.repeated.get("repayments", ()):
        absent = [None] * len(part.rows)
        columns = {"account_ref": [refs[row] for row in part.rows], **part.values}
        for values in zip(*(columns.get(name, absent) for name in _StagedRepayment._fields), strict=True):
            repayment = _StagedRepayment(*values)
            if found.get(repayment.external_ref, repayment).account_ref == repayment.account_ref:
                found[repayment.external_ref] = repayment
    if not found:
        return ""
    by_column = dict(zip(_StagedRepayment._fields, zip(*found.values(), strict=True), strict=True))
    return REPAYMENT.text(columns=by_column, count=len(found))
