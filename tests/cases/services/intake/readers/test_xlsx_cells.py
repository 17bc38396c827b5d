"""Cells of a sheet as texts."""

from pathlib import Path
from typing import Any

import pytest

from tests.cases.services.intake.readers.feed_files import HEADER, ROW, assert_refused, read_rows
from tests.factories.sheets import make_sheet


def test_spreadsheet_cells_become_plain_texts(tmp_path: Path) -> None:
    path = make_sheet(
        tmp_path / "odd.xlsx",
        [
            ["a", "b", "c", "d", "e", "f"],
            [
                '<c t="b"><v>1</v></c>',
                '<c t="e"><v>#N/A</v></c>',
                "<c><v>1E-7</v></c>",
                '<c s="3"><v>5</v></c>',
                '<c s="1"><v>59</v></c>',
                "",
            ],
            [
                "<c><v>NaN</v></c>",
                "<c><v>1e400</v></c>",
                '<c t="d"><v>2026-03-01T08:00:00</v></c>',
                '<c s="1"><v>0.5</v></c>',
                "",
                "last",
            ],
        ],
    )

    assert read_rows(path) == [
        (2, ["true", "#N/A", "0.0000001", "5", "1900-02-28", ""]),
        (3, ["NaN", "1e400", "2026-03-01 08:00:00", "12:00:00", "", "last"]),
    ]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["P1", "310000", "x", "", "K1", "<c><f>1+1</f></c>", 1, "2026-03-01"], "Row 2, column limit: a formula"),
        # As programs write it that compute nothing.
        (
            ["P1", "310000", "x", "", "K1", 1, "<c><f>1+1</f><v></v></c>", "2026-03-01"],
            "Row 2, column arrears: a formula",
        ),
        (["P1", "310000", "x", "", "K1", 1, "<c><f>1+1</f><v/></c>", "2026-03-01"], "Row 2, column arrears: a formula"),
        (["P1", "310000", "x", "", 6222020200112233445, 1, 1, "2026-03-01"], "Row 2, column account: a number of more"),
        (["P1", '<c t="s"><v>7</v></c>', "x"], "text that is not there"),
        (["P1", "<c><v>" + "9" * 200_000 + "</v></c>"], "Row 2, column branch: A cell holds more than"),
    ],
)
def test_spreadsheet_with_a_cell_that_cannot_be_trusted_is_refused(
    db: Any, tmp_path: Path, row: Any, words: str
) -> None:
    assert_refused(make_sheet(tmp_path / "bad.xlsx", [list(HEADER), row]), words)


def test_habits_of_spreadsheets_are_read_as_they_show(tmp_path: Path) -> None:
    # A whole number with its decimal, an apostrophe that only marks a text, a line end by its code, day 60 of 1900.
    path = make_sheet(
        tmp_path / "habits.xlsx",
        [
            ["a", "b", "c", "d", "e"],
            [
                "<c><v>45.0</v></c>",
                '<c s="3" t="inlineStr"><is><t>00123</t></is></c>',
                "one_x000D_\ntwo",
                '<c s="1"><v>60</v></c>',
                '<c t="s"><v>0</v></c>',
                " ",
            ],
        ],
        strings=["a_x000D_\nb_x005F_x0041_"],
    )

    assert read_rows(path) == [(2, ["45", "00123", "one\ntwo", "60", "a\nb_x0041_"])]


def test_hidden_rows_are_read_like_others(tmp_path: Path) -> None:
    body = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row>'
        '<row r="2" hidden="1"><c r="A2"><v>1</v></c></row><row r="3"><c r="A3"><v>2</v></c></row>'
    )

    assert read_rows(make_sheet(tmp_path / "filtered.xlsx", [], body=body)) == [(2, ["1"]), (3, ["2"])]


def test_a_formula_whose_text_is_empty_is_an_empty_cell(tmp_path: Path) -> None:
    row = [*ROW[:2], '<c t="str"><f>IF(1,"","")</f><v></v></c>', *ROW[3:]]
    path = make_sheet(tmp_path / "texts.xlsx", [list(HEADER), row])

    assert read_rows(path) == [(2, [*ROW[:2], "", *ROW[3:]])]


def test_a_number_that_the_sheet_shows_as_percent_is_one(tmp_path: Path) -> None:
    rates = ["0.18", "0.1825", "1", "0", "-0.05", "1E-3", "NaN"]
    path = make_sheet(
        tmp_path / "rates.xlsx",
        [
            [f"c{n}" for n in range(9)],
            [*(f'<c s="4"><v>{rate}</v></c>' for rate in rates), '<c s="6"><v>0.07</v></c>', '<c s="5"><v>18</v></c>'],
        ],
    )

    assert read_rows(path) == [(2, ["18%", "18.25%", "100%", "0%", "-5%", "0.1%", "NaN", "7%", "18"])]
