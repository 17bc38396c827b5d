"""What borrowers agreed to about visits: an evening outside of the hours of visits, and a workplace."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from cases.models import Address, Borrower, Case
from tests.factories.portfolio import make_address
from tests.factories.visits import AT
from visits.models import VisitAgreement
from visits.services.answers.agreements import record_agreement

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Two days after AT, a Wednesday; the second half lies in the quiet hours.
OPENS = datetime(2026, 3, 4, 21, 0, tzinfo=SHANGHAI)
CLOSES = datetime(2026, 3, 4, 23, 0, tzinfo=SHANGHAI)
SECOND = timedelta(seconds=1)


def make_time(*, case: Case, actor: Any, at: datetime = AT, **fields: Any) -> VisitAgreement:
    """Record that the borrower asked for the evening."""
    values = {"opens_at": OPENS, "closes_at": CLOSES, "evidence_ref": "REC-1"} | fields
    return record_agreement(case=case, kind="TIME", actor=actor, at=at, **values)


def make_consent(*, case: Case, address: Address, actor: Any, at: datetime = AT, **fields: Any) -> VisitAgreement:
    """Record that the borrower consented to visits at the address."""
    values = {"evidence_ref": "REC-2"} | fields
    return record_agreement(case=case, kind="PLACE", address=address, actor=actor, at=at, **values)


def make_office(*, borrower: Borrower, **fields: Any) -> Address:
    """Make a workplace of the borrower with a door of its own."""
    return make_address(borrower=borrower, **({"kind": "EMPLOYER"} | fields))
