"""The tables that event rows are merged into, how each column follows, and which record each kind of event belongs to."""

from dataclasses import dataclass, replace
from typing import Final

from cases.enums import ContactOutcome, Direction, PromiseState, RecordKind, ReversalReason
from cases.services.intake.accounts.tables import REPAYMENT
from cases.services.intake.staging import Target, sql_word, stored_parent

# A message that was read counts as reached only where the feed says so.
_SPOKEN: Final = ", ".join(sql_word(word) for word in (ContactOutcome.RIGHT_PARTY, ContactOutcome.TALK_REFUSED))
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
        ("permit_ref", "text"),
    ),
    joins=stored_parent(table="cases_borrower", alias="b", ref="s.borrower_ref"),
    # The table is partitioned by month, so its unique key holds the moment. A known contact that comes with another
    # moment is moved before the merge.
    key=("external_ref", "attempted_at"),
    key_values=("s.external_ref", "s.attempted_at"),
    values={
        "channel": "s.channel",
        "direction": f"COALESCE(s.direction, t.direction, {sql_word(Direction.OUTBOUND)})",
        "outcome": "s.outcome",
        # Without a flag in the feed the outcome decides.
        "right_party": f"COALESCE(s.right_party, s.outcome IN ({_SPOKEN}))",
        "receipt": "COALESCE(s.receipt, t.receipt, false)",
        "cost": "COALESCE(s.cost, t.cost, 0)",
        "number_index": "COALESCE(s.number_index, t.number_index, ''::bytea)",
        "permit_ref": "COALESCE(s.permit_ref, t.permit_ref, '')",
    },
    created={"borrower_id": "b.id", "source_id": "current_setting('doorstep.contact_source')::bigint"},
    returning="external_ref",
    has_updated_at=False,
    guard="cases_contactattempt.borrower_id = EXCLUDED.borrower_id",
    is_new="false",
)
_OPEN: Final = sql_word(PromiseState.OPEN)
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
    joins=stored_parent(table="cases_account", alias="a", ref="s.account_ref"),
    key=("external_ref",),
    key_values=("s.external_ref",),
    values={
        "channel": "s.channel",
        "amount": "s.amount",
        "promised_on": "s.promised_on",
        "due_on": "s.due_on",
        # A feed that still calls a promise open does not reopen one that was settled here.
        "state": f"CASE WHEN COALESCE(s.state, {_OPEN}) = {_OPEN} THEN COALESCE(t.state, {_OPEN}) ELSE s.state END",
        "settled_on": "COALESCE(s.settled_on, t.settled_on)",
    },
    created={"account_id": "a.id", "borrower_id": "a.borrower_id"},
    # What the lender calls settled no longer follows the repayments.
    alongside={"settled_here": f"COALESCE(s.state, {_OPEN}) = {_OPEN} AND COALESCE(t.settled_here, false)"},
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
    joins=stored_parent(table="cases_borrower", alias="b", ref="s.borrower_ref"),
    key=("external_ref",),
    key_values=("s.external_ref",),
    # What was answered stays what the answer was about.
    values={
        "kind": "CASE WHEN COALESCE(t.answer, '') = '' THEN s.kind ELSE t.kind END",
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
# A later row of the same observation corrects it. Only trials read this table.
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
    joins=stored_parent(table="cases_account", alias="a", ref="s.account_ref"),
    key=("external_ref",),
    key_values=("s.external_ref",),
    values={"kind": "s.kind", "observed_on": "s.observed_on", "is_bad": "s.is_bad"},
    created={"account_id": "a.id"},
    returning="external_ref",
    has_updated_at=False,
    guard="cases_observedoutcome.account_id = EXCLUDED.account_id",
)
# A row of an older day never takes an instalment back.
INSTALMENT: Final = Target(
    table="cases_scheduledinstalment",
    stage="intake_instalment",
    staged=(
        ("external_ref", "text"),
        ("account_ref", "text"),
        ("due_on", "date"),
        ("due_amount", "numeric(14, 2)"),
        ("principal", "numeric(14, 2)"),
        ("paid_amount", "numeric(14, 2)"),
        ("paid_on", "date"),
        ("as_of", "date"),
    ),
    joins=stored_parent(table="cases_account", alias="a", ref="s.account_ref"),
    key=("external_ref",),
    key_values=("s.external_ref",),
    values={
        "due_on": "s.due_on",
        "due_amount": "s.due_amount",
        "principal": "COALESCE(s.principal, t.principal, s.due_amount)",
        "paid_amount": "COALESCE(s.paid_amount, t.paid_amount, 0)",
        # An instalment that is unpaid again has no day of payment.
        "paid_on": "CASE WHEN s.paid_amount = 0 THEN s.paid_on ELSE COALESCE(s.paid_on, t.paid_on) END",
        "as_of": "s.as_of",
    },
    created={"account_id": "a.id"},
    returning="external_ref",
    has_created_at=False,
    has_updated_at=False,
    guard="cases_scheduledinstalment.account_id = EXCLUDED.account_id AND cases_scheduledinstalment.as_of <= EXCLUDED.as_of",
)
_SEALED: Final = ("name", "id_number", "number")
RELATED: Final = Target(
    table="cases_relatedperson",
    stage="intake_related_person",
    staged=(
        ("external_ref", "text"),
        ("borrower_ref", "text"),
        ("role", "text"),
        ("since_on", "date"),
        ("ends_on", "date"),
        ("source_digest", "bytea"),
        *((column, "bytea") for name in _SEALED for column in (name, f"{name}_index")),
    ),
    joins=stored_parent(table="cases_borrower", alias="b", ref="s.borrower_ref"),
    key=("external_ref",),
    key_values=("s.external_ref",),
    values={
        "role": "s.role",
        "since_on": "COALESCE(s.since_on, t.since_on)",
        "ends_on": "COALESCE(s.ends_on, t.ends_on)",
        "source_digest": "s.source_digest",
    },
    # Sealed anew they always differ: their digest tells whether they have changed.
    alongside={column: f"COALESCE(s.{column}, ''::bytea)" for name in _SEALED for column in (name, f"{name}_index")},
    created={"borrower_id": "b.id"},
    returning="external_ref",
    guard="cases_relatedperson.borrower_id = EXCLUDED.borrower_id",
)
# The amounts have been ruled on before they are staged (events/reversals.py).
REVERSAL: Final = Target(
    table="cases_repaymentreversal",
    stage="intake_reversal",
    staged=(
        ("external_ref", "text"),
        ("repayment_ref", "text"),
        ("amount", "numeric(14, 2)"),
        ("reversed_on", "date"),
        ("reason", "text"),
    ),
    joins=stored_parent(table="cases_repayment", alias="r", ref="s.repayment_ref"),
    key=("external_ref",),
    key_values=("s.external_ref",),
    values={
        "amount": "s.amount",
        "reversed_on": "s.reversed_on",
        "reason": f"COALESCE(s.reason, t.reason, {sql_word(ReversalReason.OTHER)})",
    },
    created={"repayment_id": "r.id"},
    returning="external_ref",
    guard="cases_repaymentreversal.repayment_id = EXCLUDED.repayment_id",
)
# The table of the repayments in account rows; here a written row is identified by its reference.
PAYMENT: Final = replace(REPAYMENT, returning="external_ref")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """
    One kind of events: its section in the profile, its table, and whether it belongs to an account or a borrower.
    """

    section: str
    target: Target
    owner: str
    # Fields that are sealed, with the kind of their blind index.
    sealed: tuple[tuple[str, str], ...] = ()

    @property
    def owner_table(self) -> str:
        """The table of the account or borrower that the events belong to."""
        return f"cases_{self.owner}"


EVENTS: Final[dict[str, Event]] = {
    RecordKind.REPAYMENTS: Event(section="repayment", target=PAYMENT, owner="account"),
    RecordKind.CONTACTS: Event(section="contact", target=CONTACT, owner="borrower"),
    RecordKind.PROMISES: Event(section="promise", target=PROMISE, owner="account"),
    RecordKind.SIGNALS: Event(section="signal", target=SIGNAL, owner="borrower"),
    RecordKind.OUTCOMES: Event(section="outcome", target=OUTCOME, owner="account"),
    RecordKind.SCHEDULE: Event(section="instalment", target=INSTALMENT, owner="account"),
    RecordKind.RELATED_PEOPLE: Event(
        section="related_person",
        target=RELATED,
        owner="borrower",
        sealed=(("name", "name"), ("id_number", "id_number"), ("number", "phone")),
    ),
}
