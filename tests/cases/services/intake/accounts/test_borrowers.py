"""Rows of one borrower are combined; known telephones keep their verdict."""

from pathlib import Path
from typing import Any

import pytest

from cases.models import (
    Account,
    Borrower,
    BorrowerPhone,
)
from cases.services.intake import take_in as intake
from tests.cases.services.intake.account_files import account_file, row, take


def test_take_in_keeps_a_known_telephone_and_its_verdict_beside_a_new_one(db: Any, tmp_path: Path) -> None:
    take(account_file(tmp_path, row(1)))
    BorrowerPhone.objects.update(verdict="INVALID")

    take(account_file(tmp_path, row(1, phone="+8619900000002")))
    take(account_file(tmp_path, row(1)))

    found = {p.number: p.verdict for p in BorrowerPhone.objects.all()}
    assert found == {"+8619900000001": "INVALID", "+8619900000002": "UNKNOWN"}


def test_take_in_puts_two_accounts_under_one_borrower(db: Any, tmp_path: Path) -> None:
    path = account_file(tmp_path, row(1), row(2, person="P1", phone="+8619900000002"))

    take(path)
    again = take(path)

    assert Account.objects.filter(borrower__external_ref="P1").count() == 2
    assert BorrowerPhone.objects.filter(borrower__external_ref="P1").count() == 2
    assert again.unchanged == 2


@pytest.mark.parametrize("rows", [1, 2, 9])
def test_take_in_lets_the_last_row_of_a_borrower_count(db: Any, tmp_path: Path, monkeypatch: Any, rows: int) -> None:
    take(account_file(tmp_path, row(1), row(2, person="P1")))
    monkeypatch.setattr(intake, "BATCH_ROWS", rows)

    take(account_file(tmp_path, row(1, name="李四"), row(2, person="P1")))

    assert Borrower.objects.get(external_ref="P1").name == "张小三"
