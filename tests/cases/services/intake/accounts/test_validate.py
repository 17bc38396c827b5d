"""Rows that contradict the file, the territories or the stored accounts are refused."""

from pathlib import Path
from typing import Any

from django.utils.translation import override

from cases.models import (
    Account,
    Borrower,
    IntakeReject,
)
from tests.cases.services.intake.account_files import account_file, counts, row, take


def test_take_in_rejects_bad_rows_and_takes_the_rest(db: Any, tmp_path: Path) -> None:
    bad = {
        "account.credit_limit": row(1, limit="-5"),
        "account.annual_rate": row(2, rate="100%"),
        "account.as_of": row(3, as_of="2026-02-30"),
        "borrower.external_ref": row(4, person="6.2E+18"),
        "account.external_ref": row(5, account=""),
        "account.days_past_due": row(6, dpd="many"),
        "borrower.territory": row(7, branch="XX"),
        "account.arrears_amount": row(8, arrears="NaN"),
        "account.credit_limit ": row(9, limit="1.200,50"),
        "": row(10) + ",more",
        "statements[1].balance": row(11, balance="1e400"),
    }

    result = take(account_file(tmp_path, *bad.values(), row(12), row(13, account="K12")))

    assert counts(result) == (13, 1, 0, 0, 12)
    found = list(IntakeReject.objects.order_by("row_number").values_list("row_number", "field"))
    assert found == [*enumerate(map(str.strip, bad), start=2), (14, "account.external_ref")]
    assert list(Account.objects.values_list("external_ref", flat=True)) == ["K12"]
    assert IntakeReject.objects.get(row_number=2).value == "-5"
    assert "张小三" in IntakeReject.objects.get(row_number=2).row
    assert Borrower.objects.count() == 1


def test_take_in_refuses_figures_of_the_future(db: Any, tmp_path: Path) -> None:
    result = take(account_file(tmp_path, row(1, as_of="2026-03-04")))

    assert result.rejected == 1
    with override("en"):
        assert IntakeReject.objects.get().told_reason == "The day lies in the future."


def test_take_in_refuses_an_account_of_another_borrower(db: Any, tmp_path: Path) -> None:
    take(account_file(tmp_path, row(1)))

    result = take(account_file(tmp_path, row(2, account="K1")))

    assert counts(result) == (1, 0, 0, 0, 1)
    assert Account.objects.get(external_ref="K1").borrower.external_ref == "P1"
    assert not Borrower.objects.filter(external_ref="P2").exists()
