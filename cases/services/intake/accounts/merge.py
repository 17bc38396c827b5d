"""Write a prepared batch of account rows, and count what became of each row."""

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import compress

from django.db import connection

from backoffice.access.models import Territory
from cases.rules.profile.records import TerritoryCard
from cases.rules.profile.refusals import Refused
from cases.services.intake.accounts.doubts import merge_doubts
from cases.services.intake.accounts.records import PreparedAccounts
from cases.services.intake.accounts.tables import (
    ACCOUNT,
    ADDRESS,
    APPLICATION,
    BORROWER,
    DOUBT,
    PHONE,
    REPAYMENT,
    STATEMENT,
    TARGETS,
)
from cases.services.intake.accounts.territories import settle_territories
from cases.services.intake.feed import Outcome, count_outcome, ids_by_ref, rows_refused_by_merge
from cases.services.intake.repayments import reckon_taken_back, take_out_too_small
from cases.services.intake.staging import REFS, Target, as_refs


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """Which records the merge wrote: by reference whether each is new, and ids of accounts with new parts."""

    borrowers: dict[str, bool]
    accounts: dict[str, bool]
    accounts_with_parts: set[int]


def merge_accounts(
    *, prepared: PreparedAccounts, account: Target, reads_personal: bool, doubtful_fields: Sequence[str], at: datetime
) -> Outcome:
    """
    Merge the staged rows of a batch into the tables and return how many rows changed what.

    Needs a transaction and staging tables that are empty. `account` is the table of accounts with or without their
    figures, `reads_personal` as in `look_up_accounts`, `doubtful_fields`
    as in `merge_doubts`.
    """
    for target in TARGETS:
        target.copy(prepared.staged[target.stage])
    refused = _take_out_refused() if prepared.staged[REPAYMENT.stage] else {}
    rejects = rows_refused_by_merge(prepared=prepared, problems=refused)
    if refused:
        prepared = _without(prepared, refused)
    written = _merge_tables(prepared, account, at)
    if prepared.borrower_digests or not reads_personal:
        changed = [
            ref
            for ref, is_new in written.borrowers.items()
            if not is_new and (ref in prepared.borrower_digests or not reads_personal)
        ]
        _forget_digests_of_other_accounts(changed, prepared.refs)
    if len(written.accounts) < len(prepared.refs):
        _keep_new_digests()
    moved = settle_territories(borrower_refs=sorted(prepared.placed_borrowers), at=at)
    outcome = _count(prepared, written, moved)
    outcome.doubtful = merge_doubts(
        # A new borrower has no doubts of an earlier file.
        borrower_refs=sorted(prepared.changed_borrowers),
        fields=doubtful_fields,
        is_staged=bool(prepared.staged[DOUBT.stage]),
        at=at,
    )
    outcome.rejects = rejects
    return outcome


def make_territories(*, cards: Sequence[TerritoryCard]) -> None:
    """Create the territories of a profile that do not exist yet."""
    by_code = {card.code: card for card in cards}
    if not by_code:
        return
    existing = Territory.objects.filter(code__in=by_code).values_list("code", flat=True)
    missing = [by_code[code] for code in by_code.keys() - set(existing)]
    if missing:
        Territory.objects.bulk_create(
            [
                Territory(code=card.code, name=card.name, name_en=card.name_en, time_zone=card.time_zone)
                for card in missing
            ],
            ignore_conflicts=True,
        )


def _take_out_refused() -> dict[str, Refused]:
    """
    Take out the staged rows with a repayment that is less than what was taken back of it; return why, by account.

    The borrower of such a row is written: other rows of the batch may have the same one.
    """
    refused = {row.account_ref: row.refusal(field="repayments.amount") for row in take_out_too_small(target=REPAYMENT)}
    if refused:
        gone = as_refs(sorted(refused))
        with connection.cursor() as cursor:
            for target, column in ((ACCOUNT, "external_ref"), (STATEMENT, "account_ref"), (REPAYMENT, "account_ref")):
                cursor.execute(f"DELETE FROM {target.stage} WHERE {column} = ANY({REFS})", [gone])  # noqa: S608  constants
    return refused


def _without(prepared: PreparedAccounts, refused: Container[str]) -> PreparedAccounts:
    kept = [ref not in refused for ref in prepared.refs]
    return replace(
        prepared,
        refs=list(compress(prepared.refs, kept)),
        owners=list(compress(prepared.owners, kept)),
        numbers=list(compress(prepared.numbers, kept)),
        cells=list(compress(prepared.cells, kept)),
    )


def _merge_tables(prepared: PreparedAccounts, account: Target, at: datetime) -> _Written:
    """Merge borrowers before accounts before their parts: rows find their partner, and intakes lock in one order."""
    borrowers = {}
    if prepared.staged[BORROWER.stage]:
        borrowers = {row.reference: row.is_new for row in BORROWER.merge(at=at)}
    for target in (PHONE, ADDRESS, APPLICATION):
        if prepared.staged[target.stage]:
            target.merge(at=at)
    accounts = {row.reference: row.is_new for row in account.merge(at=at)}
    parts = {
        row.reference
        for target in (STATEMENT, REPAYMENT)
        if prepared.staged[target.stage]
        for row in target.merge(at=at)
    }
    if prepared.staged[REPAYMENT.stage]:
        reckon_taken_back()
    return _Written(borrowers=borrowers, accounts=accounts, accounts_with_parts=parts)


def _count(prepared: PreparedAccounts, written: _Written, moved: set[str]) -> Outcome:
    """
    Count a row as changed if its account, its borrower, or a statement or repayment of the account was written.

    `moved` are borrowers whose territory has changed.
    """
    created = {ref for ref, is_new in written.accounts.items() if is_new}
    if len(created) == len(prepared.refs):
        return Outcome(created=len(created))
    changed = {ref for ref, is_new in written.accounts.items() if not is_new}
    pairs = zip(prepared.refs, prepared.owners, strict=True)
    changed |= {ref for ref, owner in pairs if owner in written.borrowers or owner in moved}
    if written.accounts_with_parts:
        rest = [ref for ref in prepared.refs if ref not in created and ref not in changed]
        ids = ids_by_ref(table="cases_account", refs=rest)
        changed |= {ref for ref, pk in ids.items() if pk in written.accounts_with_parts}
    return count_outcome(refs=prepared.refs, created=created, changed=changed)


def _forget_digests_of_other_accounts(borrowers: Sequence[str], refs: Sequence[str]) -> None:
    """
    Clear the row digests of the changed borrowers' accounts that are not in `refs`.

    Those rows hold the borrower's former content. If one comes again it has to be read, even if its cells are the same.
    """
    if not borrowers:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_account a SET source_digest = ''::bytea FROM cases_borrower b "  # noqa: S608  constants
            f"WHERE b.external_ref = ANY({REFS}) AND a.borrower_id = b.id AND a.source_digest <> ''::bytea "
            f"AND a.external_ref <> ALL({REFS})",
            [as_refs(sorted(borrowers)), as_refs(refs)],
        )


def _keep_new_digests() -> None:
    """Store the row digest of accounts that the merge left unchanged, so that the same row is not read again."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE cases_account a SET source_digest = s.source_digest FROM {ACCOUNT.stage} s "  # noqa: S608  constants
            "WHERE a.external_ref = s.external_ref AND a.source_digest <> s.source_digest"
        )
