"""Event rows from the file to the tables: look up, validate, stage, merge."""

from collections.abc import Container, Sequence, Set
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection, transaction

from backoffice.core.sealed.sealing import blind_indexes
from cases.rules.profile import refusals
from cases.rules.profile.column_reader import ColumnReader
from cases.rules.profile.read_columns import ReadColumns
from cases.rules.profile.records import Profile
from cases.rules.profile.refusals import Refused
from cases.rules.reversals import AskedReversal
from cases.services.contacts.reports import judge_contacts
from cases.services.intake.duplicates import refs_of_earlier_rows, refuse_repeated
from cases.services.intake.events.contact_source import report_contacts_as
from cases.services.intake.events.reversals import merge_reversals, negative_repayments
from cases.services.intake.events.schedule import derive_figures
from cases.services.intake.events.sealed import sealed_columns
from cases.services.intake.events.tables import CONTACT, EVENTS, INSTALMENT, PAYMENT, REVERSAL, Event
from cases.services.intake.feed import (
    Outcome,
    Prepared,
    RawBatch,
    count_outcome,
    ids_by_ref,
    raw_batch,
    rejected_rows,
    rows_refused_by_merge,
)
from cases.services.intake.repayments import reckon_taken_back, take_out_too_small
from cases.services.intake.staging import REFS, as_refs, begin_batch, look_up_by_index


class StoredEvent(NamedTuple):
    """A stored event: the id of its account or borrower, and of a contact its moment."""

    owner_id: int
    attempted_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEvents:
    """
    What the database holds about a batch of event rows.

    `earlier_refs` are references that earlier batches of the file used. `owner_ids` are the ids of accounts or borrowers
    by reference, `events` the stored events by reference.
    """

    earlier_refs: Set[str]
    owner_ids: dict[str, int]
    events: dict[str, StoredEvent]


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedEvents(Prepared):
    """
    Event rows ready to be merged.

    `stored_refs` are references that were stored before, `moved_refs` those of contacts that come with another moment.
    `reversals` are the rows of a file of repayments that take one back. `moments` are those of contacts,
    `name_permits` says whether one of them names a permit.
    """

    stored_refs: set[str] = field(default_factory=set)
    moved_refs: list[str] = field(default_factory=list)
    reversals: list[AskedReversal] = field(default_factory=list)
    moments: Sequence[datetime] = ()
    name_permits: bool = False


class EventFeed:
    """Rows that describe one kind of events. The steps are those of `intake.feed.Feed`."""

    def __init__(self, *, profile: Profile, header: Sequence[str], latest: date) -> None:
        self._event = EVENTS[profile.kind]
        self._profile = profile.name
        self._reader = ColumnReader(profile=profile, header=header, latest=latest)
        takes_back = "reverses" in profile.mapped(self._event.section)
        self.targets = (self._event.target, REVERSAL) if takes_back else (self._event.target,)

    def raw(self, rows: list[tuple[int, list[str]]]) -> RawBatch:
        """Return numbered rows with the references of the event and of its account or borrower."""
        section = self._event.section
        return raw_batch(
            rows=rows,
            refs=lambda cells: self._reader.column(section, "external_ref", cells),
            owners=lambda cells: self._reader.column(section, self._event.owner, cells),
        )

    def look_up(self, raw: RawBatch, previous: Prepared | None) -> KnownEvents:
        """Return which events, accounts and borrowers of the rows are stored."""
        event = self._event
        with transaction.atomic():
            look_up_by_index()
            return KnownEvents(
                earlier_refs=refs_of_earlier_rows(raw=raw, previous=previous),
                owner_ids=ids_by_ref(
                    table=event.owner_table, refs=(owner for owner in raw.owners if owner is not None)
                ),
                events=_stored_events(event, [ref for ref in raw.refs if ref is not None]),
            )

    def prepare(self, raw: RawBatch, known: KnownEvents) -> PreparedEvents:
        """Read and check the rows, and write them as COPY text."""
        event = self._event
        read = self._reader.read(raw.cells)
        unreadable = {ref for position in read.problems if (ref := raw.refs[position]) is not None}
        readable = set(read.single[event.section]["external_ref"])
        _take_out_unfit_rows(event, read, known)
        values = read.single[event.section]
        reversals = negative_repayments(values=values)
        columns: dict[str, Any] = values | {f"{event.owner}_ref": values[event.owner]}
        if reversals:
            columns = {name: _without(column, reversals) for name, column in columns.items()}
        refs = columns["external_ref"]
        if event.sealed:
            columns |= sealed_columns(event=event, values=values)
        elif values.get("number"):
            indexes = blind_indexes(texts=values["number"], kind="phone")
            columns["number_index"] = [index or None for index in indexes]
        return PreparedEvents(
            rows=len(raw.cells),
            rejects=rejected_rows(read=read, numbers=raw.numbers, cells=raw.cells),
            refs=values["external_ref"],
            numbers=[raw.numbers[position] for position in read.sound],
            cells=[raw.cells[position] for position in read.sound],
            staged={event.target.stage: event.target.text(columns=columns, count=len(refs))},
            unsound_refs=unreadable - known.earlier_refs - readable,
            stored_refs={ref for ref in refs if ref in known.events},
            moved_refs=[
                ref
                # Only contacts have the column.
                for ref, at in zip(refs, values.get("attempted_at", ()), strict=False)
                if ref in known.events and known.events[ref].attempted_at != at
            ],
            reversals=list(reversals.values()),
            moments=values.get("attempted_at", ()),
            name_permits=any(values.get("permit_ref", ())),
        )

    def merge(self, prepared: PreparedEvents, at: datetime) -> Outcome:
        """Write the batch; `at` stamps what is written."""
        target = self._event.target
        begin_batch(self.targets)
        if not prepared.refs:
            return Outcome()
        target.copy(prepared.staged[target.stage])
        refused: dict[str, Refused] = {}
        if target is PAYMENT:
            refused = {row.ref: row.refusal(field="repayment.amount") for row in take_out_too_small(target=target)}
        if prepared.moved_refs:
            _move_contacts(prepared.moved_refs)
        if target is CONTACT:
            report_contacts_as(profile=self._profile, at=at)
        written = {row.reference for row in target.merge(at=at)}
        changed = (written & prepared.stored_refs) | set(prepared.moved_refs)
        if changed and target is PAYMENT:
            _forget_digests_of_accounts(sorted(changed))
            reckon_taken_back()
        if changed_or_new := written | changed if target is CONTACT else set():
            judge_contacts(refs=sorted(changed_or_new), first=min(prepared.moments), last=max(prepared.moments), at=at)
        if written and target is INSTALMENT:
            derive_figures(at=at)
        # After the repayments: a file may hold a repayment and its reversal.
        reversals = merge_reversals(rows=prepared.reversals, at=at)
        refused |= reversals.refused
        outcome = count_outcome(
            refs=(ref for ref in prepared.refs if ref not in refused),
            created=written - prepared.stored_refs | reversals.created,
            changed=changed | reversals.changed,
        )
        outcome.rejects = rows_refused_by_merge(prepared=prepared, problems=refused)
        return outcome


def _without(column: Sequence[Any], positions: Container[int]) -> list[Any]:
    return [value for position, value in enumerate(column) if position not in positions]


def _take_out_unfit_rows(event: Event, read: ReadColumns, known: KnownEvents) -> None:
    """Take out rows whose reference occurs twice or belongs to somebody else, and rows without a stored owner."""
    values = read.single[event.section]
    refs = values["external_ref"]
    problems = refuse_repeated(refs=refs, earlier=set(known.earlier_refs), section=event.section)
    no_such_owner = refusals.NO_SUCH_ACCOUNT if event.owner == "account" else refusals.NO_SUCH_BORROWER
    for position, (ref, owner) in enumerate(zip(refs, values[event.owner], strict=True)):
        if position in problems:
            continue
        owner_id = known.owner_ids.get(owner)
        if owner_id is None:
            problems[position] = [Refused(no_such_owner, field=f"{event.section}.{event.owner}", value=owner)]
        elif ref in known.events and known.events[ref].owner_id != owner_id:
            problems[position] = [Refused(refusals.OTHER_OWNER, field=f"{event.section}.external_ref", value=ref)]
    read.problems.update((read.sound[position], found) for position, found in problems.items())
    read.keep(without=problems)


def _stored_events(event: Event, refs: list[str]) -> dict[str, StoredEvent]:
    moment = "attempted_at" if event.target is CONTACT else "NULL"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT external_ref, {event.owner}_id, {moment} FROM {event.target.table} WHERE external_ref = ANY({REFS})",  # noqa: S608  constants
            [as_refs(refs)],
        )
        return {ref: StoredEvent(owner_id, attempted_at) for ref, owner_id, attempted_at in cursor.fetchall()}


def _move_contacts(refs: list[str]) -> None:
    """Correct the moment of stored contacts; each row moves to the partition of its month."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE cases_contactattempt t SET attempted_at = s.attempted_at FROM {CONTACT.stage} s "  # noqa: S608  constants
            f"WHERE s.external_ref = ANY({REFS}) AND t.external_ref = s.external_ref",
            [as_refs(refs)],
        )


def _forget_digests_of_accounts(repayments: list[str]) -> None:
    """Clear the row digest of accounts whose repayments were corrected: their rows may hold the former amount."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_account SET source_digest = ''::bytea WHERE source_digest <> ''::bytea AND id IN "  # noqa: S608  constants
            f"(SELECT account_id FROM cases_repayment WHERE external_ref = ANY({REFS}))",
            [as_refs(repayments)],
        )
