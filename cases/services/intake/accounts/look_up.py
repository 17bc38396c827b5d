"""What the database holds about a batch of account rows, and which of the rows need not be read at all."""

from collections.abc import Sequence, Set

from django.db import connection, transaction

from backoffice.access.models import Territory
from cases.services.intake.accounts.records import KnownAccount, KnownAccounts, PreparedAccounts
from cases.services.intake.duplicates import refs_of_earlier_rows
from cases.services.intake.feed import RawBatch
from cases.services.intake.staging import REFS, as_refs, look_up_by_index


def look_up_accounts(
    *,
    raw: RawBatch,
    previous: PreparedAccounts | None,
    was_rolled_back: bool,
    profile_territories: Set[str],
    reads_personal: bool,
    brings_borrowers: bool,
) -> KnownAccounts:
    """
    Return what the database holds about `raw`, as it will be after the previous batch is merged.

    `was_rolled_back` says that the previous batch leaves nothing behind (a dry run). `reads_personal` says that rows
    hold names, identity numbers, telephones or addresses, which are compared by the borrower's digest; `brings_borrowers`
    that rows name the territory of their borrower, without which none can be made.
    """
    with transaction.atomic():
        look_up_by_index()
        earlier = refs_of_earlier_rows(raw=raw, previous=previous)
        pending = None if was_rolled_back else previous
        unchanged = _unchanged_positions(raw, earlier, pending)
        to_read = [position for position in range(len(raw.refs)) if position not in unchanged]
        borrowers = {owner for position in to_read if (owner := raw.owners[position]) is not None}
        needs_digests = reads_personal or not brings_borrowers
        digests = borrower_digests(refs=sorted(borrowers)) if needs_digests else {}
        stored = None if brings_borrowers else frozenset(digests)
        if pending is not None:
            digests.update((ref, digest) for ref, digest in pending.borrower_digests.items() if ref in borrowers)
        return KnownAccounts(
            to_read=to_read,
            earlier_refs=earlier,
            territories={*Territory.objects.values_list("code", flat=True), *profile_territories},
            accounts=_known_accounts(sorted({ref for position in to_read if (ref := raw.refs[position]) is not None})),
            borrower_digests=digests,
            borrowers=stored,
        )


def _unchanged_positions(raw: RawBatch, earlier: set[str], pending: PreparedAccounts | None) -> set[int]:
    """
    Return the positions of the rows whose account was last written from exactly the same cells.

    A row does not count if its account occurs twice in the file, or if another row of this batch or of the pending one
    may change its borrower.
    """
    if not raw.digests:
        return set()
    comparable = [
        position
        for position, ref in enumerate(raw.refs)
        if ref is not None and raw.digests[position] and ref not in earlier
    ]
    same = _same_digest([raw.refs[position] or "" for position in comparable], [raw.digests[p] for p in comparable])
    found = {comparable[place] for place in same}
    if not found:
        return found
    repeated = _repeated_positions(raw.refs)
    changing = {raw.owners[position] for position in range(len(raw.refs)) if position not in found}
    if pending is not None:
        changing |= pending.changed_borrowers
    return {
        position
        for position in found
        if position not in repeated and (raw.owners[position] is None or raw.owners[position] not in changing)
    }


def _repeated_positions(refs: Sequence[str | None]) -> set[int]:
    seen: set[str | None] = set()
    repeated = set()
    for position, ref in enumerate(refs):
        if ref in seen:
            repeated.add(position)
        seen.add(ref)
    return repeated


def _same_digest(refs: Sequence[str], digests: Sequence[bytes]) -> list[int]:
    """Return the positions of the accounts in `refs` that were last written from a row with the digest beside it."""
    if not refs:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT place - 1 FROM unnest({REFS}, {REFS}) WITH ORDINALITY row (ref, digest, place) "  # noqa: S608  constants
            "CROSS JOIN LATERAL (SELECT source_digest FROM cases_account WHERE external_ref = row.ref LIMIT 1) stored "
            "WHERE source_digest = decode(row.digest, 'hex')",
            [as_refs(refs), as_refs(map(bytes.hex, digests))],
        )
        return [place for (place,) in cursor.fetchall()]


def borrower_digests(*, refs: Sequence[str]) -> dict[str, bytes]:
    """Return the digests of the stored borrowers by reference; a borrower that no file has brought has b""."""
    if not refs:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT external_ref, source_digest FROM cases_borrower WHERE external_ref = ANY({REFS})",  # noqa: S608  constants
            [as_refs(refs)],
        )
        return {ref: bytes(digest) for ref, digest in cursor.fetchall()}


def _known_accounts(refs: Sequence[str]) -> dict[str, KnownAccount]:
    if not refs:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.external_ref, b.external_ref, a.as_of FROM cases_account a CROSS JOIN LATERAL "  # noqa: S608  constants
            "(SELECT external_ref FROM cases_borrower WHERE id = a.borrower_id LIMIT 1) b "
            f"WHERE a.external_ref = ANY({REFS})",
            [as_refs(refs)],
        )
        return {ref: KnownAccount(borrower_ref, as_of) for ref, borrower_ref, as_of in cursor.fetchall()}
