"""Texts of cells become values."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from cases.rules.profile import refusals
from tests.cases.rules.profile.profile_texts import account_of, profile_text, read_row, reason_of


@pytest.mark.parametrize(
    ("line", "cell", "value"),
    [
        ('arrears_amount = { column = "c" }', "1,234.50", Decimal("1234.50")),
        ('arrears_amount = { column = "c", strip = ["NT$", "元"] }', "NT$ 1,234元", Decimal("1234")),
        ('arrears_amount = { column = "c", scale = 10000 }', "3.25", Decimal("32500")),
        ('arrears_amount = { column = "c", floor = 0 }', "-7", Decimal(0)),
        ('arrears_amount = { column = "c" }', "１２３", Decimal("123")),
        ('annual_rate = { column = "c", as = "percent" }', " 13.5%", Decimal("0.135")),
        ('days_past_due = { column = "c", as = "months_late" }', "3", 92),
        ('days_past_due = { column = "c", as = "months_late" }', "-2", 0),
        ('days_past_due = { column = "c", pattern = "(\\\\d+) days" }', "about 36 days", 36),
        (
            'days_past_due = { column = "c", map = { "Current" = 0, "Late (31-120 days)" = 31 } }',
            "Late (31-120 days)",
            31,
        ),
        ('days_past_due = { column = "c", map = { "Current" = 0 }, otherwise = 1 }', "else", 1),
        (
            'status = { column = "c", map = { "Charged Off" = "WRITTEN_OFF" }, otherwise = "ACTIVE" }',
            "Charged Off",
            "WRITTEN_OFF",
        ),
        ('opened_on = { column = "c", formats = ["%b-%Y"] }', "Dec-2015", date(2015, 12, 1)),
        ('opened_on = { column = "c", formats = ["%Y/%m/%d", "%Y年%m月%d日"] }', "2025年01月31日", date(2025, 1, 31)),
        ('opened_on = { column = "c", add_months = 1 }', "2025-01-31", date(2025, 2, 28)),
        ('opened_on = { column = "c", formats = ["%Y%m"], on_day = "last" }', "202402", date(2024, 2, 29)),
        ('segment = { template = "s-{c}-{id}" }', "x", "s-x-1"),
        ('segment = { column = "c", default = "none" }', "", "none"),
    ],
)
def test_row_reader_converts(line: str, cell: str, value: object) -> None:
    field = line.partition(" ")[0]

    assert account_of(line, c=cell)[field] == value


def test_row_reader_reads_other_marks_and_exponents_only_where_named() -> None:
    line = 'arrears_amount = { column = "c" }'

    assert account_of(line, top='[file]\ndecimal_mark = ","\nthousands_mark = "."', c="1.234,5")[
        "arrears_amount"
    ] == Decimal("1234.5")
    assert account_of(line, top="[file]\nexponents = true", c="1.00E+05")["arrears_amount"] == Decimal("100000")
    assert reason_of(line, c="1.00E+05") == refusals.EXPONENT


@pytest.mark.parametrize("cell", ["Infinity", "-inf", "1e400", "1+000", "abc", "0x10", "9" * 41, "--1"])
def test_row_reader_refuses_what_is_no_number(cell: str) -> None:
    assert reason_of('arrears_amount = { column = "c" }', c=cell) == refusals.NOT_A_NUMBER


def test_row_reader_rounds_an_amount_only_if_the_profile_says_so() -> None:
    assert reason_of('arrears_amount = { column = "c" }', c="100.005") == refusals.TOO_MANY_DECIMALS
    assert account_of('arrears_amount = { column = "c", round = true }', c="100.005")["arrears_amount"] == Decimal(
        "100.01"
    )


def test_row_reader_refuses_fractions_of_currencies_without_a_smaller_unit() -> None:
    line = 'currency = "JPY"\narrears_amount = { column = "c" }'

    assert reason_of(line, c="100.5") == refusals.TOO_MANY_DECIMALS
    assert account_of(line, c="100.00")["currency"] == "JPY"


@pytest.mark.parametrize("cell", ["6.22848E+18", "3.1E+05"])
def test_row_reader_refuses_a_reference_that_a_spreadsheet_has_shortened(cell: str) -> None:
    row = read_row(profile_text(), id=cell)

    assert [(problem.field, problem.reason) for problem in row.problems[:1]] == [
        ("borrower.external_ref", refusals.ROUNDED)
    ]


def test_row_reader_reads_moments_in_the_files_zone() -> None:
    text = """
kind = "CONTACTS"
[file]
time_zone = "Asia/Shanghai"
[contact]
external_ref = { column = "n" }
borrower = { column = "b" }
channel = "VOICE"
outcome = "NO_ANSWER"
attempted_at = { column = "t", formats = ["%d.%m.%Y %H:%M"] }
"""
    row = read_row(text, n="1", b="B", t="01.03.2026 09:30")

    assert row.single["contact"]["attempted_at"] == datetime(2026, 3, 1, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize("written", ["18%", "18％", "18 %", "0.18", "18.00%"])
def test_a_share_may_be_written_as_percent(written: str) -> None:
    assert account_of('annual_rate = { column = "c" }', c=written)["annual_rate"] == Decimal("0.18")
    assert account_of('annual_rate = { compute = "{c} * 1" }', c=written)["annual_rate"] == Decimal("0.18")


def test_an_amount_is_no_percentage() -> None:
    assert reason_of('arrears_amount = { column = "c" }', c="18%") == refusals.NOT_A_NUMBER


@pytest.mark.parametrize(("word", "value"), [("1.0", True), ("Ｙ", True), ("'1", True), ("0.0", False), ("Ｎ", False)])
def test_truth_is_read_in_the_spellings_of_spreadsheets(word: str, value: bool) -> None:
    text = profile_text() + '[[addresses]]\nline = "x"\nis_rural = { column = "c" }'

    assert read_row(text, id="1", c=word).repeated["addresses"][0]["is_rural"] is value
