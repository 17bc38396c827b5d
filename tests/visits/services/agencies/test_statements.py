"""Monthly statements: what is on them, who moves them on, and that nothing is paid twice."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from tests.factories.statements import make_done
from tests.factories.visits import AT, make_agency, make_coordinator
from visits.models import AgencyStatement, PriceCard, StatementLine, VisitOrder
from visits.selectors.statements import basis_totals, grand_totals
from visits.services.agencies.statement_building import build_statements
from visits.services.agencies.statement_disputes import dispute_line, reject_dispute
from visits.services.agencies.statements import (
    accept_statement,
    approve_statement,
    hand_out_statement,
    mark_statement_paid,
    send_statement,
    take_back_statement,
)

FEBRUARY = date(2026, 2, 1)
MARCH = date(2026, 3, 1)
TODAY = date(2026, 3, 2)
IN_APRIL = date(2026, 4, 1)
DUE = date(2026, 3, 12)


@pytest.fixture
def done(agency: Any, pair: Any, shanghai: Any, approver: Any) -> Any:
    def make(day: date, **fields: Any) -> VisitOrder:
        return make_done(
            **{"agency": agency, "pair": pair, "territory": shanghai, "approver": approver, "day": day} | fields
        )

    return make


@pytest.fixture
def chief(person: Any) -> Any:
    return person("APPROVER", name="chief", all_territories=True)


@pytest.fixture
def sent(done: Any, risk_manager: Any) -> AgencyStatement:
    done(date(2026, 2, 10))
    build_statements(month=FEBRUARY, business_date=TODAY, at=AT)
    return send_statement(statement=AgencyStatement.objects.get(), actor=risk_manager, at=AT, business_date=TODAY)


def test_a_statement_goes_to_the_agency_and_back_to_a_second_person_and_is_paid(
    sent: Any, coordinator: Any, risk_manager: Any, chief: Any
) -> None:
    accept_statement(statement=sent, actor=coordinator, at=AT)
    approve_statement(statement=sent, actor=chief, at=AT, business_date=TODAY)
    mark_statement_paid(
        statement=sent, paid_on=TODAY, payment_ref=" PAY-7 ", actor=risk_manager, at=AT, business_date=TODAY
    )

    kept = AgencyStatement.objects.get()
    assert (kept.state, kept.prepared_by, kept.answer_due_on) == ("PAID", risk_manager, DUE)
    assert (kept.accepted_by, kept.approved_by, kept.payment_ref) == (coordinator, chief, "PAY-7")
    assert list(AuditEntry.objects.order_by("sequence").values_list("action", flat=True)) == [
        "statements.built",
        "statement.sent",
        "statement.accepted",
        "statement.approved",
        "statement.paid",
    ]


def test_without_an_answer_it_is_approved_after_the_last_day_and_not_before(sent: Any, chief: Any) -> None:
    with pytest.raises(InvalidInput):
        approve_statement(statement=sent, actor=chief, at=AT, business_date=DUE)
    assert AgencyStatement.objects.get().state == "SENT"

    approve_statement(statement=sent, actor=chief, at=AT, business_date=DUE + timedelta(days=1))
    assert AgencyStatement.objects.get().state == "APPROVED"


def test_nobody_approves_what_they_sent_or_answered(
    sent: Any, coordinator: Any, risk_manager: Any, person: Any, monkeypatch: Any
) -> None:
    answering = person("RISK_MANAGER", name="answering")
    line = StatementLine.objects.filter(statement=sent).order_by("pk").first()
    dispute_line(line=line, reason="x", actor=coordinator, at=AT)
    reject_dispute(line=line, answer="y", actor=answering, at=AT)
    accept_statement(statement=sent, actor=coordinator, at=AT)
    for user in (risk_manager, answering):
        monkeypatch.setattr(user, "has_perm", lambda permission, obj=None: True)
        with pytest.raises(SelfApproval):
            approve_statement(statement=sent, actor=user, at=AT, business_date=TODAY)
    with pytest.raises(NotAllowed):
        approve_statement(statement=sent, actor=None, at=AT, business_date=TODAY)

    assert AgencyStatement.objects.get().state == "ACCEPTED"


def test_the_database_refuses_what_a_service_would_miss(sent: Any, risk_manager: Any, chief: Any) -> None:
    rows = AgencyStatement.objects.filter(pk=sent.pk)
    for broken in (
        {"approved_by": risk_manager},
        {"state": "APPROVED"},
        {"state": "APPROVED", "approved_by": chief, "open_disputes": 1},
        {"state": "PAID", "approved_by": chief},
        {"month": date(2026, 2, 2)},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**broken)
    for broken in ({"amount": Decimal("-1")}, {"amount": Decimal("7")}, {"state": "DISPUTED"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            StatementLine.objects.filter(basis="TRAVEL").update(**broken)


def test_an_empty_statement_is_not_sent(sent: Any, risk_manager: Any) -> None:
    take_back_statement(statement=sent, reason="x", actor=risk_manager, at=AT)
    PriceCard.objects.all().delete()
    build_statements(month=FEBRUARY, business_date=TODAY, at=AT)

    with pytest.raises(InvalidInput):
        send_statement(statement=sent, actor=risk_manager, at=AT, business_date=TODAY)
    assert AgencyStatement.objects.get().state == "DRAFT"


def test_taken_back_it_is_a_draft_with_a_sealed_reason_and_keeps_what_was_answered(
    sent: Any, coordinator: Any, risk_manager: Any, agency: Any
) -> None:
    line = StatementLine.objects.get(basis="TRAVEL")
    dispute_line(line=line, reason="x", actor=coordinator, at=AT)
    with pytest.raises(InvalidInput):
        take_back_statement(statement=sent, reason="price", actor=risk_manager, at=AT)
    reject_dispute(line=line, answer="y", actor=risk_manager, at=AT)
    with pytest.raises(InvalidInput):
        take_back_statement(statement=sent, reason=" ", actor=risk_manager, at=AT)

    take_back_statement(statement=sent, reason="price of travel", actor=risk_manager, at=AT)
    PriceCard.objects.filter(agency=agency).update(amount=Decimal("99.00"))
    build_statements(month=FEBRUARY, business_date=TODAY, at=AT)

    kept = AgencyStatement.objects.get()
    assert (kept.state, kept.note, kept.sent_at, kept.answer_due_on) == ("DRAFT", "price of travel", None, None)
    amounts = dict(StatementLine.objects.values_list("basis", "amount"))
    assert amounts == {
        "TRAVEL": Decimal("20.00"),
        "PER_VISIT": Decimal("99.00"),
        "PER_ACCEPTED_REPORT": Decimal("99.00"),
    }


def test_a_payment_names_its_reference_and_a_day_that_has_come(sent: Any, risk_manager: Any, chief: Any) -> None:
    approve_statement(statement=sent, actor=chief, at=AT, business_date=DUE + timedelta(days=1))
    asked: Any = {"statement": sent, "actor": risk_manager, "at": AT, "business_date": TODAY}
    for fields, field in (
        ({"paid_on": TODAY, "payment_ref": " "}, "payment_ref"),
        ({"paid_on": TODAY + timedelta(days=1), "payment_ref": "P"}, "paid_on"),
    ):
        with pytest.raises(InvalidInput) as refused:
            mark_statement_paid(**asked, **fields)
        assert refused.value.field == field
    assert AgencyStatement.objects.get().state == "APPROVED"


def test_only_the_agency_itself_accepts(sent: Any, shanghai: Any, risk_manager: Any, chief: Any) -> None:
    stranger = make_coordinator(agency=make_agency(territory=shanghai))
    for user in (stranger, risk_manager, chief, None):
        with pytest.raises(NotAllowed):
            accept_statement(statement=sent, actor=user, at=AT)
    assert AgencyStatement.objects.get().state == "SENT"


def test_each_step_is_taken_once(sent: Any, coordinator: Any, risk_manager: Any, chief: Any) -> None:
    with pytest.raises(StateConflict):
        send_statement(statement=sent, actor=risk_manager, at=AT, business_date=TODAY)
    accept_statement(statement=sent, actor=coordinator, at=AT)
    with pytest.raises(StateConflict):
        accept_statement(statement=sent, actor=coordinator, at=AT)
    approve_statement(statement=sent, actor=chief, at=AT, business_date=TODAY)
    with pytest.raises(StateConflict):
        approve_statement(statement=sent, actor=chief, at=AT, business_date=TODAY)
    with pytest.raises(StateConflict):
        take_back_statement(statement=sent, reason="x", actor=risk_manager, at=AT)


def test_an_agency_sees_its_own_statements_once_they_are_sent(
    sent: Any, coordinator: Any, shanghai: Any, pair: Any, risk_manager: Any
) -> None:
    stranger = make_coordinator(agency=make_agency(territory=shanghai))

    def seen(user: Any) -> tuple[int, int]:
        return tuple(model.objects.visible_to(user).count() for model in (AgencyStatement, StatementLine))

    assert [seen(user) for user in (coordinator, stranger, pair[0].user, risk_manager)] == [
        (1, 3),
        (0, 0),
        (0, 0),
        (1, 3),
    ]
    take_back_statement(statement=sent, reason="x", actor=risk_manager, at=AT)
    assert [seen(user) for user in (coordinator, risk_manager)] == [(0, 0), (1, 3)]


def test_a_file_is_handed_out_to_who_may_see_it_and_recorded(sent: Any, coordinator: Any, officer: Any) -> None:
    with pytest.raises(NotAllowed):
        hand_out_statement(statement=sent, actor=officer, at=AT)

    content = hand_out_statement(statement=sent, actor=coordinator, at=AT)

    assert content.startswith("\ufeffB".encode())
    assert AuditEntry.objects.order_by("-sequence").first().action == "statement.downloaded"
    assert grand_totals(totals=basis_totals(statement=sent)) == {"CNY": Decimal("220.00")}
