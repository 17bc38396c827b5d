"""Dates as lenders write them, and refusals that name the format to write."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from cases.rules.profile import refusals
from cases.rules.profile.dates import (
    by_formats,
    day_year_first,
    is_format,
    moment_of_day_number,
    refused_date,
    year_first,
)
from tests.cases.rules.profile.profile_texts import account_of, profile_text, read_row

EAST = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    "text",
    [
        "2025-11-20",
        "2025/11/20",
        "2025.11.20",
        "20251120",
        "2025年11月20日",
        "2025年 11月 20日",
        "2025-11-20 00:00:00",
        "2025/11/20 0:00",
        "2025-11-20T00:00:00.000",
        "２０２５/１１/２０",
        "'2025-11-20",
        "20251120.0",
    ],
)
def test_day_with_the_year_first_is_read_without_a_format(text: str) -> None:
    assert account_of('opened_on = { column = "c" }', c=text)["opened_on"] == date(2025, 11, 20)


@pytest.mark.parametrize("text", ["2026-1-2", "2026/1/2", "2026.1.2", "2026年1月2日"])
def test_day_of_one_digit_is_read(text: str) -> None:
    assert day_year_first(text) == date(2026, 1, 2)


@pytest.mark.parametrize(
    "text",
    [
        "2026-13-01",
        "2026-11/20",
        "2026-W47-5",
        "202611201",
        "2026-11-20 08:00:00",
        "2026-11-20T00:00:00Z",
        "11/20/2026",
    ],
)
def test_what_is_no_plain_day_is_not_guessed(text: str) -> None:
    assert day_year_first(text) is None


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-20 10:05:07", datetime(2026, 11, 20, 10, 5, 7)),
        ("2026/11/20 8:05", datetime(2026, 11, 20, 8, 5)),
        ("2026年11月20日10:00", datetime(2026, 11, 20, 10)),
        ("20261120 10:00:00", datetime(2026, 11, 20, 10)),
        ("2026-11-20T10:00:00+08:00", datetime(2026, 11, 20, 10, tzinfo=EAST)),
        ("2026.11.20", datetime(2026, 11, 20)),
    ],
)
def test_moment_with_the_year_first_is_read_with_its_offset(text: str, moment: datetime) -> None:
    assert year_first(text) == moment


@pytest.mark.parametrize(
    ("text", "is_1904", "moment"),
    [
        ("45981", False, datetime(2025, 11, 20)),
        ("45981.75", False, datetime(2025, 11, 20, 18)),
        ("46346.", False, datetime(2026, 11, 20)),
        ("59", False, datetime(1900, 2, 28)),
        ("60", False, None),
        ("60.5", False, None),
        ("61", False, datetime(1900, 3, 1)),
        ("44519", True, datetime(2025, 11, 20)),
        ("60", True, datetime(1904, 3, 1)),
        ("2958466", False, None),
        ("-1", False, None),
        ("4.5981E+04", False, None),
        ("2025-11-20", False, None),
    ],
)
def test_day_number_of_a_spreadsheet(text: str, is_1904: bool, moment: datetime | None) -> None:
    assert moment_of_day_number(text, is_1904=is_1904) == moment


def test_formats_are_tried_in_order_day_numbers_among_them() -> None:
    read = by_formats(("excel", "%Y-%m-%d", "%d.%m.%Y"))

    assert [read(text) for text in ("45981", "2025-11-20", "20.11.2025", "11/20/2025")] == [
        datetime(2025, 11, 20),
        datetime(2025, 11, 20),
        datetime(2025, 11, 20),
        None,
    ]


def test_profile_reads_day_numbers_where_it_says_so() -> None:
    line = 'opened_on = { column = "c", formats = ["excel", "%Y-%m-%d"] }'
    moment = 'last_app_login_at = { column = "t", formats = ["excel"] }'

    assert account_of(line, c="45981")["opened_on"] == date(2025, 11, 20)
    assert account_of(line.replace("excel", "excel1904"), c="44519")["opened_on"] == date(2025, 11, 20)
    row = read_row(profile_text().replace("[borrower]", f"[borrower]\n{moment}"), id="1", t="45981.75")
    assert row.single["borrower"]["last_app_login_at"] == datetime(2025, 11, 20, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "reason", "params"),
    [
        ("45981", refusals.A_DAY_NUMBER, {}),
        ("45981.5", refusals.A_DAY_NUMBER, {}),
        ("20-Nov-2026", refusals.DATE_OF_OTHER_FORMAT, {"formats": "%Y-%m-%d", "likely": "%d-%b-%Y"}),
        ("20-Nov-26", refusals.DATE_OF_OTHER_FORMAT, {"formats": "%Y-%m-%d", "likely": "%d-%b-%y"}),
        ("11/20/2026", refusals.DATE_OF_OTHER_FORMAT, {"formats": "%Y-%m-%d", "likely": "%m/%d/%Y"}),
        ("20.11.2026", refusals.DATE_OF_OTHER_FORMAT, {"formats": "%Y-%m-%d", "likely": "%d.%m.%Y"}),
        ("2026-11-20 08:00:00", refusals.DATE_OF_OTHER_FORMAT, {"formats": "%Y-%m-%d", "likely": "%Y-%m-%d %H:%M:%S"}),
        ("03/04/2026", refusals.DAY_OR_MONTH_FIRST, {"first": "%d/%m/%Y", "other": "%m/%d/%Y"}),
        ("2026-11", refusals.DATE_OF_OTHER_FORMAT, {"formats": "%Y-%m-%d", "likely": "%Y-%m"}),
        ("soon", refusals.NOT_A_DATE, {"formats": "%Y-%m-%d"}),
    ],
)
def test_refused_date_names_the_format_to_write(text: str, reason: str, params: dict[str, str]) -> None:
    row = read_row(profile_text(account='opened_on = { column = "c" }'), id="1", c=text)

    assert [(p.field, p.value, p.reason, p.params) for p in row.problems] == [
        ("account.opened_on", text, reason, params)
    ]


def test_refused_date_does_not_name_a_format_that_the_profile_has() -> None:
    refused = refused_date("2026/11/20", reason=refusals.NOT_A_DATE, formats=("%Y-%m-%d", "%Y/%m/%d"))

    assert (refused.reason, refused.params) == (refusals.NOT_A_DATE, {"formats": "%Y-%m-%d / %Y/%m/%d"})


def test_format_is_a_word_for_day_numbers_or_one_of_strptime() -> None:
    texts = ("excel", "excel1904", "%Y年%m月%d日", "yyyy-mm-dd", "%q", "%Y%", "exel", "")

    assert [is_format(text) for text in texts] == [True, True, True, False, False, False, False, False]


@pytest.mark.parametrize("text", ["0000-00-00", "0000-00-00 00:00:00", "00000000", "0"])
def test_what_stands_for_no_day_names_the_remedy(text: str) -> None:
    row = read_row(profile_text(account='opened_on = { column = "c" }'), id="1", c=text)

    assert [problem.reason for problem in row.problems] == [refusals.DATE_OUT_OF_RANGE]
    assert account_of('opened_on = { column = "c" }', top=f'[file]\nempty = ["{text}"]', c=text)["opened_on"] is None


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("20260302080000", "%Y%m%d%H%M%S"),
        ("2026-03-02T16:00:00Z", "%Y-%m-%dT%H:%M:%S%z"),
        ("2026-03-02 08:00:00 PM", "%Y-%m-%d %I:%M:%S %p"),
    ],
)
def test_moments_of_further_spellings_name_their_format(text: str, likely: str) -> None:
    row = read_row(profile_text(account='opened_on = { column = "c" }'), id="1", c=text)

    assert [(problem.reason, problem.params["likely"]) for problem in row.problems] == [
        (refusals.DATE_OF_OTHER_FORMAT, likely)
    ]


def test_the_day_of_a_moment_is_the_one_of_the_lender() -> None:
    line = 'opened_on = { column = "c", formats = ["%Y-%m-%dT%H:%M:%S%z"] }'
    top = '[file]\ntime_zone = "Asia/Shanghai"'

    assert account_of(line, top=top, c="2026-02-27T16:00:00Z")["opened_on"] == date(2026, 2, 28)
    assert account_of(line, top=top, c="2026-02-27T15:59:59Z")["opened_on"] == date(2026, 2, 27)


def test_a_dash_is_a_word_for_no_value_and_no_day_of_noughts() -> None:
    row = read_row(profile_text(account='opened_on = { column = "c" }'), id="1", c="-")

    assert [problem.reason for problem in row.problems] == [refusals.SAYS_NOTHING]
