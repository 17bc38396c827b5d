"""Rows of delimited files, and files that cannot be read as such."""

from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput
from cases.enums import IntakeState
from cases.models import (
    Account,
    Address,
    IntakeFile,
    IntakeReject,
)
from cases.rules.profile.parse import parse_profile
from cases.services.intake.readers.inspection import inspect_file
from cases.services.intake.readers.opening import open_rows
from tests.cases.services.intake.account_files import COLUMNS, PROFILE, account_file, counts, row, take


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n\n", "header"),
        ((COLUMNS + "\n").encode(), "no rows"),
        (b"a,b\n1,2\n", "no column"),
        (("x," * 1_000_000 + "\n").encode(), "longer than"),
        (("x," * 5_000 + "\n1\n").encode(), "columns"),
        ((COLUMNS + "\n" + row(1) + '\n"P2,310000\n' + row(3)).encode(), "Row 3"),
        ((COLUMNS + '\n"' + "x" * 10_000_000 + '"\n').encode(), "Row 2"),
    ],
)
def test_take_in_of_a_hostile_file_fails_with_one_clear_problem(
    db: Any, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "hostile.csv"
    path.write_bytes(content)

    with override("en"), pytest.raises(InvalidInput, match=words):
        take(path)

    file = IntakeFile.objects.get()
    assert file.state == IntakeState.FAILED
    assert words in file.problem
    assert file.finished_at is not None
    assert Account.objects.count() == 0


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read_also_within_quotes(db: Any, tmp_path: Path, end: str) -> None:
    path = tmp_path / "feed.csv"
    path.write_bytes(end.join([COLUMNS, row(1, address=f"上海市示范路1号{end}2室"), row(2), ""]).encode())

    assert counts(take(path)) == (2, 2, 0, 0, 0)
    assert Address.objects.get(borrower__external_ref="P1").line == "上海市示范路1号\n2室"


def test_first_line_that_names_the_delimiter_is_no_row(db: Any, tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    bad = row(2, limit="many").replace(",", ";")
    path.write_bytes(
        (
            "\ufeffsep=;\r\n" + "\r\n".join([COLUMNS.replace(",", ";"), row(1, limit="60000").replace(",", ";"), bad])
        ).encode()
    )

    assert counts(take(path)) == (2, 1, 0, 0, 1)
    assert IntakeReject.objects.get().row_number == 3


def test_profile_that_skips_the_line_of_the_delimiter_still_works(db: Any, tmp_path: Path) -> None:
    path = account_file(tmp_path, COLUMNS, row(1), header="sep=,")
    skipping = parse_profile(text=PROFILE.replace("[borrower]", "[file]\nskip_lines = 1\n[borrower]"), name="test")

    assert take(path, profile=skipping).created == 1


@pytest.mark.parametrize(
    ("delimiter", "words"),
    [
        ("\t", 'separated by tab, and the profile reads comma. Write under [file]: delimiter = "\\t"'),
        (";", 'separated by semicolon, and the profile reads comma. Write under [file]: delimiter = ";"'),
        ("|", 'separated by bar, and the profile reads comma. Write under [file]: delimiter = "|"'),
        ("，", "separated by Chinese comma"),
    ],
)
def test_header_with_another_delimiter_names_it(db: Any, tmp_path: Path, delimiter: str, words: str) -> None:
    path = tmp_path / "feed.csv"
    lines = [delimiter.join(line.split(",")) for line in ("title", COLUMNS, row(1))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")

    with override("en"), pytest.raises(InvalidInput) as refusal:
        take(path)

    assert words in str(refusal.value)
    assert refusal.value.field == "file.delimiter"


def test_quoted_header_with_another_delimiter_names_it(db: Any, tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_text("\t".join(f'"{name}"' for name in COLUMNS.split(",")) + "\n", encoding="utf-8")

    with override("en"), pytest.raises(InvalidInput, match="separated by tab"):
        take(path)


def test_delimiter_at_the_end_of_every_row_and_columns_without_a_name_are_harmless(db: Any, tmp_path: Path) -> None:
    header = COLUMNS.replace("branch,", "branch,,") + ","
    path = account_file(tmp_path, row(1).replace('"310000",', '"310000","x",') + ",", header=header)

    assert counts(take(path)) == (1, 1, 0, 0, 0)


def test_rows_read_while_the_header_was_searched_are_bounded_too(tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text("a,b\n" + "x," * 3000 + "\n")
    profile = parse_profile(text=PROFILE, name="test")

    with (
        override("en"),
        pytest.raises(InvalidInput, match="Row 2 has more than 2000 cells"),
        open_rows(path=path, found=inspect_file(path=path, file=profile.file), profile=profile),
    ):
        pass


def test_cells_behind_the_last_column_count_only_if_they_hold_something(db: Any, tmp_path: Path) -> None:
    path = account_file(tmp_path, row(1) + ",,\u3000,", row(2) + ",x", row(3))

    assert counts(take(path)) == (3, 2, 0, 0, 1)
    assert IntakeReject.objects.get().row_number == 3


def test_a_cell_that_keeps_a_spreadsheet_from_reading_a_number_is_that_number(db: Any, tmp_path: Path) -> None:
    path = account_file(tmp_path, row(1).replace('"K1"', '"=""0012"""'), row(2).replace('"K2"', '="0013"'))

    assert counts(take(path)) == (2, 2, 0, 0, 0)
    assert sorted(Account.objects.values_list("external_ref", flat=True)) == ["0012", "0013"]


def test_the_mark_that_old_systems_write_at_the_end_of_a_file_is_no_row(db: Any, tmp_path: Path) -> None:
    path = account_file(tmp_path, row(1))
    path.write_bytes(path.read_bytes() + b"\x1a")

    assert counts(take(path)) == (1, 1, 0, 0, 0)
