"""Factories of borrowers with accounts, telephones and addresses."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from cases.models import (
    Account,
    Address,
    Application,
    Borrower,
    BorrowerPhone,
    DoubtfulCell,
    RelatedPerson,
    Repayment,
    RepaymentReversal,
)
from cases.services.intake.repayments import reckon_taken_back

AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)
TODAY = date(2026, 3, 2)
_numbers = count(1)


def make_borrower(*, territory: Any, **fields: Any) -> Borrower:
    """Make one borrower with a sealed name and an identity number of region 999999, which nobody has."""
    number = next(_numbers)
    values = {
        "external_ref": f"B{number:06d}",
        "name": "张小三",
        "id_number": "99999919850101123X",
        "created_at": AT,
        "updated_at": AT,
    } | fields
    return Borrower.objects.create(territory=territory, **values)


def make_account(*, borrower: Borrower, **fields: Any) -> Account:
    """Make one account, current by default: give days_past_due and arrears_amount for an overdue one."""
    number = next(_numbers)
    values = {
        "territory": borrower.territory,
        "external_ref": f"A{number:06d}",
        "credit_limit": Decimal("60000"),
        "annual_rate": Decimal("0.18"),
        "outstanding_principal": Decimal("40000"),
        "as_of": TODAY,
        "opened_on": date(2024, 3, 1),
        "created_at": AT,
        "updated_at": AT,
    } | fields
    return Account.objects.create(borrower=borrower, **values)


def make_overdue(*, territory: Any, days: int = 95, arrears: str = "32000", **fields: Any) -> Account:
    """Make a borrower with one account that is `days` past due with `arrears` in CNY."""
    return make_account(
        borrower=make_borrower(territory=territory), days_past_due=days, arrears_amount=Decimal(arrears), **fields
    )


def pay_up(account: Account) -> Account:
    """Leave nothing due on an account: a reward needs that."""
    Account.objects.filter(pk=account.pk).update(days_past_due=0, arrears_amount=0)
    account.refresh_from_db()
    return account


def make_phone(*, borrower: Borrower, number: str = "13800000000", **fields: Any) -> BorrowerPhone:
    """Make one telephone."""
    return BorrowerPhone.objects.create(
        borrower=borrower,
        external_ref=f"{borrower.external_ref}-T{next(_numbers)}",
        number=number,
        created_at=AT,
        **fields,
    )


def make_address(*, borrower: Borrower, **fields: Any) -> Address:
    """Make one residence in Shanghai with coordinates, behind a door of its own."""
    number = next(_numbers)
    values = {
        "external_ref": f"{borrower.external_ref}-L{number}",
        "line": f"上海市黄浦区示范路1号{number}室",
        "point": "31.230400,121.473700",
        "adcode": "310101",
        "first_seen_on": date(2025, 9, 1),
        "last_verified_on": date(2025, 12, 1),
        "created_at": AT,
        "updated_at": AT,
    } | fields
    return Address.objects.create(borrower=borrower, **values)


def make_application(*, borrower: Borrower, **fields: Any) -> Application:
    """Make what a borrower stated when applying: an employer, 8,500 a month in and 3,200 out."""
    values = {
        "external_ref": borrower.external_ref,
        "employer": "上海示范电子有限公司",
        "monthly_income": "8500.00",
        "monthly_expenses": "3200.00",
        "stated_on": date(2025, 6, 1),
        "created_at": AT,
        "updated_at": AT,
    } | fields
    return Application.objects.create(borrower=borrower, **values)


def make_doubt(*, borrower: Borrower, **fields: Any) -> DoubtfulCell:
    """Make one doubtful telephone that waits for the desk."""
    values = {
        "external_ref": f"{borrower.external_ref}-X{next(_numbers)}",
        "field": "phones.number",
        "value": "1390000007",
        "reason": "This is not a telephone number.",
        "created_at": AT,
    } | fields
    return DoubtfulCell.objects.create(borrower=borrower, **values)


def make_related(*, borrower: Borrower, **fields: Any) -> RelatedPerson:
    """Make one contact person of a borrower."""
    values = {
        "external_ref": f"{borrower.external_ref}-R{next(_numbers)}",
        "role": "CONTACT_PERSON",
        "name": "王五",
        "created_at": AT,
        "updated_at": AT,
    } | fields
    return RelatedPerson.objects.create(borrower=borrower, **values)


def take_back(*, repayment: Repayment, on: date, amount: Any = None) -> RepaymentReversal:
    """Take a repayment back, wholly unless told otherwise, as the intake of a file of reversals leaves it."""
    reversal = RepaymentReversal.objects.create(
        repayment=repayment,
        external_ref=f"V{next(_numbers)}",
        amount=repayment.amount if amount is None else Decimal(amount),
        reversed_on=on,
        created_at=AT,
        updated_at=AT,
    )
    reckon_taken_back(repayments=[repayment.external_ref])
    return reversal
