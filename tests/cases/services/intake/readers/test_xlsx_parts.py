"""Which sheet is read, and which numbers are dates."""

from pathlib import Path

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput
from tests.cases.services.intake.readers.feed_files import profile_with, read_rows
from tests.factories.sheets import make_sheet


def test_spreadsheet_of_1904_counts_from_another_day(tmp_path: Path) -> None:
    path = make_sheet(tmp_path / "mac.xlsx", [["day"], ['<c s="1"><v>44620</v></c>']], book=' date1904="1"')

    assert read_rows(path) == [(2, ["2026-03-01"])]


def test_profile_names_the_sheet(tmp_path: Path) -> None:
    path = make_sheet(tmp_path / "feed.xlsx", [["a"], ["1"]])
    named, missing = profile_with('[file]\nsheet = "accounts"'), profile_with('[file]\nformat = "xlsx"\nsheet = "nope"')

    assert read_rows(path, named) == [(2, ["1"])]
    with override("en"), pytest.raises(InvalidInput, match=r"no sheet 'nope'\. It has: 'notes', 'accounts'"):
        read_rows(path, missing)


def test_a_first_sheet_without_the_columns_names_the_others(tmp_path: Path) -> None:
    path = make_sheet(tmp_path / "feed.xlsx", [["a"], ["1"]], notes_state="visible")

    with override("en"), pytest.raises(InvalidInput) as refusal:
        read_rows(path)

    assert str(refusal.value) == (
        "The first sheet, 'notes', lacks columns of the profile. There are also: 'accounts'. If the rows are in one of them, "
        'write under [file]: sheet = "accounts"'
    )
