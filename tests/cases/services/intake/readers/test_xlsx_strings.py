"""Shared strings of a spreadsheet are found by number, and a number that has none is refused."""

from pathlib import Path

import pytest

from backoffice.core.errors import InvalidInput
from tests.cases.services.intake.readers.feed_files import read_rows
from tests.factories.sheets import make_sheet


def test_shared_strings_are_found_by_number_without_their_phonetic_text(tmp_path: Path) -> None:
    row = ['<c t="s"><v>2</v></c>', '<c t="s"><v>0</v></c>', '<c t="s"><v>1</v></c>']
    path = make_sheet(tmp_path / "shared.xlsx", [["a", "b", "c"], row], strings=["first", "", "张小三"])

    assert read_rows(path) == [(2, ["张小三", "first", ""])]


@pytest.mark.parametrize("number", ["3", "-1", "x"])
def test_number_without_a_text_is_refused(tmp_path: Path, number: str) -> None:
    cell = f'<c t="s"><v>{number}</v></c>'
    path = make_sheet(tmp_path / "shared.xlsx", [["a"], [cell]], strings=["first", "second", "third"])

    with pytest.raises(InvalidInput):
        read_rows(path)
