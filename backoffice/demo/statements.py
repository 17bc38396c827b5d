"""Agencies' statements of the demo: of the month before last approved, of last month sent, with one line disputed."""

from datetime import date, datetime
from typing import Any

from backoffice.demo.people import Cast
from visits.enums import StatementState
from visits.models import AgencyStatement
from visits.rules.statement_months import month_before
from visits.services.agencies import statements
from visits.services.agencies.statement_building import build_statements
from visits.services.agencies.statement_disputes import dispute_line


def settle_months(*, cast: Cast, today: date, at: datetime) -> None:
    """Build the statements of the two months before `today` and take them as far as a real lender would be by then."""
    last = month_before(today)
    for month in (month_before(last), last):
        build_statements(month=month, business_date=today, at=at, actor=cast.users["risk"])
        drafts = AgencyStatement.objects.filter(month=month, state=StatementState.DRAFT, lines__isnull=False)
        for number, statement in enumerate(drafts.distinct().order_by("pk")):
            coordinator = statement.agency.coordinators.order_by("pk").first()
            sent: Any = {"statement": statement, "at": at}
            statements.send_statement(**sent, actor=cast.users["risk"], business_date=today)
            if month != last:
                statements.accept_statement(**sent, actor=coordinator)
                statements.approve_statement(**sent, actor=cast.users["approver"], business_date=today)
            elif number == 0:
                line = statement.lines.order_by("done_on", "order", "basis")[0]
                dispute_line(line=line, reason="当日往返两次，应计两次外访费", actor=coordinator, at=at)
