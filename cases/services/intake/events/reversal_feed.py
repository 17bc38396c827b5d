"""Rows that take repayments back, from the file to the table."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import transaction

from cases.rules.profile.column_reader import ColumnReader
from cases.rules.profile.records import Profile
from cases.rules.reversals import AskedReversal
from cases.services.intake.duplicates import refs_of_earlier_rows, refuse_repeated
from cases.services.intake.events.reversals import asked_reversals, merge_reversals
from cases.services.intake.events.tables import REVERSAL
from cases.services.intake.feed import (
    Outcome,
    Prepared,
    RawBatch,
    count_outcome,
    raw_batch,
    rejected_rows,
    rows_refused_by_merge,
)
from cases.services.intake.staging import begin_batch, look_up_by_index

_SECTION = "reversal"


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedReversals(Prepared):
    """Rows that were read; what each takes back depends on the stored reversals, so the merge rules on them."""

    reversals: list[AskedReversal] = field(default_factory=list)


class ReversalFeed:
    """Rows that take repayments back. The steps are those of `intake.feed.Feed`."""

    targets = (REVERSAL,)

    def __init__(self, *, profile: Profile, header: Sequence[str], latest: date) -> None:
        self._reader = ColumnReader(profile=profile, header=header, latest=latest)

    def raw(self, rows: list[tuple[int, list[str]]]) -> RawBatch:
        """Return numbered rows with the references of the reversals and of the repayments they take back."""
        return raw_batch(
            rows=rows,
            refs=lambda cells: self._reader.column(_SECTION, "external_ref", cells),
            owners=lambda cells: self._reader.column(_SECTION, "repayment", cells),
        )

    def look_up(self, raw: RawBatch, previous: Prepared | None) -> set[str]:
        """Return the references of the rows that earlier batches of the file used."""
        with transaction.atomic():
            look_up_by_index()
            return refs_of_earlier_rows(raw=raw, previous=previous)

    def prepare(self, raw: RawBatch, known: set[str]) -> PreparedReversals:
        """Read and check the rows."""
        read = self._reader.read(raw.cells)
        unreadable = {ref for position in read.problems if (ref := raw.refs[position]) is not None}
        readable = set(read.single[_SECTION]["external_ref"])
        refs = read.single[_SECTION]["external_ref"]
        problems = refuse_repeated(refs=refs, earlier=known, section=_SECTION)
        read.problems.update((read.sound[position], found) for position, found in problems.items())
        read.keep(without=problems)
        reversals = asked_reversals(values=read.single[_SECTION])
        return PreparedReversals(
            rows=len(raw.cells),
            rejects=rejected_rows(read=read, numbers=raw.numbers, cells=raw.cells),
            refs=[row.ref for row in reversals],
            numbers=[raw.numbers[position] for position in read.sound],
            cells=[raw.cells[position] for position in read.sound],
            unsound_refs=unreadable - known - readable,
            reversals=reversals,
        )

    def merge(self, prepared: PreparedReversals, at: datetime) -> Outcome:
        """Write the batch; `at` stamps what is written."""
        begin_batch(self.targets)
        merged = merge_reversals(rows=prepared.reversals, at=at)
        outcome = count_outcome(
            refs=(ref for ref in prepared.refs if ref not in merged.refused),
            created=merged.created,
            changed=merged.changed,
        )
        outcome.rejects = rows_refused_by_merge(prepared=prepared, problems=merged.refused)
        return outcome
