"""A statement with two currencies, a line of an earlier month and a corrected one."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.factories.statements import make_done
from tests.factories.visits import AT, make_agency, make_member
from visits.models import AgencyStatement, StatementLine


@pytest.fixture
def statement(shanghai: Any, approver: Any, risk_manager: Any) -> AgencyStatement:
    agency = make_agency(territory=shanghai, code="SJ", name="=守矩")
    pair = make_member(agency=agency), make_member(agency=agency)
    made = AgencyStatement.objects.create(agency=agency, month=date(2026, 2, 1), created_at=AT, updated_at=AT)
    for day, basis, amount, currency in (
        (date(2026, 2, 10), "PER_VISIT", "120.10", "CNY"),
        (date(2026, 1, 9), "PER_VISIT", "120.20", "CNY"),
        (date(2026, 2, 11), "TRAVEL", "9.99", "USD"),
    ):
        order = make_done(agency=agency, pair=pair, territory=shanghai, approver=approver, day=day)
        StatementLine.objects.create(
            statement=made,
            order=order,
            done_on=day,
            basis=basis,
            computed_amount=Decimal(amount),
            amount=Decimal(amount),
            currency=currency,
            updated_at=AT,
        )
    return made
