"""Sums of statements: exactly what their lines add up to."""

from datetime import date
from decimal import Decimal
from typing import Any

from tests.factories.statements import make_done
from tests.factories.visits import AT, make_agency, make_member
from visits.models import AgencyStatement
from visits.selectors.statements import BasisTotal, basis_totals, grand_totals, unpriced_visits, with_sums


def test_sums_by_basis_and_currency_are_those_of_the_lines(statement: Any) -> None:
    totals = basis_totals(statement=statement)

    assert totals == [
        BasisTotal(basis="PER_VISIT", currency="CNY", lines=2, earlier=1, amount=Decimal("240.30")),
        BasisTotal(basis="TRAVEL", currency="USD", lines=1, earlier=0, amount=Decimal("9.99")),
    ]
    assert grand_totals(totals=totals) == {"CNY": Decimal("240.30"), "USD": Decimal("9.99")}


def test_a_list_shows_the_sums_of_all_statements_in_one_query(statement: Any, django_assert_num_queries: Any) -> None:
    empty = AgencyStatement.objects.create(
        agency=statement.agency, month=date(2026, 1, 1), created_at=AT, updated_at=AT
    )

    with django_assert_num_queries(1):
        shown = {row.pk: row.sums for row in with_sums(AgencyStatement.objects.all())}

    assert shown == {statement.pk: ["CNY 240.30", "USD 9.99"], empty.pk: []}


def test_visits_with_an_accepted_report_that_are_on_no_statement_are_counted(
    statement: Any, shanghai: Any, approver: Any
) -> None:
    assert unpriced_visits(statement=statement) == 0

    pair = make_member(agency=statement.agency), make_member(agency=statement.agency)
    other = make_agency(territory=shanghai)
    for agency, day, state in (
        (statement.agency, date(2026, 2, 28), "VERIFIED"),
        (statement.agency, date(2026, 3, 1), "VERIFIED"),
        (statement.agency, date(2026, 2, 20), "ABORTED"),
        (other, date(2026, 2, 20), "VERIFIED"),
    ):
        make_done(agency=agency, pair=pair, territory=shanghai, approver=approver, day=day, state=state)

    assert unpriced_visits(statement=statement) == 1
