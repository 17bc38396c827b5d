"""What a merge writes, and how its rows are counted."""

from pathlib import Path
from typing import Any

from cases.models import (
    Account,
    Borrower,
)
from tests.cases.services.intake.account_files import AT, account_file, counts, row, take


def test_take_in_counts_what_changed(db: Any, tmp_path: Path) -> None:
    take(account_file(tmp_path, *[row(n) for n in range(1, 7)]))
    later = AT.replace(hour=9)

    result = take(
        account_file(
            tmp_path,
            row(1, dpd="96"),
            row(2, name="李四"),
            row(3, balance="7"),
            row(4, paid="9"),
            row(5),
            row(6),
            row(7),
        ),
        at=later,
    )

    assert counts(result) == (7, 1, 4, 2, 0)
    assert Account.objects.get(external_ref="K1").updated_at == later
    assert Account.objects.get(external_ref="K5").updated_at == AT
    assert Borrower.objects.get(external_ref="P2").name == "李四"
    assert Borrower.objects.get(external_ref="P1").updated_at == AT


def test_take_in_passes_over_rows_that_say_the_same_in_other_words(db: Any, tmp_path: Path) -> None:
    take(account_file(tmp_path, row(1)))

    result = take(account_file(tmp_path, row(1, limit="60000", rate=" 18.50%")))

    assert counts(result) == (1, 0, 0, 1, 0)
    assert Account.objects.get().updated_at == AT
