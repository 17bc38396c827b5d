"""The header is found by itself, below titles and blank rows, or the best row is named."""

from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput
from cases.rules.profile.records import FileFormat
from cases.services.intake.readers.header import SEARCHED_ROWS, HeaderSearch, column_name
from cases.services.intake.readers.inspection import inspect_file
from cases.services.intake.readers.opening import open_rows
from tests.cases.services.intake.readers.feed_files import HEADER, ROW, assert_refused, profile_with, read_rows, take
from tests.factories.sheets import make_sheet

TITLE = ["2026年11月逾期清单"]


def _search(*rows: list[str], file: FileFormat | None = None, wanted: tuple[str, ...] = ("a", "b")) -> HeaderSearch:
    search = HeaderSearch(file=file or FileFormat(), wanted=wanted)
    for number, cells in enumerate(rows, 1):
        if not search.is_over:
            search.offer(number=number, cells=cells)
    if not search.is_over:
        search.give_up()
    return search


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        (" 借据号 ", "借据号"),
        ("\ufeff借据\u200b号", "借据号"),
        ("授信额度\n（元）", "授信额度（元）"),
        ("credit \r\n limit", "credit limit"),
        ("credit\u00a0limit", "credit limit"),
        ("额度 (元)", "额度 (元)"),
    ],
)
def test_column_name_is_compared_as_people_see_it(cell: str, name: str) -> None:
    assert column_name(cell) == name


def test_first_row_with_every_column_is_the_header() -> None:
    search = _search(["title"], ["a"], ["x", "a", " b "], ["b", "a"])

    assert (search.row, search.names) == (3, ["x", "a", "b"])


def test_header_has_the_names_that_the_profile_writes() -> None:
    assert _search(["a b\n（元）", "c"], wanted=("a b（元）\n",)).names == ["a b（元）\n", "c"]


def test_row_with_most_columns_is_taken_if_none_has_all() -> None:
    assert _search(["title"], ["a"], ["a", "c"]).row == 2
    assert (_search(["x"], ["y"]).row, _search([" "], []).names) == (1, [])


def test_only_twenty_rows_with_content_are_searched() -> None:
    titles = [["title"]] * (SEARCHED_ROWS - 1)

    assert _search(*titles, [""], ["a", "b"]).row == SEARCHED_ROWS + 1
    assert _search(*titles, ["title"], ["a", "b"]).row == 1


def test_profile_that_skips_lines_or_names_columns_is_not_searched() -> None:
    assert _search(["title"], ["a", "b"], file=FileFormat(skip_lines=0)).names == ["title"]
    named = _search(["a", "b"], file=FileFormat(columns=("b", " a ")))
    assert (named.row, named.names) == (0, ["b", "a"])


@pytest.mark.parametrize("above", [[TITLE], [TITLE, ["单位：元", "", "2026-11-20"]], [[], [""], TITLE, []], []])
def test_file_with_titles_above_its_header_is_taken_in(db: Any, tmp_path: Path, above: list[list[str]]) -> None:
    number = len(above) + 2
    rows = [*above, list(HEADER), list(ROW)]
    text = tmp_path / "feed.csv"
    text.write_text("\n".join(",".join(row) for row in rows) + "\n", encoding="utf-8")
    sheet = make_sheet(tmp_path / "feed.xlsx", rows)  # type: ignore[arg-type]

    assert read_rows(text) == read_rows(sheet) == [(number, ROW)]
    assert take(text).created == 1
    assert take(sheet).unchanged == 1


def test_rows_below_a_title_keep_their_numbers_and_bad_ones_are_named(db: Any, tmp_path: Path) -> None:
    from cases.models import IntakeReject

    bad = [*ROW[:5], "many", *ROW[6:]]
    path = make_sheet(tmp_path / "feed.xlsx", [TITLE, [], list(HEADER), list(ROW), bad])

    assert take(path).rejected == 1
    assert IntakeReject.objects.get().row_number == 5


def test_file_without_its_header_names_the_best_row_and_the_keys_to_write(db: Any, tmp_path: Path) -> None:
    header = [name for name in HEADER if name not in ("limit", "as_of")]
    path = tmp_path / "feed.csv"
    path.write_text("\n".join(["title", ",".join(header), ",".join(ROW)]) + "\n")

    assert_refused(
        path,
        "Profile, account.credit_limit: the file has no column 'limit', 'as_of'. Similar columns: -. Row 2 was taken as"
        " the header. If another row is, write file.skip_lines; if none is, file.columns; or correct the profile.",
    )


def test_header_that_comes_late_in_a_long_sheet_keeps_the_rows_after_it(tmp_path: Path) -> None:
    rows: list[list[object]] = [[f"note {n}"] for n in range(15)]
    path = make_sheet(tmp_path / "feed.xlsx", [*rows, list(HEADER), *([list(ROW)] * 3000)])

    found = read_rows(path)

    assert (len(found), found[0][0], found[-1][0]) == (3000, 17, 3016)


def test_formula_without_a_value_is_refused_below_a_title_too(db: Any, tmp_path: Path) -> None:
    row = ["P1", "310000", "x", "", "K1", "<c><f>1+1</f></c>", 1, "2026-03-01"]

    assert_refused(
        make_sheet(tmp_path / "bad.xlsx", [TITLE, list(HEADER), row]),  # type: ignore[list-item]
        "Row 3, column limit: a formula",
    )


def test_header_without_any_cell_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "blank.csv"
    path.write_text(" , \n,\n")
    profile = profile_with()

    with (
        override("en"),
        pytest.raises(InvalidInput, match="no header"),
        open_rows(path=path, found=inspect_file(path=path, file=profile.file), profile=profile),
    ):
        pass
