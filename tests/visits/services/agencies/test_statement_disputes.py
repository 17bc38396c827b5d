"""Lines that the agency disputes, and the lender's answers."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from tests.clear_text import tables_with
from tests.factories.statements import make_done
from tests.factories.visits import AT, TODAY, make_agency, make_coordinator
from visits.models import AgencyStatement, StatementLine
from visits.selectors.statements import basis_totals, grand_totals
from visits.services.agencies.statement_building import build_statements
from visits.services.agencies.statement_disputes import dispute_line, reject_dispute, uphold_dispute
from visits.services.agencies.statements import accept_statement, send_statement


@pytest.fixture
def line(agency: Any, pair: Any, shanghai: Any, approver: Any, risk_manager: Any) -> StatementLine:
    make_done(agency=agency, pair=pair, territory=shanghai, approver=approver, day=date(2026, 2, 10))
    build_statements(month=date(2026, 2, 1), business_date=TODAY, at=AT)
    send_statement(statement=AgencyStatement.objects.get(), actor=risk_manager, at=AT, business_date=TODAY)
    return StatementLine.objects.get(basis="TRAVEL")


def test_a_dispute_holds_the_statement_until_it_is_answered(line: Any, coordinator: Any, risk_manager: Any) -> None:
    dispute_line(line=line, reason="Sun Qi went twice", actor=coordinator, at=AT)
    statement = AgencyStatement.objects.get()
    with pytest.raises(InvalidInput):
        accept_statement(statement=statement, actor=coordinator, at=AT)

    uphold_dispute(line=line, amount=Decimal("40.00"), answer="Sun Qi is right", actor=risk_manager, at=AT)
    accept_statement(statement=statement, actor=coordinator, at=AT)

    kept = StatementLine.objects.get(pk=line.pk)
    assert (kept.state, kept.computed_amount, kept.amount) == ("UPHELD", Decimal("20.00"), Decimal("40.00"))
    assert (kept.reason, kept.answer) == ("Sun Qi went twice", "Sun Qi is right")
    assert (kept.disputed_by, kept.answered_by) == (coordinator, risk_manager)
    assert grand_totals(totals=basis_totals(statement=statement)) == {"CNY": Decimal("240.00")}
    assert tables_with("Sun Qi") == []


def test_nothing_owed_is_an_amount_of_zero_and_is_not_computed_again(
    line: Any, coordinator: Any, risk_manager: Any
) -> None:
    dispute_line(line=line, reason="not ours", actor=coordinator, at=AT)
    uphold_dispute(line=line, amount=Decimal(0), answer="", actor=risk_manager, at=AT)

    build_statements(month=date(2026, 3, 1), business_date=date(2026, 4, 1), at=AT)

    assert sorted(StatementLine.objects.values_list("amount", flat=True)) == [0, 80, 120]
    assert AgencyStatement.objects.count() == 1


def test_a_rejected_dispute_leaves_the_amount_and_is_the_last_word(
    line: Any, coordinator: Any, risk_manager: Any
) -> None:
    dispute_line(line=line, reason="too little", actor=coordinator, at=AT)
    reject_dispute(line=line, answer="as agreed", actor=risk_manager, at=AT)

    assert StatementLine.objects.get(pk=line.pk).amount == Decimal("20.00")
    with pytest.raises(StateConflict):
        dispute_line(line=line, reason="again", actor=coordinator, at=AT)
    with pytest.raises(StateConflict):
        uphold_dispute(line=line, amount=Decimal(1), answer="", actor=risk_manager, at=AT)
    assert AgencyStatement.objects.get().open_disputes == 0


@pytest.mark.parametrize("amount", ["-0.01", "0.001", "100000000", "20.00", "NaN", "Infinity"])
def test_an_amount_is_whole_cents_from_zero_and_another_one(
    amount: str, line: Any, coordinator: Any, risk_manager: Any
) -> None:
    dispute_line(line=line, reason="x", actor=coordinator, at=AT)

    with pytest.raises(InvalidInput) as refused:
        uphold_dispute(line=line, amount=Decimal(amount), answer="", actor=risk_manager, at=AT)

    assert (refused.value.field, StatementLine.objects.get(pk=line.pk).state) == ("amount", "DISPUTED")


def test_texts_are_asked_for(line: Any, coordinator: Any, risk_manager: Any) -> None:
    with pytest.raises(InvalidInput):
        dispute_line(line=line, reason=" ", actor=coordinator, at=AT)
    dispute_line(line=line, reason="x", actor=coordinator, at=AT)
    with pytest.raises(InvalidInput):
        reject_dispute(line=line, answer=" ", actor=risk_manager, at=AT)


def test_the_agency_disputes_and_the_lender_answers(
    line: Any, coordinator: Any, risk_manager: Any, approver: Any, shanghai: Any
) -> None:
    stranger = make_coordinator(agency=make_agency(territory=shanghai))
    for user in (stranger, risk_manager, None):
        with pytest.raises(NotAllowed):
            dispute_line(line=line, reason="x", actor=user, at=AT)
    dispute_line(line=line, reason="x", actor=coordinator, at=AT)
    for user in (coordinator, approver, None):
        with pytest.raises(NotAllowed):
            reject_dispute(line=line, answer="y", actor=user, at=AT)
        with pytest.raises(NotAllowed):
            uphold_dispute(line=line, amount=Decimal(1), answer="y", actor=user, at=AT)


def test_an_accepted_statement_is_disputed_no_more(line: Any, coordinator: Any) -> None:
    accept_statement(statement=AgencyStatement.objects.get(), actor=coordinator, at=AT)

    with pytest.raises(StateConflict):
        dispute_line(line=line, reason="x", actor=coordinator, at=AT)
