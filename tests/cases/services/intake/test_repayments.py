"""A correction of a repayment is never below what was taken back of it, in files of repayments and of accounts."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cases.models import Account, IntakeReject, Repayment
from cases.rules.profile.parse import parse_profile
from cases.services.intake.take_in import take_in
from tests.cases.services.intake.event_files import AT, REPAYMENTS, REVERSALS, counts, event_file, take
from tests.factories.portfolio import make_account, make_borrower

OWN = parse_profile(
    name="own",
    text="""
kind = "ACCOUNTS"
[borrower]
external_ref = { column = "person" }
territory = "310000"
[account]
external_ref = { column = "account" }
product = "CASH"
credit_limit = { column = "limit" }
as_of = { column = "as_of" }
[[repayments]]
external_ref = { template = "{account}-P" }
amount = { column = "paid" }
paid_on = { column = "as_of" }
""",
)


@pytest.fixture
def repayment(tmp_path: Path, shanghai: Any) -> Repayment:
    borrower = make_borrower(territory=shanghai, external_ref="P1")
    make_account(borrower=borrower, external_ref="K1", source="own", as_of=date(2026, 2, 1), credit_limit=500)
    take(event_file(tmp_path, REPAYMENTS + "K1-P,K1,500,2026-02-20,x\n"), "demo-repayments")
    take(event_file(tmp_path, REVERSALS + "V1,K1-P,200,2026-02-21,\n"), "demo-reversals")
    Repayment.objects.update(settle_again=False)
    return Repayment.objects.get()


def stored() -> tuple[Any, ...]:
    return Repayment.objects.values_list("amount", "reversed_amount", "void_on", "settle_again").get()


def own(tmp_path: Path, *rows: str) -> Any:
    path = event_file(tmp_path, "person,account,limit,as_of,paid\n" + "".join(f"{row}\n" for row in rows))
    return take_in(path=path, profile=OWN, actor=None, at=AT)


@pytest.mark.parametrize(
    ("amount", "rejected", "after"),
    [
        (600, 0, (Decimal(600), Decimal(200), None, True)),
        (200, 0, (Decimal(200), Decimal(200), date(2026, 2, 21), True)),
        (199, 1, (Decimal(500), Decimal(200), None, False)),
        (500, 0, (Decimal(500), Decimal(200), None, False)),
    ],
)
def test_a_file_of_repayments_corrects_down_to_what_was_taken_back(
    tmp_path: Path, repayment: Repayment, amount: int, rejected: int, after: tuple[Any, ...]
) -> None:
    result = take(event_file(tmp_path, REPAYMENTS + f"K1-P,K1,{amount},2026-02-20,x\n"), "demo-repayments")

    assert (result.rejected, stored()) == (rejected, after)


def test_the_refusal_names_the_row_and_what_was_taken_back(tmp_path: Path, repayment: Repayment) -> None:
    take(event_file(tmp_path, REPAYMENTS + "K1-P,K1,1,2026-02-20,x\n"), "demo-repayments")

    assert list(IntakeReject.objects.values_list("row_number", "field", "reason", "reason_params")) == [
        (
            2,
            "repayment.amount",
            "{reversed} of this repayment has been taken back. Correct the reversals first.",
            {"reversed": "200.00"},
        )
    ]


def test_an_account_row_with_too_small_a_repayment_is_refused_whole(tmp_path: Path, repayment: Repayment) -> None:
    rows = ("P1,K1,7000,2026-03-01,100", "P2,K2,8000,2026-03-01,100")

    first, again = own(tmp_path, *rows), own(tmp_path, *rows)

    assert (counts(first), counts(again)) == ((2, 1, 0, 0, 1), (2, 0, 0, 1, 1))
    assert sorted(Account.objects.values_list("external_ref", "credit_limit")) == [("K1", 500), ("K2", 8000)]
    assert set(IntakeReject.objects.values_list("row_number", "field")) == {(2, "repayments.amount")}


def test_an_account_row_that_corrects_a_repayment_marks_it(tmp_path: Path, repayment: Repayment) -> None:
    own(tmp_path, "P1,K1,7000,2026-02-20,200")

    assert stored() == (Decimal(200), Decimal(200), date(2026, 2, 21), True)
