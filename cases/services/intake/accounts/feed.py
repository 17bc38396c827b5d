"""Account rows from the file to the tables: look up, validate, stage, merge."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Final

from backoffice.core.sealed.sealing import row_digester
from cases.rules.profile.column_reader import ColumnReader
from cases.rules.profile.read_columns import ReadColumns
from cases.rules.profile.records import Profile
from cases.services.intake.accounts.borrowers import StagedBorrowers, stage_borrowers
from cases.services.intake.accounts.coordinates import convert_coordinates
from cases.services.intake.accounts.doubts import doubtful_fields
from cases.services.intake.accounts.look_up import look_up_accounts
from cases.services.intake.accounts.merge import make_territories, merge_accounts
from cases.services.intake.accounts.older_rows import compare_older_rows
from cases.services.intake.accounts.records import KnownAccounts, OlderRow, PreparedAccounts
from cases.services.intake.accounts.stage import stage_accounts
from cases.services.intake.accounts.tables import ACCOUNT, ACCOUNT_TERMS, TARGETS
from cases.services.intake.accounts.validate import take_out_unfit_rows
from cases.services.intake.feed import Cells, Outcome, RawBatch, raw_batch, rejected_rows
from cases.services.intake.staging import begin_batch

# Part of every row digest. Raise it when the program reads the same cells differently than before.
READING_VERSION: Final = "2"
_PERSONAL: Final = frozenset({"name", "id_number", "id_document"})
# Between the texts that are digested; a cell holds no control character.
_SEPARATOR: Final = "\x1f"


class AccountFeed:
    """
    Rows that describe borrowers and accounts. The steps are those of `intake.feed.Feed`.

    One row of a file with the columns person, branch, name, account, limit, as_of; account K1 is stored with figures
    of 28 February, the borrower's name is the stored one:

        cells    ["P1", "310000", "张小三", "K1", "60,000", "2026-03-01"]
        raw      refs ["K1"], owners ["P1"], digests [keyed digest of the mapped cells]
        look_up  to_read [0], since account K1 has another digest; earlier_refs is empty;
                 accounts {"K1": KnownAccount(borrower_ref="P1", as_of=2026-02-28)}; borrower_digests {"P1": b"..."}
        prepare  staged["intake_account"] is "K1\\tP1\\t\\\\N\\tCASH\\t...\\t60000\\t..."; staged["intake_borrower"] is "",
                 since the borrower's digest is the stored one and nothing has to be sealed
        merge    one INSERT ... ON CONFLICT DO UPDATE for each table with staged rows; Outcome(updated=1)
    """

    targets = TARGETS

    def __init__(self, *, profile: Profile, header: Sequence[str], latest: date, dry_run: bool) -> None:
        self._profile = profile
        self._dry_run = dry_run
        self._reader = ColumnReader(profile=profile, header=header, latest=latest)
        self._row_digest = _row_digest(profile, header) if profile.fingerprint else None
        personal = profile.mapped("borrower") & _PERSONAL
        personal |= profile.mapped("phones") | profile.mapped("addresses") | profile.mapped("application")
        self._places_accounts = "territory" in profile.mapped("borrower") - profile.mapped("account")
        self._brings_borrowers = "territory" in profile.mapped("borrower") or profile.updates_only
        self._account = ACCOUNT_TERMS if profile.terms_only else ACCOUNT
        self._doubtful_fields = doubtful_fields(profile=profile)
        self._reads_personal = bool(personal) and not profile.updates_only

    def raw(self, rows: list[tuple[int, list[str]]]) -> RawBatch:
        """Return numbered rows with the references of account and borrower and the digest of the mapped cells."""
        return raw_batch(
            rows=rows,
            refs=lambda cells: self._reader.column("account", "external_ref", cells),
            owners=lambda cells: self._reader.column("borrower", "external_ref", cells),
            digest=self._row_digest,
        )

    def look_up(self, raw: RawBatch, previous: PreparedAccounts | None) -> KnownAccounts:
        """Return what the database will hold about the rows once the previous batch is merged."""
        return look_up_accounts(
            raw=raw,
            previous=previous,
            was_rolled_back=self._dry_run,
            profile_territories={card.code for card in self._profile.territories},
            reads_personal=self._reads_personal,
            brings_borrowers=self._brings_borrowers,
        )

    def prepare(self, raw: RawBatch, known: KnownAccounts) -> PreparedAccounts:
        """Read, check and seal the rows that are not recognised by their digest."""
        cells = [raw.cells[position] for position in known.to_read]
        numbers = [raw.numbers[position] for position in known.to_read]
        read = self._reader.read(cells)
        convert_coordinates(read=read, datum=self._profile.file.datum)
        unreadable = {ref for position in read.problems if (ref := raw.refs[known.to_read[position]]) is not None}
        readable = set(read.single["account"]["external_ref"])
        older = take_out_unfit_rows(read=read, known=known, updates_only=self._profile.updates_only)
        if self._places_accounts:
            # The row says where its account is worked; a borrower's accounts may lie in several territories.
            read.single["account"]["territory"] = list(read.single["borrower"]["territory"])
        refs = read.single["account"]["external_ref"]
        owners = self._borrower_refs(read, known)
        borrowers = stage_borrowers(
            read=read, refs=owners, known_digests=known.borrower_digests, reads_personal=self._reads_personal
        )
        digests = [raw.digests[known.to_read[position]] for position in read.sound] if raw.digests else None
        return PreparedAccounts(
            rows=len(raw.cells),
            unchanged=len(raw.cells) - len(cells),
            rejects=rejected_rows(read=read, numbers=numbers, cells=cells),
            refs=refs,
            owners=owners,
            numbers=[numbers[position] for position in read.sound],
            cells=[cells[position] for position in read.sound],
            unsound_refs=unreadable - known.earlier_refs - readable,
            staged=borrowers.text | stage_accounts(read=read, borrower_refs=owners, digests=digests),
            borrower_digests=borrowers.digests,
            changed_borrowers=borrowers.digests.keys() & known.borrower_digests.keys(),
            placed_borrowers=self._placed(borrowers, owners, read, known),
            newest_as_of=max(
                (*read.single["account"]["as_of"], *(account["as_of"] for account in older.values())), default=None
            ),
            older_rows=[
                OlderRow(number=numbers[position], cells=cells[position], account=account)
                for position, account in older.items()
            ],
        )

    def _placed(
        self, borrowers: StagedBorrowers, owners: Sequence[str], read: ReadColumns, known: KnownAccounts
    ) -> set[str]:
        """Return the borrowers whose territory may differ from those of their accounts."""
        codes = read.single["account"].get("territory")
        if codes is None:
            return set()
        if not self._reads_personal:
            # Without digests nothing tells which territories have changed.
            return {owner for owner, code in zip(owners, codes, strict=True) if code is not None}
        at_home = read.single.get("borrower", {}).get("territory", codes)
        away = {owner for owner, code, home in zip(owners, codes, at_home, strict=True) if code and code != home}
        return away | {*borrowers.divided} | (borrowers.digests.keys() & known.borrower_digests.keys())

    def merge(self, prepared: PreparedAccounts, at: datetime) -> Outcome:
        """Write the batch; `at` stamps what is written."""
        begin_batch(TARGETS)
        make_territories(cards=self._profile.territories)
        older = compare_older_rows(rows=prepared.older_rows, mapped=self._profile.mapped("account"))
        outcome = Outcome()
        if prepared.refs:
            outcome = merge_accounts(
                prepared=prepared,
                account=self._account,
                reads_personal=self._reads_personal,
                doubtful_fields=self._doubtful_fields,
                at=at,
            )
        outcome.unchanged += prepared.unchanged + older.unchanged
        outcome.rejects += older.rejects
        outcome.newest_as_of = prepared.newest_as_of
        return outcome

    def _borrower_refs(self, read: ReadColumns, known: KnownAccounts) -> list[str]:
        if self._profile.updates_only:
            return [known.accounts[ref].borrower_ref for ref in read.single["account"]["external_ref"]]
        return read.single["borrower"]["external_ref"]


def _row_digest(profile: Profile, header: Sequence[str]) -> Callable[[Cells], bytes]:
    """Return the function that digests the mapped cells of a row; b"" for a row of another width than the header."""
    positions = sorted({header.index(column) for column in profile.columns})
    columns = (header[position] for position in positions)
    salt = _SEPARATOR.join((READING_VERSION, profile.fingerprint, *columns))
    digest = row_digester(kind="account row", salt=salt.encode("utf-8", "surrogatepass"))
    width = len(header)
    # `itemgetter` of a single position returns a text, not a tuple.
    mapped = itemgetter(*positions) if len(positions) > 1 else lambda cells: [cells[p] for p in positions]

    def of_row(cells: Cells) -> bytes:
        return digest(_SEPARATOR.join(mapped(cells))) if len(cells) == width else b""

    return of_row
