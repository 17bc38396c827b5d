"""Rows that describe borrowers alone: whole customers, or one telephone or address a row."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from django.db import transaction

from backoffice.access.models import Territory
from cases.enums import RecordKind
from cases.rules.profile import refusals
from cases.rules.profile.column_reader import ColumnReader
from cases.rules.profile.read_columns import ReadColumns
from cases.rules.profile.records import Profile
from cases.rules.profile.refusals import Refused
from cases.services.intake.accounts.borrowers import StagedBorrowers, stage_borrowers, stage_contact_details
from cases.services.intake.accounts.coordinates import convert_coordinates
from cases.services.intake.accounts.doubts import doubtful_fields, merge_doubts
from cases.services.intake.accounts.look_up import borrower_digests
from cases.services.intake.accounts.merge import make_territories
from cases.services.intake.accounts.tables import ADDRESS, APPLICATION, BORROWER, DOUBT, PHONE
from cases.services.intake.feed import Outcome, Prepared, RawBatch, count_outcome, ids_by_ref, raw_batch, rejected_rows
from cases.services.intake.staging import begin_batch

# Sealed anew, the coordinates of a known address always differ: one that has some keeps them.
_KNOWN_ADDRESS: Final = replace(
    ADDRESS, values=ADDRESS.values | {"point": "COALESCE(NULLIF(t.point, ''::bytea), s.point, ''::bytea)"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownBorrowers:
    """What the database holds about a batch: digests of the stored borrowers by reference, and the known territories."""

    digests: dict[str, bytes]
    territories: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedBorrowers(Prepared):
    """Rows ready to be merged; `digests` are of borrowers whose content is new or has changed, `known` are stored."""

    digests: dict[str, bytes] = field(default_factory=dict)
    known: frozenset[str] = frozenset()


class BorrowerFeed:
    """
    Rows of borrowers (BORROWERS), or of their telephones and addresses (CONTACT_DETAILS).

    The steps are those of `intake.feed.Feed`. A borrower may have several rows: they add up within a batch.
    """

    def __init__(self, *, profile: Profile, header: Sequence[str], latest: date) -> None:
        self._profile = profile
        self._adds = profile.kind == RecordKind.CONTACT_DETAILS
        self._section, self._name = ("contact_detail", "borrower") if self._adds else ("borrower", "external_ref")
        self._reader = ColumnReader(profile=profile, header=header, latest=latest)
        self._address = _KNOWN_ADDRESS if self._adds else ADDRESS
        self.targets = (BORROWER, PHONE, self._address, APPLICATION, DOUBT)

    def raw(self, rows: list[tuple[int, list[str]]]) -> RawBatch:
        """Return numbered rows with the references of their borrowers."""
        return raw_batch(
            rows=rows,
            refs=lambda cells: self._reader.column(self._section, self._name, cells),
            owners=lambda cells: [None] * len(cells),
        )

    def look_up(self, raw: RawBatch, previous: PreparedBorrowers | None) -> KnownBorrowers:
        """Return which borrowers of the rows are stored, once the previous batch is merged."""
        refs = {ref for ref in raw.refs if ref is not None}
        with transaction.atomic():
            digests = borrower_digests(refs=sorted(refs))
            codes = {*Territory.objects.values_list("code", flat=True)}
        if previous is not None:
            digests.update((ref, digest) for ref, digest in previous.digests.items() if ref in refs)
        return KnownBorrowers(
            digests=digests, territories=frozenset(codes | {card.code for card in self._profile.territories})
        )

    def prepare(self, raw: RawBatch, known: KnownBorrowers) -> PreparedBorrowers:
        """Read, check and seal the rows."""
        read = self._reader.read(raw.cells)
        convert_coordinates(read=read, datum=self._profile.file.datum)
        self._take_out_unfit_rows(read, known)
        refs = read.single[self._section][self._name]
        staged: StagedBorrowers
        if self._adds:
            staged = stage_contact_details(read=read, refs=refs)
        else:
            staged = stage_borrowers(read=read, refs=refs, known_digests=known.digests, reads_personal=True)
        return PreparedBorrowers(
            rows=len(raw.cells),
            rejects=rejected_rows(read=read, numbers=raw.numbers, cells=raw.cells),
            refs=refs,
            staged=staged.text,
            digests=staged.digests,
            known=frozenset(known.digests),
        )

    def merge(self, prepared: PreparedBorrowers, at: datetime) -> Outcome:
        """Write the batch; `at` stamps what is written."""
        begin_batch(self.targets)
        make_territories(cards=self._profile.territories)
        if not prepared.refs:
            return Outcome()
        for target in self.targets:
            target.copy(prepared.staged.get(target.stage, ""))
        borrowers = {row.reference: row.is_new for row in BORROWER.merge(at=at)}
        parts = {row.reference for target in (PHONE, self._address) for row in target.merge(at=at)}
        if prepared.staged.get(APPLICATION.stage):
            parts |= {row.reference for row in APPLICATION.merge(at=at)}
        ids = ids_by_ref(table="cases_borrower", refs=prepared.refs) if parts else {}
        outcome = count_outcome(
            refs=prepared.refs,
            created={ref for ref, is_new in borrowers.items() if is_new},
            changed={*borrowers} | {ref for ref, pk in ids.items() if pk in parts},
        )
        outcome.doubtful = merge_doubts(
            borrower_refs=sorted(prepared.digests.keys() & prepared.known),
            fields=doubtful_fields(profile=self._profile),
            is_staged=bool(prepared.staged.get(DOUBT.stage)),
            at=at,
        )
        return outcome

    def _take_out_unfit_rows(self, read: ReadColumns, known: KnownBorrowers) -> None:
        """Take out rows of an unknown territory, and those of unknown borrowers that cannot be made."""
        refs = read.single[self._section][self._name]
        codes = read.single.get("borrower", {}).get("territory") or [None] * len(refs)
        problems: dict[int, list[Refused]] = {}
        for position, (ref, code) in enumerate(zip(refs, codes, strict=True)):
            if code and code not in known.territories:
                problem = Refused(refusals.NO_SUCH_TERRITORY, field="borrower.territory", value=code)
            elif ref in known.digests or (code and not self._adds):
                continue
            elif self._adds:
                problem = Refused(refusals.NO_SUCH_BORROWER, field="contact_detail.borrower", value=ref)
            else:
                problem = Refused(refusals.NO_TERRITORY, field="borrower.territory")
            problems[position] = [problem]
        read.problems.update((read.sound[position], found) for position, found in problems.items())
        read.keep(without=problems)
