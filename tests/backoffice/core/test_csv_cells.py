"""Cells of CSV files that spreadsheets open."""

import csv
import io

import pytest

from backoffice.core.csv_cells import csv_line, harmless


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
@pytest.mark.parametrize("before", ["", " ", "\u3000", "\x00"])
def test_harmless_guards_what_a_spreadsheet_would_run(first, before):
    assert harmless(f"{before}{first}1+1") == "'" + f"{before}{first}1+1".replace("\x00", "")


@pytest.mark.parametrize("cell", ["", "张*三", "1=1", "2026-03-02", "a@b", "12.50"])
def test_harmless_leaves_plain_text_alone(cell):
    assert harmless(cell) == cell


def test_csv_line_keeps_one_record_a_line():
    line = csv_line(["a,b", 'say "x"', "=1"])

    assert list(csv.reader(io.StringIO(line))) == [["a,b", 'say "x"', "'=1"]]
    assert line.endswith("\r\n")
