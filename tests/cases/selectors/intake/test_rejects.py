"""Rejected rows as CSV, to be corrected and taken in again."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from cases.models import (
    Account,
    IntakeFile,
)
from cases.selectors.intake.rejects import rejects_csv
from tests.cases.services.intake.event_files import REPAYMENTS, counts, event_file, take
from tests.factories.portfolio import make_account, make_borrower


@pytest.fixture
def account(shanghai: Any) -> Account:
    return make_account(borrower=make_borrower(territory=shanghai, external_ref="D1"), external_ref="D1-1")


def test_rejects_csv_comes_back_corrected_through_the_same_profile(tmp_path: Path, account: Account) -> None:
    result = take(
        event_file(
            tmp_path, REPAYMENTS + "R1,D1-1,5 00x,2026-02-20,=1+2\nR2,D1-1,7,2026-02-30,@x\nR3,D1-1,8,2026-02-20,ok\n"
        ),
        "demo-repayments",
    )

    with override("en"):
        text = "".join(rejects_csv(file=IntakeFile.objects.get(pk=result.file_id)))

    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0] == ["row", "field", "value", "reason", "流水号", "借据号", "金额", "入账日期", "方式"]
    assert rows[1] == [
        "2",
        "repayment.amount",
        "5 00x",
        "This is not a number. Marks such as a currency are taken off by strip.",
        "R1",
        "D1-1",
        "5 00x",
        "2026-02-20",
        "'=1+2",
    ]
    assert rows[2][8] == "'@x"
    corrected = event_file(tmp_path, text.replace("5 00x", "500").replace("2026-02-30", "2026-02-28"))
    assert counts(take(corrected, "demo-repayments")) == (2, 2, 0, 0, 0)


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@SUM(1)", "\t=1", " =1"])
def test_rejects_csv_starts_no_formula(tmp_path: Path, account: Account, cell: str) -> None:
    result = take(event_file(tmp_path, REPAYMENTS + f'R1,D1-1,x,2026-02-20,"{cell}"\n'), "demo-repayments")

    lines = "".join(rejects_csv(file=IntakeFile.objects.get(pk=result.file_id)))

    rows = list(csv.reader(io.StringIO(lines)))
    assert rows[1][-1] == "'" + cell
