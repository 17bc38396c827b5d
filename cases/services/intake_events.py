"""Taking in rows that describe events: repayments, contact attempts, promises, suspicion signals, outcomes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection

from backoffice.core.sealing import blind_index
from cases.enums import RecordKind
from cases.rules import refusals
from cases.services.intake_batch import Batch, BatchRow, Outcome, counted, plain, refs_known, refuse_repeated
from cases.services.intake_staging import Target, begin_batch, not_seen, parent
from cases.services.intake_tables import REPAYMENT

Row = tuple[Any, ...]

CONTACT: Final = Target(
    table="cases_contactattempt",
    stage="intake_contact",
    staged=(
        ("external_ref", "text"), ("borrower_ref", "text"), ("channel", "text"), ("direction", "text"), ("outcome", "text"),
        ("right_party", "boolean"), ("receipt", "boolean"), ("attempted_at", "timestamptz"), ("cost", "numeric(10, 4)"),
        ("number_index", "bytea"),
    ),
    joins=parent(table="cases_borrower", alias="b", ref="s.borrower_ref"),
    key=("external_ref",),
    key_values=("s.external_ref",),
    values={
        "channel": "s.channel",
        "direction": "COALESCE(s.direction, t.direction, 'OUTBOUND')",
        "outcome": "s.outcome",
        # Where the feed does not say it, the outcome does.
        "right_party": "COALESCE(s.right_party, s.outcome = 'RIGHT_PARTY')",
        "receipt": "COALESCE(s.receipt, t.receipt, false)",
        "attempted_at": "s.attempted_at",
        "cost": "COALESCE(s.cost, t.cost, 0)",
        "number_index": "COALESCE(s.number_index, t.number_index, ''::bytea)",
    },
    created={"borrower_id": "b.id"},
    returning="external_ref",
    has_updated_at=False,
    guard="cases_contactattempt.borrower_id = EXCLUDED.borrower_id",
)  # fmt: skip
PROMISE: Final = Target(
    table="cases_promisetopay",
    stage="intake_promise",
    staged=(
        ("external_ref", "text"), ("account_ref", "text"), ("channel", "text"), ("amount", "numeric(14, 2)"),
        ("promised_on", "date"), ("due_on", "date"), ("state", "text"), ("settled_on", "date"),
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
)  # fmt: skip
SIGNAL: Final = Target(
    table="cases_suspicionsignal",
    stage="intake_signal",
    staged=(
        ("external_ref", "text"), ("borrower_ref", "text"), ("kind", "text"), ("source", "text"),
        ("confidence", "numeric(3, 2)"), ("noticed_on", "date"), ("cleared_on", "date"),
    ),
    joins=parent(table="cases_borrower", alias="b", ref="s.borrower_ref"),
    key=("external_ref",),
    key_values=("s.external_ref",),
    values={
        "kind": "s.kind", "source": "s.source", "confidence": "s.confidence", "noticed_on": "s.noticed_on",
        "cleared_on": "COALESCE(s.cleared_on, t.cleared_on)",
    },
    created={"borrower_id": "b.id"},
    returning="external_ref",
    has_updated_at=False,
    guard="cases_suspicionsignal.borrower_id = EXCLUDED.borrower_id",
)  # fmt: skip
# What a feed says later of the same observation corrects it. Only trials read this table.
OUTCOME: Final = Target(
    table="cases_observedoutcome",
    stage="intake_outcome",
    staged=(
        ("external_ref", "text"), ("account_ref", "text"), ("kind", "text"), ("observed_on", "date"), ("is_bad", "boolean"),
    ),
    joins=parent(table="cases_account", alias="a", ref="s.account_ref"),
    key=("external_ref",),
    key_values=("s.external_ref",),
    values={"kind": "s.kind", "observed_on": "s.observed_on", "is_bad": "s.is_bad"},
    created={"account_id": "a.id"},
    returning="external_ref",
    has_updated_at=False,
    guard="cases_observedoutcome.account_id = EXCLUDED.account_id",
)  # fmt: skip
# The same table as the repayments of account rows, told by reference here.
PAYMENT: Final = Target(**(REPAYMENT.__dict__ | {"returning": "external_ref"}))


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """How one kind of rows is staged, and whose they are."""

    section: str
    target: Target
    owner: str
    row: Callable[[dict[str, Any]], Row]

    @property
    def owner_table(self) -> str:
        return f"cases_{self.owner}"


def _plain_row(*names: str) -> Callable[[dict[str, Any]], Row]:
    return lambda values: plain(values, names)


def _contact_row(values: dict[str, Any]) -> Row:
    number = values["number"]
    return (
        *plain(values, ("external_ref", "borrower", "channel", "direction", "outcome", "right_party", "receipt",
                        "attempted_at", "cost")),
        None if number is None else blind_index(text=number, kind="phone"),
    )  # fmt: skip


EVENTS: Final[dict[str, Event]] = {
    RecordKind.REPAYMENTS: Event(
        section="repayment", target=PAYMENT, owner="account",
        row=_plain_row("account", "external_ref", "amount", "paid_on", "means"),
    ),
    RecordKind.CONTACTS: Event(section="contact", target=CONTACT, owner="borrower", row=_contact_row),
    RecordKind.PROMISES: Event(
        section="promise", target=PROMISE, owner="account",
        row=_plain_row("external_ref", "account", "channel", "amount", "promised_on", "due_on", "state", "settled_on"),
    ),
    RecordKind.SIGNALS: Event(
        section="signal", target=SIGNAL, owner="borrower",
        row=_plain_row("external_ref", "borrower", "kind", "source", "confidence", "noticed_on", "cleared_on"),
    ),
    RecordKind.OUTCOMES: Event(
        section="outcome", target=OUTCOME, owner="account",
        row=_plain_row("external_ref", "account", "kind", "observed_on", "is_bad"),
    ),
}  # fmt: skip


def take_events(*, batch: Batch, at: datetime) -> Outcome:
    """
    Merge the sound rows of a batch and return what became of them. Rows that cannot be taken get a problem.

    Needs a transaction. The number of statements does not depend on the number of rows.
    """
    event = EVENTS[batch.profile.kind]
    begin_batch([event.target])
    _refuse(batch.sound, event)
    rows = [r.read.single[event.section] for r in batch.sound]
    if not rows:
        return Outcome()
    event.target.copy(event.row(values) for values in rows)
    written = event.target.merge(at=at)
    return counted(
        refs=[r["external_ref"] for r in rows],
        created={ref for ref, new in written if new},
        touched={ref for ref, new in written if not new},
    )


def _refuse(rows: list[BatchRow], event: Event) -> None:
    """Give a problem to rows that repeat themselves, belong to nobody, or use somebody else's reference."""
    section, owner = event.section, event.owner
    refs = [r.read.single[section]["external_ref"] for r in rows]
    refuse_repeated(rows=rows, section=section, seen=not_seen(refs))
    owners = refs_known(table=event.owner_table, refs=[r.read.single[section][owner] for r in rows])
    held = _held(event, refs)
    unknown = refusals.NO_SUCH_ACCOUNT if owner == "account" else refusals.NO_SUCH_BORROWER
    for row in rows:
        values = row.read.single[section]
        pk = owners.get(values[owner])
        if pk is None:
            row.refuse(unknown, field=f"{section}.{owner}", value=values[owner])
        elif held.get(values["external_ref"], pk) != pk:
            row.refuse(refusals.OTHER_OWNER, field=f"{section}.external_ref", value=values["external_ref"])


def _held(event: Event, refs: list[str]) -> dict[str, int]:
    """Return whose the references are that are known already."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT external_ref, {event.owner}_id FROM {event.target.table} WHERE external_ref = ANY(%s)",  # noqa: S608  constants
            [refs],
        )
        return dict(cursor.fetchall())
