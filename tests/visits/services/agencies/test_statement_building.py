"""Drafts of statements: what is on them, at which price, and that each part of a visit is on one once."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from backoffice.core.errors import InvalidInput, NotAllowed
from tests.factories.statements import make_done
from tests.factories.visits import AT, make_agency, make_member, make_price
from visits.models import AgencyStatement, PriceCard, StatementLine, VisitOrder
from visits.selectors.statements import basis_totals
from visits.services.agencies.statement_building import Built, build_statements
from visits.services.agencies.statements import send_statement

FEBRUARY = date(2026, 2, 1)
MARCH = date(2026, 3, 1)
TODAY = date(2026, 3, 2)
IN_APRIL = date(2026, 4, 1)


@pytest.fixture
def done(agency: Any, pair: Any, shanghai: Any, approver: Any) -> Any:
    def make(day: date, **fields: Any) -> VisitOrder:
        return make_done(
            **{"agency": agency, "pair": pair, "territory": shanghai, "approver": approver, "day": day} | fields
        )

    return make


@pytest.fixture
def sent(done: Any, risk_manager: Any) -> AgencyStatement:
    done(date(2026, 2, 10))
    build_statements(month=FEBRUARY, business_date=TODAY, at=AT)
    return send_statement(statement=AgencyStatement.objects.get(), actor=risk_manager, at=AT, business_date=TODAY)


def lines() -> list[tuple[Any, ...]]:
    rows = StatementLine.objects.order_by("statement__month", "order", "basis")
    return list(rows.values_list("statement__month", "order", "done_on", "basis", "amount", "currency"))


def test_a_statement_has_a_line_for_each_part_of_each_paid_visit_of_the_month(done: Any) -> None:
    accepted = done(date(2026, 2, 1))
    called_back = done(date(2026, 2, 28), state="ABORTED", fee="140.00")
    done(date(2026, 2, 14), state="ABORTED", fee=None)
    done(date(2026, 2, 15), state="CANCELLED", fee=None)
    done(date(2026, 3, 1))

    built = build_statements(month=FEBRUARY, business_date=TODAY, at=AT)

    assert built == Built(statements=1, lines=5)
    first, last = date(2026, 2, 1), date(2026, 2, 28)
    assert lines() == [
        (FEBRUARY, accepted.pk, first, "PER_ACCEPTED_REPORT", Decimal("80.00"), "CNY"),
        (FEBRUARY, accepted.pk, first, "PER_VISIT", Decimal("120.00"), "CNY"),
        (FEBRUARY, accepted.pk, first, "TRAVEL", Decimal("20.00"), "CNY"),
        (FEBRUARY, called_back.pk, last, "PER_VISIT", Decimal("120.00"), "CNY"),
        (FEBRUARY, called_back.pk, last, "TRAVEL", Decimal("20.00"), "CNY"),
    ]
    # The same that each visit was charged with when it ended.
    assert sum(line[4] for line in lines()) == accepted.fee + called_back.fee


def test_the_price_of_the_day_of_the_visit_counts(done: Any, agency: Any) -> None:
    PriceCard.objects.filter(agency=agency, basis="PER_VISIT").update(valid_to=date(2026, 2, 14))
    make_price(agency=agency, basis="PER_VISIT", amount=Decimal("131.07"), valid_from=date(2026, 2, 15))
    for day in (14, 15):
        done(date(2026, 2, day), state="ABORTED")

    build_statements(month=FEBRUARY, business_date=TODAY, at=AT)

    priced = [(day, amount) for _month, _order, day, basis, amount, _currency in lines() if basis == "PER_VISIT"]
    assert priced == [(date(2026, 2, 14), Decimal("120.00")), (date(2026, 2, 15), Decimal("131.07"))]


def test_building_again_gives_the_same_and_follows_the_price_card(done: Any, agency: Any) -> None:
    done(date(2026, 2, 10))
    first = build_statements(month=FEBRUARY, business_date=TODAY, at=AT)
    before = lines()

    assert build_statements(month=FEBRUARY, business_date=TODAY, at=AT) == first
    assert (lines(), AgencyStatement.objects.count()) == (before, 1)

    PriceCard.objects.filter(agency=agency, basis="TRAVEL").update(amount=Decimal("25.00"))
    build_statements(month=FEBRUARY, business_date=TODAY, at=AT)
    assert sum(line[4] for line in lines()) == Decimal("225.00")


def test_a_report_accepted_after_its_month_was_sent_stands_on_the_next_statement(sent: Any, done: Any) -> None:
    on_time = [line for line in lines()]
    late = done(date(2026, 2, 20))

    assert build_statements(month=FEBRUARY, business_date=IN_APRIL, at=AT) == Built(statements=0, lines=0)
    build_statements(month=MARCH, business_date=IN_APRIL, at=AT)

    day = date(2026, 2, 20)
    assert lines() == [
        *on_time,
        (MARCH, late.pk, day, "PER_ACCEPTED_REPORT", Decimal("80.00"), "CNY"),
        (MARCH, late.pk, day, "PER_VISIT", Decimal("120.00"), "CNY"),
        (MARCH, late.pk, day, "TRAVEL", Decimal("20.00"), "CNY"),
    ]
    assert [total.earlier for total in basis_totals(statement=AgencyStatement.objects.get(month=MARCH))] == [1, 1, 1]


def test_what_a_draft_of_its_own_month_waits_for_is_not_taken_by_a_later_month(done: Any) -> None:
    done(date(2026, 2, 10))
    build_statements(month=FEBRUARY, business_date=TODAY, at=AT)
    done(date(2026, 2, 20))
    done(date(2026, 3, 5))

    build_statements(month=MARCH, business_date=IN_APRIL, at=AT)
    assert [(line[0], line[2].month) for line in lines()] == [(FEBRUARY, 2)] * 3 + [(MARCH, 3)] * 3

    build_statements(month=FEBRUARY, business_date=IN_APRIL, at=AT)
    assert [(line[0], line[2].month) for line in lines()] == [(FEBRUARY, 2)] * 6 + [(MARCH, 3)] * 3


def test_a_month_that_is_not_over_is_refused(done: Any) -> None:
    done(date(2026, 2, 10))
    for month, day in ((FEBRUARY, date(2026, 2, 28)), (date(2026, 2, 2), TODAY)):
        with pytest.raises(InvalidInput) as refused:
            build_statements(month=month, business_date=day, at=AT)
        assert refused.value.field == "month"
    assert not AgencyStatement.objects.exists()


@pytest.mark.parametrize("agencies", [1, 3])
def test_building_costs_the_same_for_one_agency_and_three(
    agencies: int, shanghai: Any, approver: Any, django_assert_num_queries: Any
) -> None:
    for _each in range(agencies):
        agency = make_agency(territory=shanghai)
        pair = make_member(agency=agency), make_member(agency=agency)
        for day in (3, 4):
            make_done(agency=agency, pair=pair, territory=shanghai, approver=approver, day=date(2026, 2, day))

    # savepoint (2), statements, lock, lines away, lines, audit (2)
    with django_assert_num_queries(9):
        built = build_statements(month=FEBRUARY, business_date=TODAY, at=AT)

    assert built == Built(statements=agencies, lines=agencies * 6)


def test_one_agency_is_built_by_hand_by_somebody_of_all_territories(
    done: Any, agency: Any, shanghai: Any, approver: Any, risk_manager: Any, officer: Any
) -> None:
    done(date(2026, 2, 10))
    other = make_agency(territory=shanghai)
    pair = make_member(agency=other), make_member(agency=other)
    make_done(agency=other, pair=pair, territory=shanghai, approver=approver, day=date(2026, 2, 10))
    asked: Any = {"month": FEBRUARY, "business_date": TODAY, "at": AT}
    for nobody in (officer, approver):
        with pytest.raises(NotAllowed):
            build_statements(**asked, actor=nobody)

    build_statements(**asked, actor=risk_manager, agency=agency)

    assert list(AgencyStatement.objects.values_list("agency", flat=True)) == [agency.pk]
