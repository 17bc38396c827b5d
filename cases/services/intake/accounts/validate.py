"""Rows that contradict the file, the territories or the stored accounts, and rows older than the stored account."""

from collections.abc import Sequence, Set
from typing import Any

from cases.rules.profile import refusals
from cases.rules.profile.read_columns import ReadColumns
from cases.rules.profile.refusals import Refused
from cases.services.intake.accounts.records import KnownAccount, KnownAccounts
from cases.services.intake.duplicates import refuse_repeated


def take_out_unfit_rows(*, read: ReadColumns, known: KnownAccounts, updates_only: bool) -> dict[int, dict[str, Any]]:
    """
    Take rows that cannot be merged as they are out of `read`; return the account fields of the older ones by position.

    A refused row gets its problems in `read.problems`: its account occurs earlier in the file, its territory is
    unknown, its borrower is new and without one, its account belongs to another borrower, or (with `updates_only`) does not exist. A sound row whose figures
    are older than the stored account's is returned. Positions are those of the batch that was read.
    """
    account = read.single["account"]
    problems = refuse_repeated(refs=account["external_ref"], earlier=set(known.earlier_refs), section="account")
    repeated = set(problems)
    for section in ("borrower", "account"):
        codes = read.single.get(section, {}).get("territory", [])
        for position, refused in _unknown_territories(codes, known.territories):
            if position not in repeated:
                problems.setdefault(position, []).append(refused)
    if known.borrowers is not None and not updates_only:
        for position, owner in enumerate(read.single["borrower"]["external_ref"]):
            if owner not in known.borrowers and position not in repeated:
                missing = Refused(refusals.NO_TERRITORY, field="borrower.territory", value=owner)
                problems.setdefault(position, []).append(missing)
    older: dict[int, dict[str, Any]] = {}
    if known.accounts or updates_only:
        owners = None if updates_only else read.single["borrower"]["external_ref"]
        for position, (ref, as_of) in enumerate(zip(account["external_ref"], account["as_of"], strict=True)):
            if position in repeated:
                continue
            stored = known.accounts.get(ref)
            contradiction = _contradiction(ref, owners[position] if owners else None, stored)
            if contradiction is not None:
                problems.setdefault(position, []).append(contradiction)
            elif stored is not None and as_of < stored.as_of and position not in problems:
                older[position] = {name: values[position] for name, values in account.items()}
    read.problems.update((read.sound[position], found) for position, found in problems.items())
    older_in_batch = {read.sound[position]: values for position, values in older.items()}
    read.keep(without=(*problems, *older))
    return older_in_batch


def _unknown_territories(codes: Sequence[str | None], known: Set[str]) -> list[tuple[int, Refused]]:
    if {code for code in codes if code} <= known:
        return []
    return [
        (position, Refused(refusals.NO_SUCH_TERRITORY, field="borrower.territory", value=code))
        for position, code in enumerate(codes)
        if code and code not in known
    ]


def _contradiction(ref: str, owner: str | None, stored: KnownAccount | None) -> Refused | None:
    """Return why the row contradicts the stored account; `owner` is None where rows name no borrower."""
    if stored is None:
        return None if owner is not None else Refused(refusals.NO_SUCH_ACCOUNT, field="account.external_ref", value=ref)
    if owner is not None and owner != stored.borrower_ref:
        return Refused(refusals.OTHER_BORROWER, field="borrower.external_ref", value=owner)
    return None
