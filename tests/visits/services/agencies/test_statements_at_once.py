"""Two builds of a month at the same moment, and a build while the statement is sent: nothing twice, nothing lost."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from time import sleep
from typing import Any

import pytest
from django.db import connection, transaction

from backoffice.core.errors import DoorstepError
from tests.factories.statements import make_done
from tests.factories.visits import AT, make_agency, make_coordinator, make_member
from tests.visits.services.dispatch.test_at_once import at_once, closing
from visits.models import AgencyStatement, StatementLine
from visits.services.agencies.statement_building import build_statements
from visits.services.agencies.statement_disputes import dispute_line
from visits.services.agencies.statements import accept_statement, send_statement

pytestmark = pytest.mark.django_db(transaction=True)

MONTHS = (date(2026, 1, 1), date(2026, 2, 1))
TODAY = date(2026, 3, 2)


@pytest.fixture
def agency(shanghai: Any, approver: Any) -> Any:
    agency = make_agency(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    for day in (date(2026, 1, 5), date(2026, 2, 5), date(2026, 2, 6)):
        make_done(agency=agency, pair=pair, territory=shanghai, approver=approver, day=day)
    return agency


def build(month: date) -> Any:
    return build_statements(month=month, business_date=TODAY, at=AT)


def test_two_builds_of_one_month_at_once_give_one_statement_with_each_line_once(agency: Any) -> None:
    answers = at_once(*[lambda: build(MONTHS[1])] * 3)

    assert not any(isinstance(answer, DoorstepError) for answer in answers)
    assert AgencyStatement.objects.count() == 1
    assert StatementLine.objects.count() == 9


def test_builds_of_two_months_at_once_pay_each_part_once(agency: Any) -> None:
    at_once(*[lambda month=month: build(month) for month in MONTHS * 2])

    assert sorted(StatementLine.objects.values_list("order", "basis").distinct()) == sorted(
        StatementLine.objects.values_list("order", "basis")
    )
    assert StatementLine.objects.count() == 9


def test_a_build_waits_for_the_agency_before_it_looks_at_what_is_owed(agency: Any) -> None:
    """What the earlier build, of another month, takes off its draft must be there for the later one to find."""
    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            build(MONTHS[1])
            later = threads.submit(closing, lambda: build(MONTHS[0]))
            table = table_waited_for()
        later.result(timeout=30)

    assert table == "visits_agency"


def table_waited_for() -> str:
    """Return the table of which another connection waits for a row that this one holds, as soon as there is one."""
    for _try in range(100):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT held.relation::regclass FROM pg_locks waiting JOIN pg_locks held USING (pid)"
                " WHERE NOT waiting.granted AND held.locktype = 'tuple'"
                " AND pg_backend_pid() = ANY(pg_blocking_pids(pid))"
            )
            if row := cursor.fetchone():
                return str(row[0])
        sleep(0.02)
    return ""


def test_a_statement_is_built_before_it_is_sent_or_not_at_all(agency: Any, risk_manager: Any) -> None:
    build(MONTHS[1])
    draft = AgencyStatement.objects.get()

    at_once(
        lambda: build(MONTHS[1]),
        lambda: send_statement(statement=draft, actor=risk_manager, at=AT, business_date=TODAY),
    )

    assert (AgencyStatement.objects.get().state, StatementLine.objects.count()) == ("SENT", 9)


def test_accepting_and_disputing_at_once_leave_no_dispute_on_an_accepted_statement(
    agency: Any, risk_manager: Any
) -> None:
    build(MONTHS[1])
    coordinator = make_coordinator(agency=agency)
    statement = send_statement(statement=AgencyStatement.objects.get(), actor=risk_manager, at=AT, business_date=TODAY)
    line = StatementLine.objects.order_by("pk").first()

    answers = at_once(
        lambda: accept_statement(statement=statement, actor=coordinator, at=AT),
        lambda: dispute_line(line=line, reason="x", actor=coordinator, at=AT),
    )

    assert sum(isinstance(answer, DoorstepError) for answer in answers) == 1
    kept = AgencyStatement.objects.get()
    assert (kept.state, kept.open_disputes) in {("ACCEPTED", 0), ("SENT", 1)}
