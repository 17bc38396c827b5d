"""
The ledger of terms: the lines that instruct the core to change an account, their events, and the core's answers.

The lender's core owns the terms. A line is written in the transaction of the approval, with its event in the outbox. Its
`effect_key` is deterministic (account, decision, field), so a change is instructed once. The account here changes only
when the core has acknowledged the line.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from django.core.exceptions import EmptyResultSet
from django.db import transaction
from django.db.models import Case, CharField, DateField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.fields.json import KT
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, Missing, StateConflict
from backoffice.core.transitions import move_all
from backoffice.outbox.models import OutboxEvent
from backoffice.outbox.services import add_events_from
from cases.enums import AccountStatus, DecisionKind, DecisionState, PlanState, TermsField
from cases.models import Account, Decision, TermsChange
from cases.rules.lifecycle import DECISION, STANDING_DECISION
from cases.services.casework.digests import text_digest
from cases.services.casework.reevaluation import mark_for_reevaluation

TOPIC = "terms.changed"
COLUMNS = (
    "account_id",
    "decision_id",
    "field",
    "before",
    "after",
    "effective_on",
    "expires_on",
    "effect_key",
    "opt_in_required",
    "refused_reason",
    "created_at",
)

_TEXT = CharField()
_LIMIT = Q(kind__in=(DecisionKind.LIMIT_INCREASE, DecisionKind.LIMIT_CUT))
_RATE = Q(kind=DecisionKind.RATE_REDUCTION)
_STATUS = Q(kind=DecisionKind.FREEZE)
# The collection of an account that no decision has changed.
NORMAL_COLLECTION = "NORMAL"
_COLLECTION = {
    DecisionKind.GRACE: "PAUSED",
    DecisionKind.SPECIAL_CARE: "CEASED",
    DecisionKind.LEGAL: "LEGAL",
    DecisionKind.PLAN: "ON_PLAN",
}

_FIELD = Case(
    When(_LIMIT, then=Value(str(TermsField.LIMIT))),
    When(_RATE, then=Value(str(TermsField.RATE))),
    When(_STATUS, then=Value(str(TermsField.STATUS))),
    default=Value(str(TermsField.COLLECTION)),
    output_field=_TEXT,
)
_BEFORE = Case(
    When(_LIMIT, then=Cast("account__credit_limit", _TEXT)),
    When(_RATE, then=Cast("account__annual_rate", _TEXT)),
    When(_STATUS, then=F("account__status")),
    default=Value(NORMAL_COLLECTION),
    output_field=_TEXT,
)
_AFTER = Case(
    When(_LIMIT, then=KT("terms__limit")),
    When(_RATE, then=KT("terms__rate")),
    When(_STATUS, then=Value(str(AccountStatus.FROZEN))),
    *(When(kind=kind, then=Value(word)) for kind, word in _COLLECTION.items()),
    output_field=_TEXT,
)


def write_terms_changes(*, decisions: QuerySet[Decision], at: datetime) -> int:
    """
    Write the ledger line of each decision and add its event; return how many lines are new.

    One statement for any number. Closing a case changes no terms; a plan changes them once it is agreed. Run again it
    changes nothing.

    :raises RuntimeError: if there is no transaction.
    """
    instructing = decisions.exclude(kind=DecisionKind.CLOSE).filter(
        ~Q(kind=DecisionKind.PLAN) | Q(plan__state=PlanState.ACTIVE)
    )
    return _instruct(instructing, field=_FIELD, before=_BEFORE, after=_AFTER, at=at)


def write_plan_rate_change(*, decision: Decision, at: datetime) -> int:
    """Write the ledger line of an agreed plan's annual rate, where it differs from the account's; return 0 or 1."""
    rows = Decision.objects.filter(pk=decision.pk).exclude(account__annual_rate=F("plan__annual_rate"))
    return _instruct(
        rows,
        field=Value(str(TermsField.RATE), output_field=_TEXT),
        before=Cast("account__annual_rate", _TEXT),
        after=Cast("plan__annual_rate", _TEXT),
        at=at,
    )


def write_reversals(
    *, decisions: QuerySet[Decision], suffix: str, at: datetime, fields: Sequence[str] = tuple(TermsField.values)
) -> int:
    """
    Write the lines that set back what ended decisions changed, and add their events; return how many lines are new.

    `suffix` ("expired", "reversed") ends the effect key, so that a change is set back once. Lines that the core refused
    are left out, and so are fields that a later decision in force has changed since. `fields` limits the terms set back.
    """
    later = TermsChange.objects.filter(
        account=OuterRef("account"),
        field=OuterRef("field"),
        decision__gt=OuterRef("decision"),
        decision__state__in=STANDING_DECISION,
    )
    rows = (
        TermsChange.objects.filter(decision__in=decisions.values("pk"), field__in=fields)
        .filter(Q(refused_reason="") | Q(acknowledged_at__isnull=False))
        .exclude(Exists(later))
    )
    key = Concat("effect_key", Value(f"-{suffix}"), output_field=_TEXT)
    return _write(
        rows.values_list(
            "account_id",
            "decision_id",
            "field",
            F("after"),
            F("before"),
            Value(localdate(at)),
            Value(None, output_field=DateField()),
            key,
            Value(False),
            Value(""),
            Value(at),
        ),
        at=at,
    )


def _instruct(
    rows: QuerySet[Decision], *, field: Combinable, before: Combinable, after: Combinable, at: datetime
) -> int:
    key = Concat(Cast("account_id", _TEXT), Value("-"), Cast("pk", _TEXT), Value("-"), field, output_field=_TEXT)
    opt_in = Case(When(kind=DecisionKind.LIMIT_INCREASE, then=Value(True)), default=Value(False))
    return _write(
        rows.values_list(
            "account_id",
            "pk",
            field,
            before,
            after,
            Value(localdate(at)),
            "expires_on",
            key,
            opt_in,
            Value(""),
            Value(at),
        ),
        at=at,
    )


# One statement writes lines and events, so that an event is added for exactly the lines that are new. A second statement
# that reads the lines back joins them by nested loop, because the planner has no statistics of them: 300 lines took 12 s.
_NEW_LINES: Final = """
    line AS (
        INSERT INTO {table} ({columns}) {rows} ON CONFLICT (effect_key) DO NOTHING
        RETURNING id, account_id, decision_id, field, before, after, effective_on, expires_on, effect_key, opt_in_required
    )"""
_EVENTS: Final = """
    SELECT line.effect_key AS key, jsonb_build_object(
        'effect_key', line.effect_key, 'account', account.external_ref, 'decision', line.decision_id,
        'kind', decision.kind, 'field', line.field, 'before', line.before, 'after', line.after,
        'currency', account.currency, 'effective_on', line.effective_on, 'expires_on', line.expires_on,
        'opt_in_required', line.opt_in_required
    ) AS payload
    FROM line
    JOIN {accounts} account ON account.id = line.account_id
    JOIN {decisions} decision ON decision.id = line.decision_id
    ORDER BY line.id"""


def _write(rows: "QuerySet[Any, Any]", *, at: datetime) -> int:
    """Write the lines that `rows` selects in the order of COLUMNS, add the event of each new one, and count those."""
    try:
        selected, params = rows.query.sql_with_params()
    except EmptyResultSet:
        return 0
    lines = _NEW_LINES.format(table=TermsChange._meta.db_table, columns=", ".join(COLUMNS), rows=selected)
    events = _EVENTS.format(accounts=Account._meta.db_table, decisions=Decision._meta.db_table)
    return add_events_from(topic=TOPIC, changes=lines, events=events, params=params, at=at)


@transaction.atomic
def acknowledge_terms_change(
    *, effect_key: str, accepted: bool, actor: Any, at: datetime, refused_reason: str = ""
) -> TermsChange:
    """
    Record the core's answer to one line. If it is accepted, the account here is updated and, once all lines of the
    decision are accepted, the decision is in force.

    The same answer again changes nothing. A refusal is kept with its reason (cut to 200 characters) and the decision keeps
    its state, for a person to resolve; the core may still accept later. The door has checked the caller's scope.

    :raises Missing: if there is no line of that key.
    :raises InvalidInput: if a refusal has no reason.
    :raises StateConflict: if the core refuses what it has accepted before.
    """
    change: TermsChange | None = (
        TermsChange.objects.select_for_update(no_key=True).filter(effect_key=effect_key).first()
    )
    if change is None:
        raise Missing(_("There is no terms change of this key."))
    if not accepted and not refused_reason.strip():
        raise InvalidInput(_("Give a reason."), field="refused_reason")
    if change.acknowledged_at is not None:
        if not accepted:
            raise StateConflict
        return change
    if not accepted:
        if change.refused_reason == "":
            change.refused_reason = refused_reason.strip()[:200]
            change.sent_at = change.sent_at or at
            change.save(update_fields=["refused_reason", "sent_at"])
            digest = text_digest(text=change.refused_reason, kind="terms.refusal")
            _record_answer(change, "terms.refused", actor=actor, at=at, reason_digest=digest)
        return change
    change.acknowledged_at, change.sent_at, change.refused_reason = at, change.sent_at or at, ""
    change.effective_on = localdate(at)
    change.save(update_fields=["acknowledged_at", "sent_at", "refused_reason", "effective_on"])
    _update_account(change, at=at)
    _put_in_force(change, at=at)
    mark_for_reevaluation(
        borrowers=Account.objects.filter(pk=change.account_id).values_list("borrower_id", flat=True), at=at
    )
    _record_answer(change, "terms.acknowledged", actor=actor, at=at)
    return change


def _update_account(change: TermsChange, *, at: datetime) -> None:
    """Write the accepted value to the account. Collection has no column there: the decision's state is the record."""
    # An emptied digest makes intake read the core's next row, even one that is equal to the last.
    account = Account.objects.filter(pk=change.account_id)
    if change.field == TermsField.LIMIT:
        # The first cut records the limit before it; a restored limit may not exceed that for twelve months.
        cut = Decimal(change.after) < Decimal(change.before)
        kept = {"pre_default_limit": Coalesce("pre_default_limit", Value(Decimal(change.before)))} if cut else {}
        account.update(credit_limit=Decimal(change.after), source_digest=b"", updated_at=at, **kept)
    elif change.field == TermsField.RATE:
        account.update(annual_rate=Decimal(change.after), source_digest=b"", updated_at=at)
    elif change.field == TermsField.STATUS:
        account.update(status=change.after, source_digest=b"", updated_at=at)


def _put_in_force(change: TermsChange, *, at: datetime) -> None:
    waiting = TermsChange.objects.filter(decision=change.decision_id, acknowledged_at__isnull=True)
    if not waiting.exists():
        rows = Decision.objects.filter(pk=change.decision_id)
        move_all(rows=rows, lifecycle=DECISION, action="acknowledge", at=at, effective_on=change.effective_on)


def _record_answer(change: TermsChange, action: str, *, actor: Any, at: datetime, **body: str) -> None:
    record(actor=actor, action=action, subject=change, at=at, body={"effect_key": change.effect_key, **body})


@transaction.atomic
def mark_terms_sent(*, at: datetime) -> int:
    """
    Mark the lines whose events were handed over, and the decisions all of whose lines were; return how many decisions.

    A line is handed over once an endpoint receives its event; without a receiver the decision stays approved. Read from
    `OutboxEvent.receivers`, because the relay belongs to the foundation and has no access to decisions. The core may
    acknowledge a line before this sweep. At most 5,000 decisions a call.
    """
    handed_over = OutboxEvent.objects.filter(key=OuterRef("effect_key"), receivers__gt=0)
    TermsChange.objects.filter(Exists(handed_over), sent_at__isnull=True).update(sent_at=at)
    lines = TermsChange.objects.filter(decision=OuterRef("pk"))
    sent = Decision.objects.filter(
        Exists(lines), ~Exists(lines.filter(sent_at__isnull=True)), state=DecisionState.APPROVED
    )
    ids = list(sent.select_for_update(no_key=True, skip_locked=True).order_by("pk").values_list("pk", flat=True)[:5000])
    if not ids:
        return 0
    moved = move_all(rows=Decision.objects.filter(pk__in=ids), lifecycle=DECISION, action="send", at=at)
    record(actor=None, action="decision.sent", subject=("cases.decision", "set"), at=at, body={"decisions": ids})
    return moved
