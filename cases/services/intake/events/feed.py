"""Taking in rows that describe events: repayments, contact attempts, promises, suspicion signals, outcomes."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import connection, transaction

from backoffice.core.sealed.sealing import blind_indexes
from cases.enums import RecordKind
from cases.rules.profile import refusals
from cases.rules.profile.column_reader import ColumnReader, ReadColumns
from cases.rules.profile.records import Profile
from cases.rules.profile.refusals import Refused
from cases.services.intake.accounts.tables import REPAYMENT
from cases.services.intake.feed import (
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
from cases.services.intake.staging import REFS, Target, as_refs, begin_batch, look_up_by_index, parent

CONTACT: Final = Target(
    table="cases_contactattempt",
    stage="intake_contact",
    staged=(
        ("external_ref", "text"),
        ("borrower_ref", "text"),
        ("channel", "text"),
        ("direction", "text"),
        ("outcome", "text"),
        ("right_party", "boolean"),
        ("receipt", "boolean"),
        ("attempted_at", "timestamptz"),
        ("cost", "numeric(10, 4)"),
        ("number_index", "bytea"),
    ),
    joins=parent(table="cases_borrower", alias="b", ref="s.borrower_ref"),
    # Contacts stand by month: the moment belongs to the key, and another moment of a known one is corrected before.
    key=("external_ref", "attempted_at"),
    key_values=("s.external_ref", "s.attempted_at"),
    values={
        "channel": "s.channel",
        "direction": "COALESCE(s.direction, t.direction, 'OUTBOUND')",
        "outcome": "s.outcome",
        # Where the feed does not say it, the outcome does.
        "right_party": "COALESCE(s.right_party, s.outcome = 'RIGHT_PARTY')",
        "receipt": "COALESCE(s.receipt, t.receipt, false)",
        "cost": "COALESCE(s.cost, t.cost, 0)",
        "number_index": "COALESCE(s.number_index, t.number_index, ''::bytea)",
    },
    created={"borrower_id": "b.id"},
    returning="external_ref",
    has_updated_at=False,
    guard="cases_contactattempt.borrower_id = EXCLUDED.borrower_id",
    is_new="false",
)
PROMISE: Final = Target(
    table="cases_promisetopay",
    stage="intake_promise",
    staged=(
        ("external_ref", "text"),
        ("account_ref", "text"),
        ("channel", "text"),
        ("amount", "numeric(14, 2)"),
        ("promised_on", "date"),
        ("due_on", "date"),
        ("state", "text"),
        ("settled_on", "date"),
    ),
    joins=parent(table="cases_account", alias="a", ref="s.account_ref"),
    key=("external_ref",),
    key_values=("s.external_ref",),
    values={
        "channel": "s.channel",
        "amount": "s.amount",
        "promised_on": "s.promised_on",
        "due_on": "s.due_on",
        # A feed that still calls a promise open does not reopen one that was settled here.
        "state": "CASE WHEN COALESCE(s.state, 'OPEN') = 'OPEN' THEN COALESCE(t.state, 'OPEN') ELSE s.state END",
        "settled_on": "COALESCE(s.settled_on, t.settled_on)",
    },
    created={"account_id": "a.id", "borrower_id": "a.borrower_id"},
    returning="external_ref",
    guard="cases_promisetopay.account_id = EXCLUDED.account_id",
)
SIGNAL: Final = Target(
    table="cases_suspicionsignal",
    stage="intake_signal",
    staged=(
        ("external_ref", "text"),
        ("borrower_ref", "text"),
        ("kind", "text"),
        ("source", "text"),
        ("confidence", "numeric(3, 2)"),
        ("noticed_on", "date"),
        ("cleared_on", "date"),
    ),
    joins=parent(table="cases_borrower", alias="b", ref="s.borrower_ref"),
    key=("external_ref",),
    key_values=("s.external_ref",),
    values={
        "kind": "s.kind",
        "source": "s.source",
        "confidence": "s.confidence",
        "noticed_on": "s.noticed_on",
        "cleared_on": "COALESCE(s.cleared_on, t.cleared_on)",
    },
    created={"borrower_id": "b.id"},
    returning="external_ref",
    has_updated_at=False,
    guard="cases_suspicionsignal.borrower_id = EXCLUDED.borrower_id",
)
# What a feed says later of the same observation corrects it. Only trials read this table.
OUTCOME: Final = Target(
    table="cases_observedoutcome",
    stage="intake_outcome",
    staged=(
        ("external_ref", "text"),
        ("account_ref", "text"),
        ("kind", "text"),
        ("observed_on", "date"),
        ("is_bad", "boolean"),
    ),
    joins=parent(table="cases_account", alias="a", ref="s.account_ref"),
    key=("external_ref",),
    key_values=("s.external_ref",),
    values={"kind": "s.kind", "observed_on": "s.observed_on", "is_bad": "s.is_bad"},
    created={"account_id": "a.id"},
    returning="external_ref",
    has_updated_at=False,
    guard="cases_observedoutcome.account_id = EXCLUDED.account_id",
)
# The same table as the repayments of account rows, told by reference here.
PAYMENT: Final = Target(**(REPAYMENT.__dict__ | {"returning": "external_ref"}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """How one kind of rows is staged, and whose they are."""

    section: str
    target: Target
    owner: str

    @property
    def owner_table(self) -> str:
        return f"cases_{self.owner}"


EVENTS: Final[dict[str, Event]] = {
    RecordKind.REPAYMENTS: Event(section="repayment", target=PAYMENT, owner="account"),
    RecordKind.CONTACTS: Event(section="contact", target=CONTACT, owner="borrower"),
    RecordKind.PROMISES: Event(section="promise", target=PROMISE, owner="account"),
    RecordKind.SIGNALS: Event(section="signal", target=SIGNAL, owner="borrower"),
    RecordKind.OUTCOMES: Event(section="outcome", target=OUTCOME, owner="account"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEvents:
    """
    What the database knows of a batch: ids of the owners, and whose the references are that are known already, with
    the moment of a contact.
    """

    brought: set[str]
    owners: dict[str, int]
    held: dict[str, tuple[int, datetime | None]]


@dataclass(slots=True, kw_only=True)
class PreparedEvents(Prepared):
    """Event rows ready to be merged. `known` references are there already, `moved` ones with another moment."""

    known: set[str] = field(default_factory=set)
    moved: list[str] = field(default_factory=list)


class EventFeed:
    """Rows that describe events, on their way in; see `intake_batch.Feed`."""

    def __init__(self, *, profile: Profile, header: Sequence[str], latest: date) -> None:
        self._event = EVENTS[profile.kind]
        self._reader = ColumnReader(profile=profile, header=header, latest=latest)
        self.targets = (self._event.target,)

    def raw(self, rows: list[tuple[int, list[str]]]) -> RawBatch:
        section = self._event.section
        return raw_batch(
            rows=rows,
            refs=lambda cells: self._reader.column(section, "external_ref", cells),
            owners=lambda cells: self._reader.column(section, self._event.owner, cells),
        )

    def look(self, raw: RawBatch, before: Prepared | None) -> KnownEvents:
        event = self._event
        with transaction.atomic():
            look_up_by_index()
            return KnownEvents(
                brought=brought_before(raw=raw, before=before),
                owners=refs_known(table=event.owner_table, refs=(o for o in raw.owners if o is not None)),
                held=_held(event, [r for r in raw.refs if r is not None]),
            )

    def prepare(self, raw: RawBatch, known: KnownEvents) -> PreparedEvents:
        event = self._event
        read = self._reader.read(raw.cells)
        unread = {r for p in read.problems if (r := raw.refs[p]) is not None}
        unsound = unread - known.brought - set(read.single[event.section]["external_ref"])
        self._refuse(read, known)
        values = read.single[event.section]
        columns: dict[str, Any] = values | {f"{event.owner}_ref": values[event.owner]}
        if values.get("number"):
            columns["number_index"] = [i or None for i in blind_indexes(texts=values["number"], kind="phone")]
        return PreparedEvents(
            rows=len(raw.cells),
            rejects=[
                RejectedRow(number=raw.numbers[p], cells=raw.cells[p], problems=problems)
                for p, problems in sorted(read.problems.items())
            ],
            refs=values["external_ref"],
            staged={event.target.stage: event.target.text(columns=columns, count=len(read.sound))},
            unsound=unsound,
            known={r for r in values["external_ref"] if r in known.held},
            moved=[
                ref
                for ref, at in zip(values["external_ref"], values.get("attempted_at", ()), strict=False)
                if ref in known.held and known.held[ref][1] != at
            ],
        )

    def _refuse(self, read: ReadColumns, known: KnownEvents) -> None:
        """Take out rows that repeat themselves, belong to nobody, or use somebody else's reference."""
        event = self._event
        values = read.single[event.section]
        problems = refuse_repeated(refs=values["external_ref"], brought=known.brought, section=event.section)
        unknown = refusals.NO_SUCH_ACCOUNT if event.owner == "account" else refusals.NO_SUCH_BORROWER
        for position, (ref, owner) in enumerate(zip(values["external_ref"], values[event.owner], strict=True)):
            if position in problems:
                continue
            pk = known.owners.get(owner)
            if pk is None:
                problems[position] = [Refused(unknown, field=f"{event.section}.{event.owner}", value=owner)]
            elif ref in known.held and known.held[ref][0] != pk:
                problems[position] = [Refused(refusals.OTHER_OWNER, field=f"{event.section}.external_ref", value=ref)]
        read.problems.update((read.sound[p], found) for p, found in problems.items())
        read.keep(problems)

    def merge(self, prepared: PreparedEvents, at: datetime) -> Outcome:
        target = self._event.target
        begin_batch([target])
        if not prepared.refs:
            return Outcome()
        target.copy(prepared.staged[target.stage])
        if prepared.moved:
            _move_contacts(prepared.moved)
        written = {ref for ref, _new in target.merge(at=at)}
        changed = (written & prepared.known) | set(prepared.moved)
        if changed and target is PAYMENT:
            _forget_rows_of(sorted(changed))
        return counted(refs=prepared.refs, created=written - prepared.known, touched=changed)


def _held(event: Event, refs: list[str]) -> dict[str, tuple[int, datetime | None]]:
    """Return whose the references are that are known already."""
    moment = "attempted_at" if event.target is CONTACT else "NULL"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT external_ref, {event.owner}_id, {moment} FROM {event.target.table} WHERE external_ref = ANY({REFS})",  # noqa: S608  constants
            [as_refs(refs)],
        )
        return {ref: (owner, moment) for ref, owner, moment in cursor.fetchall()}


def _move_contacts(refs: list[str]) -> None:
    """Correct the moment of known contacts. Each moves to the month that it belongs to."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_contactattempt t SET attempted_at = s.attempted_at FROM intake_contact s "  # noqa: S608  constants
            f"WHERE s.external_ref = ANY({REFS}) AND t.external_ref = s.external_ref",
            [as_refs(refs)],
        )


def _forget_rows_of(repayments: list[str]) -> None:
    """Let the rows of accounts be read again that may say otherwise of these corrected repayments."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_account SET source_digest = ''::bytea WHERE source_digest <> ''::bytea AND id IN "  # noqa: S608  constants
            f"(SELECT account_id FROM cases_repayment WHERE external_ref = ANY({REFS}))",
            [as_refs(repayments)],
        )
