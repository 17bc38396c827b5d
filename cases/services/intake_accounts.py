"""Taking in rows that describe borrowers and accounts, with statements, repayments, telephones and addresses."""

import json
from datetime import date, datetime
from typing import Any

from django.db import connection

from backoffice.core.sealing import blind_index, keyed_digest, seal
from cases.rules import refusals
from cases.services.intake_batch import Batch, BatchRow, Outcome, counted, plain, refs_known, refuse_repeated
from cases.services.intake_staging import begin_batch, not_seen
from cases.services.intake_tables import (
    ACCOUNT,
    ACCOUNT_NAMES,
    ADDRESS,
    BORROWER,
    PHONE,
    REPAYMENT,
    REPAYMENT_NAMES,
    STATEMENT,
    STATEMENT_NAMES,
    TARGETS,
)


def take_accounts(*, batch: Batch, at: datetime) -> Outcome:
    """
    Merge the sound rows of a batch and return what became of them. Rows that cannot be taken get a problem.

    Needs a transaction. The number of statements does not depend on the number of rows.
    """
    begin_batch(TARGETS)
    _refuse(batch)
    taken = batch.sound
    rows = [r for r in taken if not r.is_stale]
    if not rows:
        return Outcome(unchanged=len(taken))
    _stage_borrowers(batch, rows)
    ACCOUNT.copy(_account_row(r, batch) for r in rows)
    STATEMENT.copy(
        (r.read.single["account"]["external_ref"], *plain(s, STATEMENT_NAMES))
        for r in rows for s in r.read.repeated.get("statements", ())
    )  # fmt: skip
    REPAYMENT.copy(
        (r.read.single["account"]["external_ref"], *plain(p, REPAYMENT_NAMES))
        for r in rows for p in _one_of_each(r.read.repeated.get("repayments", ()))
    )  # fmt: skip
    borrowers = {ref for ref, _new in BORROWER.merge(at=at)}
    PHONE.merge(at=at)
    ADDRESS.merge(at=at)
    accounts = ACCOUNT.merge(at=at)
    children = {ref for target in (STATEMENT, REPAYMENT) for ref, _new in target.merge(at=at)}
    created = {ref for ref, new in accounts if new}
    touched = {ref for ref, new in accounts if not new}
    refs = {r.read.single["account"]["external_ref"]: r.read.single["borrower"]["external_ref"] for r in rows}
    touched |= {ref for ref, borrower in refs.items() if borrower in borrowers}
    if children:
        touched |= {ref for ref, pk in refs_known(table="cases_account", refs=refs).items() if pk in children}
    outcome = counted(refs=refs, created=created, touched=touched)
    outcome.unchanged += len(taken) - len(rows)
    return outcome


def _refuse(batch: Batch) -> None:
    """Give a problem to rows that contradict the file, the territories or what is known already."""
    rows = batch.sound
    refuse_repeated(
        rows=rows, section="account", seen=not_seen([r.read.single["account"]["external_ref"] for r in rows])
    )
    rows = batch.sound
    known = _known_accounts([r.read.single["account"]["external_ref"] for r in rows])
    late: list[tuple[BatchRow, dict[str, Any]]] = []
    for row in rows:
        account = row.read.single["account"]
        borrower = row.read.single.setdefault(
            "borrower", {"external_ref": None, "territory": None, "last_app_login_at": None}
        )
        for section in (borrower, account):
            code = section["territory"]
            if code and code not in batch.territories:
                row.refuse(refusals.NO_SUCH_TERRITORY, field="borrower.territory", value=code)
        there = known.get(account["external_ref"])
        if there is None:
            if batch.profile.updates_only:
                row.refuse(refusals.NO_SUCH_ACCOUNT, field="account.external_ref", value=account["external_ref"])
            continue
        if batch.profile.updates_only:
            borrower["external_ref"] = there["borrower_ref"]
        if borrower["external_ref"] != there["borrower_ref"]:
            row.refuse(refusals.OTHER_BORROWER, field="borrower.external_ref", value=str(borrower["external_ref"]))
        elif account["as_of"] < there["as_of"]:
            late.append((row, there))
    for row, there in late:
        _settle_late(row, there, batch)


def _settle_late(row: BatchRow, there: dict[str, Any], batch: Batch) -> None:
    """
    A feed that is older than what is known moves nothing back: a row that says what is known passes as unchanged,
    one that says otherwise is refused.
    """
    account = row.read.single["account"]
    said = {
        n for n in batch.profile.mapped("account") if n in ACCOUNT_NAMES and n != "as_of" and account[n] is not None
    }
    if any(account[n] != there[n] for n in said):
        known: date = there["as_of"]
        row.refuse(
            refusals.OLDER_THAN_KNOWN, field="account.as_of", value=str(account["as_of"]), known=known.isoformat()
        )
    else:
        row.is_stale = True


def _known_accounts(refs: list[str]) -> dict[str, dict[str, Any]]:
    names = ", ".join(f"a.{n}" for n in ACCOUNT_NAMES)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT a.external_ref, b.external_ref, {names} FROM cases_account a "  # noqa: S608  constants
            "CROSS JOIN LATERAL (SELECT external_ref FROM cases_borrower WHERE id = a.borrower_id LIMIT 1) b WHERE a.external_ref = ANY(%s)",
            [refs],
        )
        return {
            ref: dict(zip(ACCOUNT_NAMES, values, strict=True)) | {"borrower_ref": borrower}
            for ref, borrower, *values in cursor.fetchall()
        }


def _account_row(row: BatchRow, batch: Batch) -> tuple[Any, ...]:
    account = row.read.single["account"]
    return (
        account["external_ref"],
        row.read.single["borrower"]["external_ref"],
        batch.territories.get(account["territory"] or ""),
        *plain(account, ACCOUNT_NAMES),
    )


def _one_of_each(payments: Any) -> list[dict[str, Any]]:
    return list({p["external_ref"]: p for p in payments}.values())


def _stage_borrowers(batch: Batch, rows: list[BatchRow]) -> None:
    """
    Stage the people of a batch. What is sealed is staged only where its keyed digest has changed.

    Rows of one borrower are put together: the last one's name counts, telephones and addresses add up.
    """
    people: dict[str, dict[str, Any]] = {}
    for row in rows:
        single = row.read.single["borrower"]
        person = people.setdefault(single["external_ref"], {"phones": {}, "addresses": {}})
        person.update({k: v for k, v in single.items() if v is not None or k not in person})
        for phone in row.read.repeated.get("phones", ()):
            if phone["number"]:
                person["phones"][phone["number"]] = True
        for address in row.read.repeated.get("addresses", ()):
            if address["line"]:
                person["addresses"][address["kind"] or "RESIDENCE", address["line"]] = address
    stored = _stored_digests(list(people))
    borrowers: list[tuple[Any, ...]] = []
    phones: list[tuple[Any, ...]] = []
    addresses: list[tuple[Any, ...]] = []
    for ref, person in people.items():
        digest = _digest(person)
        territory = batch.territories.get(person.get("territory") or "")
        if digest is None or stored.get(ref) == digest:
            borrowers.append((ref, territory, person["last_app_login_at"], None, None, None, None, None))
            continue
        borrowers.append((
            ref, territory, person["last_app_login_at"], *_sealed(person.get("name"), "name", "name", ref),
            *_sealed(person.get("id_number"), "id_number", "id_number", ref), digest,
        ))  # fmt: skip
        phones += [_phone_row(ref, number) for number in person["phones"]]
        addresses += [_address_row(ref, kind, address) for (kind, _line), address in person["addresses"].items()]
    BORROWER.copy(borrowers)
    PHONE.copy(phones)
    ADDRESS.copy(addresses)


def _digest(person: dict[str, Any]) -> bytes | None:
    """Return the digest of what is sealed, None if the feed says nothing of it."""
    content = [
        person.get("name"), person.get("id_number"), sorted(person["phones"]),
        [sorted((k, str(v)) for k, v in person["addresses"][key].items()) for key in sorted(person["addresses"])],
    ]  # fmt: skip
    if content == [None, None, [], []]:
        return None
    return keyed_digest(text=json.dumps(content, ensure_ascii=False), kind="borrower")


def _stored_digests(refs: list[str]) -> dict[str, bytes]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT external_ref, source_digest FROM cases_borrower WHERE external_ref = ANY(%s)", [refs])
        return {ref: bytes(digest) for ref, digest in cursor.fetchall()}


def _sealed(text: str | None, field: str, kind: str, ref: str) -> tuple[bytes | None, bytes | None]:
    if text is None:
        return None, None
    return seal(text=text, place=f"cases_borrower.{field}", bound_to=ref), blind_index(text=text, kind=kind)


def _phone_row(ref: str, number: str) -> tuple[Any, ...]:
    index = blind_index(text=number, kind="phone")
    own = f"{ref}-{index[:8].hex()}"
    return ref, own, seal(text=number, place="cases_borrowerphone.number", bound_to=own), index


def _address_row(ref: str, kind: str, address: dict[str, Any]) -> tuple[Any, ...]:
    line = address["line"]
    own = f"{ref}-{keyed_digest(text=f'{kind}:{line}', kind='address')[:8].hex()}"
    point = None
    if address["latitude"] is not None and address["longitude"] is not None:
        point = f"{address['latitude']:.6f},{address['longitude']:.6f}"
    return (
        ref, own, kind, seal(text=line, place="cases_address.line", bound_to=own),
        None if point is None else seal(text=point, place="cases_address.point", bound_to=own),
        *plain(address, ("adcode", "is_rural", "source", "confidence", "first_seen_on", "last_verified_on")),
    )  # fmt: skip
