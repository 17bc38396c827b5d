"""The steps of an agency's monthly statement: sent, accepted, approved by a second person, and paid."""

from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval
from backoffice.core.scoping import must_act_everywhere
from backoffice.core.transitions import may, move
from visits.enums import StatementState
from visits.models import AgencyStatement, StatementLine
from visits.rules.statement_lifecycle import APPROVE, PREPARE, STATEMENT
from visits.rules.statement_months import answer_due, answer_is_over
from visits.selectors.statement_file import statement_csv

NOTE_LENGTH: Final = 300
REF_LENGTH: Final = 80


@transaction.atomic
def send_statement(*, statement: AgencyStatement, actor: Any, at: datetime, business_date: date) -> AgencyStatement:
    """
    Send a draft to its agency, which may dispute single lines within ten days. Whoever sends it has prepared it.

    :raises NotAllowed: if the actor is no person, or may not prepare statements in all territories.
    :raises InvalidInput: if it has no line.
    :raises StateConflict: if it is no draft.
    """
    _must_be_of_all_territories(actor)
    statement = _held(statement)
    if not statement.lines.exists():
        raise InvalidInput(_("This statement has no line; there is nothing to pay."), field="statement")
    due = answer_due(business_date)
    move(
        record=statement,
        lifecycle=STATEMENT,
        action="send",
        actor=actor,
        at=at,
        prepared_by=actor,
        sent_at=at,
        answer_due_on=due,
    )
    _record(statement, "sent", actor=actor, at=at, body={"answer_due_on": due})
    return statement


@transaction.atomic
def accept_statement(*, statement: AgencyStatement, actor: Any, at: datetime) -> AgencyStatement:
    """
    Accept a statement for its agency.

    :raises NotAllowed: if the actor is no person or program of the agency.
    :raises InvalidInput: if a disputed line has no answer yet.
    :raises StateConflict: if it does not wait for the agency.
    """
    must_be_of_agency(statement=statement, actor=actor)
    statement = _held(statement)
    _must_be_undisputed(statement)
    move(record=statement, lifecycle=STATEMENT, action="accept", actor=actor, at=at, accepted_by=actor, accepted_at=at)
    _record(statement, "accepted", actor=actor, at=at)
    return statement


@transaction.atomic
def take_back_statement(*, statement: AgencyStatement, reason: str, actor: Any, at: datetime) -> AgencyStatement:
    """
    Take a statement back to a draft, to build it anew. `reason` is what a person wrote; it is kept sealed.

    :raises NotAllowed: if the actor is no person, or may not prepare statements in all territories.
    :raises InvalidInput: if no reason is given, or a disputed line has no answer yet.
    :raises StateConflict: if it is a draft, or approved already.
    """
    _must_be_of_all_territories(actor)
    if not reason.strip():
        raise InvalidInput(_("Give a reason."), field="reason")
    statement = _held(statement)
    _must_be_undisputed(statement)
    move(
        record=statement,
        lifecycle=STATEMENT,
        action="take_back",
        actor=actor,
        at=at,
        sent_at=None,
        answer_due_on=None,
        accepted_by=None,
        accepted_at=None,
    )
    statement.note = reason.strip()[:NOTE_LENGTH]
    statement.save(update_fields=["note"])
    _record(statement, "taken_back", actor=actor, at=at)
    return statement


@transaction.atomic
def approve_statement(*, statement: AgencyStatement, actor: Any, at: datetime, business_date: date) -> AgencyStatement:
    """
    Approve a statement for payment: accepted by the agency, or not answered by it in time.

    :raises NotAllowed: if the actor is no person, or may not approve statements in all territories.
    :raises SelfApproval: if the actor sent it, or answered one of its disputes.
    :raises InvalidInput: if a disputed line has no answer, or the agency still has time to answer.
    :raises StateConflict: if it was not sent, or is approved already.
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission=APPROVE)
    must_act_everywhere(actor=actor)
    statement = _held(statement)
    answered = StatementLine.objects.filter(statement=statement, answered_by=actor)
    if statement.prepared_by_id == actor.pk or answered.exists():
        raise SelfApproval
    _must_be_undisputed(statement)
    is_over = answer_is_over(answer_due_on=statement.answer_due_on, business_date=business_date)
    if statement.state == StatementState.SENT and not is_over:
        raise InvalidInput(
            _("The agency has neither accepted it nor let its days to answer pass; wait for it."), field="statement"
        )
    move(record=statement, lifecycle=STATEMENT, action="approve", actor=actor, at=at, approved_by=actor, approved_at=at)
    _record(statement, "approved", actor=actor, at=at)
    return statement


@transaction.atomic
def mark_statement_paid(
    *, statement: AgencyStatement, paid_on: date, payment_ref: str, actor: Any, at: datetime, business_date: date
) -> AgencyStatement:
    """
    Note that an approved statement was paid, with the reference of the payment (cut to 80 characters).

    :raises NotAllowed: if the actor is no person, or may not prepare statements in all territories.
    :raises InvalidInput: if the reference is missing, or the day is still to come.
    :raises StateConflict: if it is not approved, or paid already.
    """
    _must_be_of_all_territories(actor)
    if not payment_ref.strip():
        raise InvalidInput(_("Give the reference of the payment."), field="payment_ref")
    if paid_on > business_date:
        raise InvalidInput(_("This day is still to come; note the payment when it was made."), field="paid_on")
    statement = _held(statement)
    move(
        record=statement,
        lifecycle=STATEMENT,
        action="mark_paid",
        actor=actor,
        at=at,
        paid_on=paid_on,
        payment_ref=payment_ref.strip()[:REF_LENGTH],
    )
    _record(statement, "paid", actor=actor, at=at, body={"paid_on": paid_on})
    return statement


@transaction.atomic
def hand_out_statement(*, statement: AgencyStatement, actor: Any, at: datetime) -> bytes:
    """
    Return a statement as a CSV file (UTF-8 with a mark) in the reader's language, and record the download.

    :raises NotAllowed: if the actor may not see it.
    """
    if not AgencyStatement.objects.visible_to(actor).filter(pk=statement.pk).exists():
        raise NotAllowed
    may(actor=actor, permission="visits.view_agencystatement")
    content = statement_csv(statement=statement)
    _record(statement, "downloaded", actor=actor, at=at)
    return content


def must_be_of_agency(*, statement: AgencyStatement, actor: Any) -> None:
    """
    Pass if `actor` answers for the statement's agency: one of its coordinators, or its program.

    :raises NotAllowed: if not; the lender's people and the system do not answer for an agency.
    """
    if actor is None or not actor.agencies.filter(pk=statement.agency_id).exists():
        raise NotAllowed


def _held(statement: AgencyStatement) -> AgencyStatement:
    """Return the statement as it is now, locked until the transaction ends."""
    return AgencyStatement.objects.select_for_update(no_key=True).get(pk=statement.pk)  # type: ignore[no-any-return]


def _must_be_undisputed(statement: AgencyStatement) -> None:
    if statement.open_disputes:
        text = ngettext_lazy(
            "{n} disputed line has no answer yet; answer it first.",
            "{n} disputed lines have no answer yet; answer them first.",
            "n",
        )
        raise InvalidInput(str(text % {"n": statement.open_disputes}).format(n=statement.open_disputes))


def _must_be_of_all_territories(actor: Any) -> None:
    """A statement spans the territories of its agency. :raises NotAllowed: if the actor is nobody, or not of all."""
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission=PREPARE)
    must_act_everywhere(actor=actor)


def _record(
    statement: AgencyStatement, done: str, *, actor: Any, at: datetime, body: dict[str, Any] | None = None
) -> None:
    named = {"agency": statement.agency_id, "month": statement.month}
    record(actor=actor, action=f"statement.{done}", subject=statement, at=at, body=named | (body or {}))
