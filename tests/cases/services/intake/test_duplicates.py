"""A reference counts once in a file."""

from pathlib import Path
from typing import Any

import pytest

from cases.models import (
    Account,
    IntakeReject,
)
from cases.services.intake import take_in as intake
from tests.cases.services.intake.account_files import account_file, counts, row, take


@pytest.mark.parametrize("rows", [1, 2, 9])
def test_take_in_takes_the_first_sound_row_of_a_reference(db: Any, tmp_path: Path, monkeypatch: Any, rows: int) -> None:
    monkeypatch.setattr(intake, "BATCH_ROWS", rows)

    result = take(account_file(tmp_path, row(1, limit="x"), row(1), row(2), row(1, dpd="7")))

    assert counts(result) == (4, 2, 0, 0, 2)
    assert Account.objects.get(external_ref="K1").days_past_due == 95
    assert list(IntakeReject.objects.order_by("row_number").values_list("row_number", "field")) == [
        (2, "account.credit_limit"),
        (5, "account.external_ref"),
    ]
