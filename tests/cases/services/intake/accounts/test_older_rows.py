"""Rows older than the stored account never move it back."""

from pathlib import Path
from typing import Any

from cases.models import (
    IntakeReject,
)
from tests.cases.services.intake.account_files import account_file, counts, row, row_versions, take


def test_take_in_of_a_late_feed_moves_no_account_back(db: Any, tmp_path: Path) -> None:
    take(account_file(tmp_path, row(1), row(2)))
    before = row_versions()

    result = take(account_file(tmp_path, row(1, as_of="2026-02-01", balance="3"), row(2, as_of="2026-02-01", dpd="65")))

    assert counts(result) == (2, 0, 0, 1, 1)
    assert row_versions() == before
    reject = IntakeReject.objects.get()
    assert (reject.row_number, reject.field, reject.value) == (3, "account.as_of", "2026-02-01")
    assert reject.reason_params == {"known": "2026-03-01"}
