"""Repayments are taken back: by a file of reversals, or by negative rows of a file of repayments."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cases.models import Account, IntakeReject, Repayment, RepaymentReversal
from cases.rules.profile.parse import parse_profile
from cases.services.intake.take_in import take_in
from tests.cases.services.intake.event_files import AT, REPAYMENTS, REVERSALS, counts, event_file, take
from tests.factories.casework import make_case
from tests.factories.portfolio import make_account, make_borrower

SIGNED = parse_profile(
    name="signed",
    text="""
kind = "REPAYMENTS"
[repayment]
external_ref = { column = "流水号" }
account = { column = "借据号" }
amount = { column = "金额" }
paid_on = { column = "入账日期" }
reverses = { column = "原流水号" }
reason = "BOUNCED"
""",
)
SIGNED_HEADER = "流水号,借据号,金额,入账日期,原流水号\n"


@pytest.fixture
def account(shanghai: Any) -> Account:
    account = make_account(borrower=make_borrower(territory=shanghai, external_ref="D1"), external_ref="D1-1")
    make_account(borrower=account.borrower, external_ref="D1-2")
    return account


def pay(tmp_path: Path, *rows: str) -> Any:
    return take(event_file(tmp_path, REPAYMENTS + "".join(f"{row}\n" for row in rows)), "demo-repayments")


def take_back(tmp_path: Path, *rows: str) -> Any:
    return take(event_file(tmp_path, REVERSALS + "".join(f"{row}\n" for row in rows)), "demo-reversals")


def take_signed(tmp_path: Path, *rows: str, dry_run: bool = False) -> Any:
    path = event_file(tmp_path, SIGNED_HEADER + "".join(f"{row}\n" for row in rows))
    return take_in(path=path, profile=SIGNED, actor=None, at=AT, dry_run=dry_run)


def left() -> list[tuple[Any, ...]]:
    fields = ("external_ref", "amount", "reversed_amount", "void_on", "settle_again")
    return list(Repayment.objects.order_by("external_ref").values_list(*fields))


def reversals() -> list[tuple[Any, ...]]:
    fields = ("external_ref", "repayment__external_ref", "amount", "reversed_on", "reason")
    return list(RepaymentReversal.objects.order_by("external_ref").values_list(*fields))


def refused() -> list[tuple[int, str, str]]:
    file = IntakeReject.objects.order_by("-file_id").values_list("file_id", flat=True).first()
    return list(
        IntakeReject.objects.filter(file=file).order_by("row_number").values_list("row_number", "field", "reason")
    )


def test_a_file_of_reversals_takes_back_the_rest_and_nothing_twice(tmp_path: Path, account: Account) -> None:
    pay(tmp_path, "R1,D1-1,500,2026-02-20,x", "R2,D1-1,300,2026-02-21,x")
    rows = ("V1,R1,200,2026-02-22,代扣退回", "V2,R1,,2026-02-24,退款", "V3,R2,100,2026-02-24,别的")

    first, again = take_back(tmp_path, *rows), take_back(tmp_path, *rows)

    assert (counts(first), counts(again)) == ((3, 3, 0, 0, 0), (3, 0, 0, 3, 0))
    assert reversals() == [
        ("V1", "R1", Decimal(200), date(2026, 2, 22), "BOUNCED"),
        ("V2", "R1", Decimal(300), date(2026, 2, 24), "REFUND"),
        ("V3", "R2", Decimal(100), date(2026, 2, 24), "OTHER"),
    ]
    assert left() == [
        ("R1", Decimal(500), Decimal(500), date(2026, 2, 24), True),
        ("R2", Decimal(300), Decimal(100), None, True),
    ]


def test_a_later_file_corrects_a_reversal(tmp_path: Path, account: Account) -> None:
    pay(tmp_path, "R1,D1-1,500,2026-02-20,x")
    take_back(tmp_path, "V1,R1,,2026-02-22,代扣退回")
    Repayment.objects.update(settle_again=False)

    result = take_back(tmp_path, "V1,R1,200,2026-02-22,代扣退回")

    assert counts(result) == (1, 0, 1, 0, 0)
    assert left() == [("R1", Decimal(500), Decimal(200), None, True)]


def test_another_day_of_a_partial_reversal_is_settled_again(tmp_path: Path, account: Account) -> None:
    pay(tmp_path, "R1,D1-1,500,2026-02-20,x")
    take_back(tmp_path, "V1,R1,200,2026-02-22,代扣退回")
    Repayment.objects.update(settle_again=False)

    take_back(tmp_path, "V1,R1,200,2026-02-23,代扣退回")

    assert left() == [("R1", Decimal(500), Decimal(200), None, True)]


def test_reversals_are_refused_with_row_and_reason(tmp_path: Path, account: Account) -> None:
    pay(tmp_path, "R1,D1-1,500,2026-02-20,x")

    result = take_back(
        tmp_path,
        "V1,R9,100,2026-02-22,x",
        "V2,R1,501,2026-02-22,x",
        "V3,R1,500,2026-02-22,x",
        "V4,R1,,2026-02-22,x",
        "V3,R1,1,2026-02-22,x",
        "V5,R1,0,2026-02-22,x",
        "V6,R1,1,2026-12-22,x",
    )

    assert counts(result) == (7, 1, 0, 0, 6)
    assert refused() == [
        (2, "reversal.repayment", "No such repayment. Take in the repayments first."),
        (3, "reversal.amount", "Only {rest} is left of the repayment."),
        (5, "reversal.repayment", "The repayment has been taken back already; nothing is left of it."),
        (6, "reversal.external_ref", "The same reference stands in an earlier row of this file."),
        (7, "reversal.amount", "The number must be above {bound}."),
        (8, "reversal.reversed_on", "The day lies in the future."),
    ]


def test_without_the_column_a_negative_row_is_refused_and_told_the_remedy(tmp_path: Path, account: Account) -> None:
    result = pay(tmp_path, "R1,D1-1,-500,2026-02-20,x", "R2,D1-1,0,2026-02-20,x")

    assert counts(result) == (2, 0, 0, 0, 2)
    assert refused() == [
        (
            2,
            "repayment.amount",
            "A negative amount takes a repayment back. Send it by a profile of kind REVERSALS, or map "
            "repayment.reverses to the column that names the repayment taken back.",
        ),
        (3, "repayment.amount", "The amount is 0: nothing was paid. Leave the row out."),
    ]


def test_with_the_column_a_negative_row_takes_back_a_repayment_of_the_same_file(
    tmp_path: Path, account: Account
) -> None:
    rows = ("R1,D1-1,500,2026-02-20,", "R2,D1-1,-500,2026-02-23,R1", "R3,D1-1,70,2026-02-23,")

    dry = take_signed(tmp_path, *rows, dry_run=True)
    first, again = take_signed(tmp_path, *rows), take_signed(tmp_path, *rows)

    assert (counts(dry), counts(first), counts(again)) == ((3, 3, 0, 0, 0), (3, 3, 0, 0, 0), (3, 0, 0, 3, 0))
    assert reversals() == [("R2", "R1", Decimal(500), date(2026, 2, 23), "BOUNCED")]
    assert left() == [
        ("R1", Decimal(500), Decimal(500), date(2026, 2, 23), True),
        ("R3", Decimal(70), Decimal(0), None, False),
    ]


def test_signed_rows_are_refused_with_the_reason(tmp_path: Path, account: Account) -> None:
    result = take_signed(
        tmp_path,
        "R1,D1-1,500,2026-02-20,",
        "R2,D1-1,-500,2026-02-23,",
        "R3,D1-1,0,2026-02-23,",
        "R4,D1-1,5,2026-02-23,R1",
        "R5,D1-2,-5,2026-02-23,R1",
        "R6,D1-1,-5,2026-02-23,R9",
    )

    assert counts(result) == (6, 1, 0, 0, 5)
    assert refused() == [
        (3, "repayment.reverses", "A negative amount needs the reference of the repayment that it takes back."),
        (4, "repayment.amount", "The amount is 0: nothing was paid. Leave the row out."),
        (5, "repayment.amount", "A row that names a repayment to take back needs a negative amount."),
        (6, "repayment.account", "The repayment that is taken back belongs to another account."),
        (7, "repayment.reverses", "No such repayment. Take in the repayments first."),
    ]


def test_the_open_case_tells_what_was_taken_back(tmp_path: Path, account: Account) -> None:
    case = make_case(account=account)
    pay(tmp_path, "R1,D1-1,500,2026-02-20,x")

    for _time in range(2):
        take_back(tmp_path, "V1,R1,200,2026-02-22,代扣退回")

    assert list(case.events.values_list("kind", "body")) == [
        (
            "REPAYMENT",
            {
                "action": "taken_back",
                "repayment": "R1",
                "amount": "200.00",
                "currency": "CNY",
                "on": "2026-02-22",
                "why": "BOUNCED",
            },
        )
    ]
