"""Lines of a statement that the agency disputes, and the lender's answer to each."""

from datetime import datetime
from decimal import Decimal
from typing import Any, Final
from uuid import uuid4

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.core.scoping import must_act_everywhere
from backoffice.core.transitions import may, move
from visits.enums import StatementState
from visits.models import AgencyStatement, StatementLine
from visits.rules.statement_lifecycle import ANSWER, PREPARE, STATEMENT_LINE
from visits.services.agencies.statements import must_be_of_agency

TEXT_LENGTH: Final = 300
CENT: Final = Decimal("0.01")
LARGEST: Final = Decimal("99999999.99")


@transaction.atomic
def dispute_line(*, line: StatementLine, reason: str, actor: Any, at: datetime) -> StatementLine:
    """
    Dispute one line for its agency. `reason` (cut to 300 characters) is kept sealed; the lender answers it.

    :raises NotAllowed: if the actor is no person or program of the agency.
    :raises InvalidInput: if no reason is given.
    :raises StateConflict: if the statement does not wait for the agency, or the line was disputed before.
    """
    may(actor=actor, permission=ANSWER)
    statement = _held(line)
    must_be_of_agency(statement=statement, actor=actor)
    if not reason.strip():
        raise InvalidInput(_("Give a reason."), field="reason")
    if statement.state != StatementState.SENT:
        raise StateConflict(_("Only a statement that waits for the agency can be disputed."))
    ref = uuid4()
    sealed = StatementLine._meta.get_field("reason").sealed(text=reason.strip()[:TEXT_LENGTH], bound_to=ref)
    move(
        record=line,
        lifecycle=STATEMENT_LINE,
        action="dispute",
        actor=actor,
        at=at,
        text_ref=ref,
        reason=sealed,
        disputed_by=actor,
        disputed_at=at,
    )
    _count(statement, 1, at=at)
    _record(line, "disputed", actor=actor, at=at)
    return line


@transaction.atomic
def uphold_dispute(*, line: StatementLine, amount: Decimal, answer: str, actor: Any, at: datetime) -> StatementLine:
    """
    Correct a disputed line to `amount` in its currency; 0 says that nothing is owed for it.

    `answer` may be empty; what a person wrote is kept sealed (cut to 300 characters).

    :raises NotAllowed: if the actor is no person, or may not prepare statements in all territories.
    :raises InvalidInput: if the amount is negative, too large, has parts of a cent, or is the one that is disputed.
    :raises StateConflict: if the line is not disputed, or answered already.
    """
    _must_answer(actor)
    _held(line)
    line = StatementLine.objects.get(pk=line.pk)
    if not amount.is_finite() or not 0 <= amount <= LARGEST or amount != amount.quantize(CENT):
        raise InvalidInput(_("Give an amount of at least 0 in whole cents."), field="amount")
    if amount == line.amount:
        raise InvalidInput(_("This is the amount that is disputed; leave it as it is instead."), field="amount")
    return _answer(line, "uphold", answer=answer, actor=actor, at=at, amount=amount)


@transaction.atomic
def reject_dispute(*, line: StatementLine, answer: str, actor: Any, at: datetime) -> StatementLine:
    """
    Leave a disputed line as it is, for a reason that the agency reads (`answer`, kept sealed, cut to 300 characters).

    :raises NotAllowed: if the actor is no person, or may not prepare statements in all territories.
    :raises InvalidInput: if no reason is given.
    :raises StateConflict: if the line is not disputed, or answered already.
    """
    _must_answer(actor)
    _held(line)
    if not answer.strip():
        raise InvalidInput(_("Give a reason."), field="answer")
    return _answer(StatementLine.objects.get(pk=line.pk), "reject", answer=answer, actor=actor, at=at)


def _answer(
    line: StatementLine, action: str, *, answer: str, actor: Any, at: datetime, **changes: Any
) -> StatementLine:
    field = StatementLine._meta.get_field("answer")
    sealed = field.sealed(text=answer.strip()[:TEXT_LENGTH], bound_to=line.text_ref)
    before = line.amount
    move(
        record=line,
        lifecycle=STATEMENT_LINE,
        action=action,
        actor=actor,
        at=at,
        answer=sealed,
        answered_by=actor,
        answered_at=at,
        **changes,
    )
    _count(AgencyStatement(pk=line.statement_id), -1, at=at)
    _record(line, "answered", actor=actor, at=at, body={"before": before, "after": line.amount})
    return line


def _must_answer(actor: Any) -> None:
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission=PREPARE)
    must_act_everywhere(actor=actor)


def _held(line: StatementLine) -> AgencyStatement:
    """Return the line's statement, locked: disputes, acceptance and approval of one statement follow each other."""
    held = AgencyStatement.objects.select_for_update(no_key=True)
    return held.get(pk=line.statement_id)  # type: ignore[no-any-return]


def _count(statement: AgencyStatement, change: int, *, at: datetime) -> None:
    rows = AgencyStatement.objects.filter(pk=statement.pk)
    rows.update(open_disputes=F("open_disputes") + change, updated_at=at)


def _record(line: StatementLine, done: str, *, actor: Any, at: datetime, body: dict[str, Any] | None = None) -> None:
    named = {"statement": line.statement_id, "order": line.order_id, "basis": line.basis}
    record(actor=actor, action=f"statementline.{done}", subject=line, at=at, body=named | (body or {}))
