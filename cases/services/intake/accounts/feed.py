"""Taking in rows that describe borrowers and accounts, with statements, repayments, telephones and addresses."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import itemgetter
from typing import Any, Final

from django.db import connection, transaction

from backoffice.access.models import Territory
from backoffice.core.sealed.sealing import row_digester
from cases.rules.profile import refusals
from cases.rules.profile.column_reader import ColumnReader, ReadColumns
from cases.rules.profile.records import Profile
from cases.rules.profile.refusals import Refused
from cases.services.intake.accounts.borrowers import stage_people
from cases.services.intake.accounts.older_rows import LateRow, settle_late
from cases.services.intake.accounts.tables import ACCOUNT, ADDRESS, BORROWER, PHONE, REPAYMENT, STATEMENT, TARGETS
from cases.services.intake.feed import (
    Cells,
    Outcome,
    Prepared,
    RawBatch,
    RejectedRow,
    brought_before,
    counted,
    raw_batch,
    refs_known,
    refuse_repeated,
)
from cases.services.intake.staging import REFS, as_refs, begin_batch, look_up_by_index

# Of what rows are read by, beside the profile. Raise it when the same text comes to mean something else.
READING: Final = "1"
_PERSONAL: Final = ("name", "id_number")


@dataclass(slots=True, kw_only=True)
class KnownAccounts:
    """What the database knows of a batch. `open` are the positions of the rows that have to be read."""

    open: Sequence[int]
    brought: set[str]
    territories: set[str]
    # Reference of the borrower and day of the figures, by account.
    accounts: dict[str, tuple[str, date]]
    people: dict[str, bytes]


@dataclass(slots=True, kw_only=True)
class PreparedAccounts(Prepared):
    """Account rows ready to be merged. `digests` are of borrowers whose content is new, `changed` of known ones."""

    digests: dict[str, bytes] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)
    late: list[LateRow] = field(default_factory=list)


class AccountFeed:
    """Rows that describe accounts, on their way in; see `intake_batch.Feed`."""

    targets = TARGETS

    def __init__(self, *, profile: Profile, header: Sequence[str], latest: date, dry_run: bool) -> None:
        self._profile = profile
        self._dry_run = dry_run
        self._reader = ColumnReader(profile=profile, header=header, latest=latest)
        self._width = len(header)
        mapped = sorted({header.index(c) for c in profile.columns})
        self._said = itemgetter(*mapped) if len(mapped) > 1 else lambda cells: tuple(cells[p] for p in mapped)
        read_by = "\x1f".join((READING, profile.fingerprint, *(header[p] for p in mapped)))
        self._digest = row_digester(kind="account row", salt=read_by.encode("utf-8", "surrogatepass"))
        personal = (
            profile.mapped("phones") | profile.mapped("addresses") | (profile.mapped("borrower") & set(_PERSONAL))
        )
        self._sealed_too = bool(personal) and not profile.updates_only

    def raw(self, rows: list[tuple[int, list[str]]]) -> RawBatch:
        return raw_batch(
            rows=rows,
            refs=lambda cells: self._reader.column("account", "external_ref", cells),
            owners=lambda cells: self._reader.column("borrower", "external_ref", cells),
            digest=self._row_digest if self._profile.fingerprint else None,
        )

    def _row_digest(self, cells: Cells) -> bytes:
        return self._digest("\x1f".join(self._said(cells))) if len(cells) == self._width else b""

    def look(self, raw: RawBatch, before: PreparedAccounts | None) -> KnownAccounts:
        with transaction.atomic():
            look_up_by_index()
            brought = brought_before(raw=raw, before=before)
            # What a dry run prepared before was taken back.
            overlay = None if self._dry_run else before
            unchanged = self._unchanged(raw, brought, overlay)
            open_ = [p for p in range(len(raw.refs)) if p not in unchanged]
            owners = {o for p in open_ if (o := raw.owners[p]) is not None}
            people = _person_digests(sorted(owners)) if self._sealed_too else {}
            if overlay is not None:
                people.update((o, d) for o, d in overlay.digests.items() if o in owners)
            return KnownAccounts(
                open=open_,
                brought=brought,
                territories={
                    *Territory.objects.values_list("code", flat=True),
                    *(t.code for t in self._profile.territories),
                },
                accounts=_accounts(sorted({r for p in open_ if (r := raw.refs[p]) is not None})),
                people=people,
            )

    def _unchanged(self, raw: RawBatch, brought: set[str], before: PreparedAccounts | None) -> set[int]:
        """
        Return the positions of the rows that stand in the accounts already, word for word.

        Not those of a borrower whom another row of this batch or of the one before it may change.
        """
        if not raw.digests:
            return set()
        known = [p for p, ref in enumerate(raw.refs) if ref is not None and raw.digests[p] and ref not in brought]
        found = {known[n] for n in _standing([(raw.refs[p] or "", raw.digests[p]) for p in known])}
        if not found:
            return found
        seen: set[str] = set()
        twice = {p for p, ref in enumerate(raw.refs) if ref in seen or seen.add(ref)}  # type: ignore[arg-type,func-returns-value]
        changing = {raw.owners[p] for p in range(len(raw.refs)) if p not in found} | (
            before.changed if before else set()
        )
        return {p for p in found if p not in twice and (raw.owners[p] is None or raw.owners[p] not in changing)}

    def prepare(self, raw: RawBatch, known: KnownAccounts) -> PreparedAccounts:
        cells = [raw.cells[p] for p in known.open]
        read = self._reader.read(cells)
        unread = set(read.problems)
        readable = set(read.single["account"]["external_ref"])
        late = self._refuse(read, known)
        done = PreparedAccounts(rows=len(raw.cells), unchanged=len(raw.cells) - len(cells))
        done.rejects = [
            RejectedRow(number=raw.numbers[known.open[p]], cells=cells[p], problems=problems)
            for p, problems in sorted(read.problems.items())
        ]
        done.late = [
            LateRow(number=raw.numbers[known.open[p]], cells=cells[p], account=account) for p, account in late.items()
        ]
        account = read.single["account"]
        done.refs, done.owners = account["external_ref"], self._owners(read, known)
        done.unsound = {r for p in unread if (r := raw.refs[known.open[p]]) is not None} - known.brought - readable
        people, done.digests = stage_people(
            read=read, refs=done.owners, known=known.people, sealed_too=self._sealed_too
        )
        done.changed = {o for o in done.digests if o in known.people}
        digests = [raw.digests[known.open[p]] for p in read.sound] if raw.digests else None
        done.staged = people | {
            ACCOUNT.stage: ACCOUNT.text(
                columns=account | {"borrower_ref": done.owners, "source_digest": digests}, count=len(done.refs)
            ),
            STATEMENT.stage: "".join(
                STATEMENT.text(columns=p.values | {"account_ref": _of(p.rows, done.refs)}, count=len(p.rows))
                for p in read.repeated.get("statements", ())
            ),
            REPAYMENT.stage: _repayment_text(read, done.refs),
        }
        return done

    def _owners(self, read: ReadColumns, known: KnownAccounts) -> list[str]:
        if self._profile.updates_only:
            return [known.accounts[ref][0] for ref in read.single["account"]["external_ref"]]
        return read.single["borrower"]["external_ref"]

    def _refuse(self, read: ReadColumns, known: KnownAccounts) -> dict[int, dict[str, Any]]:
        """
        Take out the rows that contradict the file, the territories or what is known, with their problems, and those
        that are older than what is known; return the accounts of the latter by their position in the batch.
        """
        account = read.single["account"]
        refs = account["external_ref"]
        refused = refuse_repeated(refs=refs, brought=known.brought, section="account")
        problems: dict[int, list[Refused]] = dict(refused)
        for section in ("borrower", "account"):
            codes = read.single.get(section, {}).get("territory", [])
            if not {c for c in codes if c} <= known.territories:
                for position, code in enumerate(codes):
                    if code and code not in known.territories and position not in refused:
                        problems.setdefault(position, []).append(
                            Refused(refusals.NO_SUCH_TERRITORY, field="borrower.territory", value=code)
                        )
        late: dict[int, dict[str, Any]] = {}
        owners = read.single.get("borrower", {}).get("external_ref")
        if known.accounts or self._profile.updates_only:
            for position, (ref, as_of) in enumerate(zip(refs, account["as_of"], strict=True)):
                if position in refused:
                    continue
                there = known.accounts.get(ref)
                problem = self._against(ref, owners[position] if owners else None, there)
                if problem is not None:
                    problems.setdefault(position, []).append(problem)
                elif there is not None and as_of < there[1] and position not in problems:
                    late[position] = {name: values[position] for name, values in account.items()}
        read.problems.update((read.sound[p], found) for p, found in problems.items())
        found = {read.sound[p]: values for p, values in late.items()}
        read.keep((*problems, *late))
        return found

    def _against(self, ref: str, owner: str | None, there: tuple[str, date] | None) -> Refused | None:
        if there is None:
            if self._profile.updates_only:
                return Refused(refusals.NO_SUCH_ACCOUNT, field="account.external_ref", value=ref)
            return None
        if not self._profile.updates_only and owner != there[0]:
            return Refused(refusals.OTHER_BORROWER, field="borrower.external_ref", value=str(owner))
        return None

    def merge(self, prepared: PreparedAccounts, at: datetime) -> Outcome:
        begin_batch(TARGETS)
        self._make_territories()
        stale, rejected = settle_late(rows=prepared.late, said=self._profile.mapped("account"))
        prepared.rejects += rejected
        outcome = Outcome(unchanged=prepared.unchanged + stale)
        if not prepared.refs:
            return outcome
        for target in TARGETS:
            target.copy(prepared.staged[target.stage])
        # In this order, so that partners are there and two intakes lock rows in one order.
        borrowers = dict(BORROWER.merge(at=at)) if prepared.staged[BORROWER.stage] else {}
        for target in (PHONE, ADDRESS):
            if prepared.staged[target.stage]:
                target.merge(at=at)
        accounts = dict(ACCOUNT.merge(at=at))
        children = {
            pk for target in (STATEMENT, REPAYMENT) if prepared.staged[target.stage] for pk, _new in target.merge(at=at)
        }
        if prepared.digests or not self._sealed_too:
            _forget_rows_of(
                [o for o, new in borrowers.items() if not new and (o in prepared.digests or not self._sealed_too)],
                prepared.refs,
            )
        if len(accounts) < len(prepared.refs):
            _renew_row_digests()
        found = self._counted(prepared, accounts, borrowers, children)
        found.unchanged += outcome.unchanged
        return found

    def _counted(
        self, prepared: PreparedAccounts, accounts: dict[str, bool], borrowers: dict[str, bool], children: set[int]
    ) -> Outcome:
        created = {ref for ref, new in accounts.items() if new}
        if len(created) == len(prepared.refs):
            return Outcome(created=len(created))
        touched = {ref for ref, new in accounts.items() if not new}
        touched |= {r for r, owner in zip(prepared.refs, prepared.owners, strict=True) if owner in borrowers}
        if children:
            rest = [r for r in prepared.refs if r not in created and r not in touched]
            touched |= {ref for ref, pk in refs_known(table="cases_account", refs=rest).items() if pk in children}
        return counted(refs=prepared.refs, created=created, touched=touched)

    def _make_territories(self) -> None:
        """Make the territories that the profile names and that are not there."""
        cards = {t.code: t for t in self._profile.territories}
        if not cards:
            return
        known = Territory.objects.filter(code__in=cards).values_list("code", flat=True)
        absent = [cards[c] for c in cards.keys() - set(known)]
        if absent:
            Territory.objects.bulk_create(
                [Territory(code=t.code, name=t.name, name_en=t.name_en, time_zone=t.time_zone) for t in absent],
                ignore_conflicts=True,
            )


def _of(rows: Iterable[int], refs: Sequence[str]) -> list[str]:
    return [refs[r] for r in rows]


def _repayment_text(read: ReadColumns, refs: Sequence[str]) -> str:
    """Of one reference the last of a row counts; one that an earlier account of the batch has is that account's."""
    found: dict[str, tuple[Any, ...]] = {}
    names = [n for n, _kind in REPAYMENT.staged]
    for part in read.repeated.get("repayments", ()):
        columns = part.values | {"account_ref": _of(part.rows, refs)}
        nothing = [None] * len(part.rows)
        for row in zip(*(columns.get(n, nothing) for n in names), strict=True):
            if found.get(row[1], row)[0] == row[0]:
                found[row[1]] = row
    if not found:
        return ""
    return REPAYMENT.text(columns=dict(zip(names, zip(*found.values(), strict=True), strict=True)), count=len(found))


def _standing(rows: list[tuple[str, bytes]]) -> list[int]:
    """Return the positions of the rows (account, digest) that accounts came from."""
    if not rows:
        return []
    refs, digests = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT place - 1 FROM unnest({REFS}, {REFS}) WITH ORDINALITY row (ref, digest, place) "  # noqa: S608  constants
            "CROSS JOIN LATERAL (SELECT source_digest FROM cases_account WHERE external_ref = row.ref LIMIT 1) there "
            "WHERE source_digest = decode(row.digest, 'hex')",
            [as_refs(refs), as_refs(map(bytes.hex, digests))],
        )
        return [place for (place,) in cursor.fetchall()]


def _person_digests(refs: list[str]) -> dict[str, bytes]:
    if not refs:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT external_ref, source_digest FROM cases_borrower WHERE external_ref = ANY({REFS})",  # noqa: S608  constants
            [as_refs(refs)],
        )
        return {ref: bytes(digest) for ref, digest in cursor.fetchall()}


def _accounts(refs: list[str]) -> dict[str, tuple[str, date]]:
    if not refs:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT a.external_ref, b.external_ref, a.as_of FROM cases_account a CROSS JOIN LATERAL "  # noqa: S608  constants
            "(SELECT external_ref FROM cases_borrower WHERE id = a.borrower_id LIMIT 1) b "
            f"WHERE a.external_ref = ANY({REFS})",
            [as_refs(refs)],
        )
        return {ref: (owner, as_of) for ref, owner, as_of in cursor.fetchall()}


def _forget_rows_of(borrowers: list[str], refs: Sequence[str]) -> None:
    """
    Forget the rows that the other accounts of changed borrowers came from.

    They say of the borrower what stands there no longer: coming again, they are to be read.
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


def _renew_row_digests() -> None:
    """Let accounts that stand as the row says know the row, so that it is not read again."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_account a SET source_digest = s.source_digest FROM intake_account s "
            "WHERE a.external_ref = s.external_ref AND a.source_digest <> s.source_digest"
        )
