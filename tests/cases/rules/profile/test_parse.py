"""The profile language: what it can say, and what it refuses."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput
from cases.rules.profile.derivations import arrears_from_statements, latest_balance
from cases.rules.profile.identity_number import is_sound
from cases.rules.profile.parse import check_header, parse_profile
from cases.rules.profile.row_reader import ReadRow, row_reader

LATEST = date(2026, 3, 2)

BASE = """
kind = "ACCOUNTS"
{top}
[borrower]
external_ref = {{ column = "id" }}
territory = "TW"
[account]
external_ref = {{ column = "id" }}
product = "CASH"
credit_limit = 100
as_of = 2026-03-01
{account}
"""


def _text(*, top: str = "", account: str = "") -> str:
    return BASE.format(top=top, account=account)


def _read(text: str, **cells: str) -> ReadRow:
    profile = parse_profile(text=text, name="test")
    header = list(cells)
    check_header(profile=profile, header=header)
    return row_reader(profile=profile, header=header, latest=LATEST)(list(cells.values()))


def _account(line: str, *, top: str = "", **cells: str) -> dict[str, Any]:
    row = _read(_text(account=line, top=top), id="1", **cells)
    assert row.problems == []
    return row.single["account"]


def _refused(line: str, *, top: str = "", **cells: str) -> str:
    row = _read(_text(account=line, top=top), id="1", **cells)
    return row.problems[0].reason


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

    assert _account(line, c=cell)[field] == value


def test_row_reader_takes_the_first_column_that_is_not_empty() -> None:
    line = 'segment = { columns = ["a", "b"] }'

    assert _account(line, a=" ", b="second")["segment"] == "second"
    assert _account(line, top='[file]\nempty = ["NULL"]', a="NULL", b="second")["segment"] == "second"


def test_row_reader_reads_other_marks_and_exponents_only_where_named() -> None:
    line = 'arrears_amount = { column = "c" }'

    assert _account(line, top='[file]\ndecimal_mark = ","\nthousands_mark = "."', c="1.234,5")[
        "arrears_amount"
    ] == Decimal("1234.5")
    assert _account(line, top="[file]\nexponents = true", c="1.00E+05")["arrears_amount"] == Decimal("100000")
    assert _refused(line, c="1.00E+05") == "This is not a number."


@pytest.mark.parametrize("cell", ["NaN", "Infinity", "-inf", "1e400", "1_000", "abc", "0x10", "9" * 41, "--1"])
def test_row_reader_refuses_what_is_no_number(cell: str) -> None:
    assert _refused('arrears_amount = { column = "c" }', c=cell) == "This is not a number."


@pytest.mark.parametrize(
    ("line", "cell", "reason"),
    [
        ('arrears_amount = { column = "c" }', "-1", "The number must be at least {bound}."),
        ('arrears_amount = { column = "c" }', "1000000000000", "The number must be below {bound}."),
        ('annual_rate = { column = "c" }', "1", "The number must be below {bound}."),
        ('days_past_due = { column = "c" }', "1.5", "This is not a whole number."),
        ('opened_on = { column = "c" }', "2025-02-29", "This is not a date as {formats}."),
        ('opened_on = { column = "c" }', "0001-01-01", "Dates lie between 1900 and 2100."),
        ('opened_on = { column = "c" }', "2026-03-02", "The account was opened after the day of the figures."),
        ('status = { column = "c" }', "gone", "The word must be one of: {choices}."),
        (
            'status = { column = "c", map = { "A" = "ACTIVE" } }',
            "B",
            "The profile knows no such word. Add it under map.",
        ),
        ('segment = { column = "c" }', "x" * 41, "The text is longer than {bound} characters."),
        ('segment = { column = "c" }', "a\x00b", "The text contains a control character."),
        (
            'segment = { column = "c", pattern = "^[a-z]+$" }',
            "7",
            "The text does not look as the profile's pattern says.",
        ),
    ],
)
def test_row_reader_refuses_with_a_reason(line: str, cell: str, reason: str) -> None:
    assert _refused(line, c=cell) == reason


def test_row_reader_collects_every_problem_of_a_row() -> None:
    row = _read(
        _text(account='arrears_amount = { column = "a" }\ndays_past_due = { column = "b" }'), id="", a="x", b="y"
    )

    assert [p.field for p in row.problems] == [
        "borrower.external_ref",
        "account.external_ref",
        "account.arrears_amount",
        "account.days_past_due",
    ]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("kind = ", "test"),
        ('kind = "PEOPLE"', "kind"),
        (_text(top="speed = 1"), "speed"),
        (_text(account='height = { column = "h" }'), "account.height"),
        (_text(account='segment = { colum = "h" }'), "account.segment.colum"),
        (_text(account='segment = { column = "h", as = "guess" }'), "account.segment.as"),
        (_text(account='segment = { column = "h", template = "{h}" }'), "account.segment"),
        (_text(account='segment = { template = "{h!r}" }'), "account.segment.template"),
        (_text(account='segment = { column = "h", pattern = "(" }'), "account.segment.pattern"),
        (_text(account='status = "GONE"'), "account.status"),
        (_text(account='arrears_amount = { derive = "guess" }'), "account.arrears_amount.derive"),
        (_text(account="arrears_amount = nan"), "account.arrears_amount"),
        (_text(top='[file]\nencodings = ["klingon"]'), "file.encodings"),
        (_text(top='[file]\ntime_zone = "../etc"'), "file.time_zone"),
        (_text(top='[file]\ndelimiter = ";;"'), "file.delimiter"),
        (_text().replace('territory = "TW"\n', ""), "borrower.territory"),
        (_text(top="updates_only = true").replace("[borrower]", "[borrower]\nname = 'x'"), "borrower.external_ref"),
    ],
)
def test_parse_profile_names_the_wrong_key(text: str, key: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_profile(text=text, name="test")

    assert caught.value.field in (key, "borrower.name") if key.startswith("borrower.ext") else caught.value.field == key


@pytest.mark.parametrize("trait", ["sex", "education", "marriage", "age", "religion"])
@pytest.mark.parametrize("section", ["borrower", "account"])
def test_parse_profile_has_no_place_for_protected_traits(trait: str, section: str) -> None:
    text = _text().replace(f"[{section}]", f'[{section}]\n{trait} = {{ column = "X2" }}')

    with override("en"), pytest.raises(InvalidInput, match="never taken in"):
        parse_profile(text=text, name="test")


def test_check_header_names_key_column_and_similar_ones() -> None:
    profile = parse_profile(text=_text(account='segment = { column = "segment" }'), name="test")

    with (
        override("en"),
        pytest.raises(InvalidInput, match=r"account.segment: the file has no column 'segment'.*'segmnt'"),
    ):
        check_header(profile=profile, header=["id", "segmnt", "张三"])
    with pytest.raises(InvalidInput):
        check_header(profile=profile, header=["id", "segment", "segment"])


def test_check_header_tells_no_cell_of_a_file_without_header() -> None:
    profile = parse_profile(text=_text(), name="test")

    with pytest.raises(InvalidInput) as caught:
        check_header(profile=profile, header=["张小三", "99999919850101123X"])

    assert "张小三" not in str(caught.value)
    assert "99999919850101123X" not in str(caught.value)


def test_row_reader_expresses_a_lending_club_export() -> None:
    text = """
kind = "ACCOUNTS"
[[territories]]
code = "CA"
name = "California"
[borrower]
external_ref = { template = "lc-{member_id}" }
territory = { column = "addr_state", map = { "CA" = "CA" }, otherwise = "US" }
[account]
external_ref = { template = "lc-{id}" }
product = "CASH"
currency = "USD"
segment = { column = "term", pattern = "(\\\\d+) months" }
credit_limit = { column = "loan_amnt" }
annual_rate = { column = "int_rate", as = "percent" }
outstanding_principal = { column = "out_prncp", strip = ["$"] }
opened_on = { column = "issue_d", formats = ["%b-%Y"] }
status = { column = "loan_status", map = { "Charged Off" = "WRITTEN_OFF", "Fully Paid" = "CLOSED" }, otherwise = "ACTIVE" }
as_of = 2018-12-31
[account.days_past_due]
column = "loan_status"
map = { "In Grace Period" = 10, "Late (16-30 days)" = 16, "Late (31-120 days)" = 31 }
otherwise = 0
"""
    row = _read(
        text,
        id="68407277",
        member_id="77",
        addr_state="CA",
        term=" 36 months",
        loan_amnt="3600",
        int_rate=" 13.5%",
        out_prncp="$1,203.44",
        issue_d="Dec-2015",
        loan_status="Late (31-120 days)",
        emp_title="nurse",
    )

    assert row.problems == []
    account = row.single["account"]
    assert (account["annual_rate"], account["days_past_due"], account["segment"]) == (Decimal("0.135"), 31, "36")
    assert (account["opened_on"], account["outstanding_principal"]) == (date(2015, 12, 1), Decimal("1203.44"))


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
    row = _read(text, n="1", b="B", t="01.03.2026 09:30")

    assert row.single["contact"]["attempted_at"] == datetime(2026, 3, 1, 1, 30, tzinfo=UTC)


def _statements(*, days: int, bills: list[int], paid: list[int]) -> list[dict[str, Any]]:
    return [
        {"period": date(2005, 4 + n, 1), "balance": Decimal(b), "paid_amount": Decimal(p), "days_past_due": days}
        for n, (b, p) in enumerate(zip(bills, paid, strict=True))
    ]


@pytest.mark.parametrize(
    ("days", "bills", "paid", "arrears"),
    [
        (0, [100, 200, 300], [0, 0, 0], 0),
        (30, [100, 200, 300], [0, 0, 0], 200),
        (60, [100, 200, 300], [0, 0, 0], 100),
        (60, [100, 200, 300], [100, 0, 0], 200),
        (60, [100, 200, 300], [40, 30, 0], 30),
        (60, [900, 200, 300], [0, 0, 0], 300),
        (270, [100, 200, 300], [0, 0, 0], 100),
        (60, [100, 200, 300], [100, 200, 0], 0),
        (5, [100, 200, 300], [0, 0, 0], 200),
        (60, [100, 200, -50], [0, 0, 0], 0),
    ],
)
def test_arrears_from_statements(days: int, bills: list[int], paid: list[int], arrears: int) -> None:
    assert arrears_from_statements(_statements(days=days, bills=bills, paid=paid)) == arrears


def test_latest_balance_is_not_below_zero() -> None:
    assert latest_balance([]) == 0
    assert latest_balance(_statements(days=0, bills=[5, -3], paid=[0, 0])) == 0


@pytest.mark.parametrize(
    "number",
    ["11010519491231002X", "440524188001010014", "99999919850101123X", "999999200002290027", "99999919850101123x"],
)
def test_is_sound_passes_the_standards_own_numbers(number: str) -> None:
    assert is_sound(number=number)


@pytest.mark.parametrize(
    "number",
    ["999999199002290013", "110105194912310021", "11010519491231002", "", "1" * 18, "１１０１０５19491231002X"],
)
def test_is_sound_refuses_wrong_dates_digits_and_lengths(number: str) -> None:
    assert not is_sound(number=number)
