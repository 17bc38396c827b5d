"""Rows with the same cells as last time are recognised; those that may differ are read again."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cases.models import (
    Account,
    Borrower,
)
from cases.rules.profile.parse import parse_profile
from cases.services.intake import take_in as intake
from tests.cases.services.intake.account_files import AT, PROFILE, account_file, counts, row, row_versions, take


def test_take_in_of_the_same_file_again_changes_no_row_version(db: Any, tmp_path: Path) -> None:
    path = account_file(tmp_path, *[row(n, paid="5") for n in range(1, 6)])
    take(path)
    before = row_versions()

    result = take(path, at=AT.replace(hour=5))

    assert counts(result) == (5, 0, 0, 5, 0)
    assert row_versions() == before


def test_take_in_reads_every_row_of_a_borrower_whom_one_row_changes(db: Any, tmp_path: Path, monkeypatch: Any) -> None:
    rows = [row(1), row(2), row(3, person="P1")]
    take(account_file(tmp_path, *rows))
    monkeypatch.setattr(intake, "BATCH_ROWS", 2)

    renamed = take(account_file(tmp_path, row(1, name="李四"), row(2)))
    back = take(account_file(tmp_path, *rows[1:]))

    assert (counts(renamed), counts(back)) == ((2, 0, 1, 1, 0), (2, 0, 1, 1, 0))
    assert Borrower.objects.get(external_ref="P1").name == "张小三"


def test_take_in_of_the_same_words_under_another_profile_reads_them_again(db: Any, tmp_path: Path) -> None:
    path = account_file(tmp_path, row(1))
    take(path)
    scaled = parse_profile(text=PROFILE.replace('{ column = "limit" }', '{ column = "limit", scale = 2 }'), name="test")

    result = take(path, profile=scaled)

    assert counts(result) == (1, 0, 1, 0, 0)
    assert Account.objects.get().credit_limit == Decimal("120000")


def test_references_of_odd_characters_are_known_again(db: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "BATCH_ROWS", 4)
    odd = ["A'B", "A\\B", "A%sB", "A{0}B", "A;B--", "{A,B}", "甲-乙", "NULL0", "\\x41", "A|B"]
    path = account_file(tmp_path, *(row(n, person=f"P{ref}", account=ref) for n, ref in enumerate([*odd, odd[0]])))

    first = take(path)
    again = take(path)

    assert counts(first) == (11, 10, 0, 0, 1)
    assert counts(again) == (11, 0, 0, 10, 1)
    assert sorted(Account.objects.values_list("external_ref", flat=True)) == sorted(odd)
