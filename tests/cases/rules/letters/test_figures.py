"""Days, amounts and rates as people of each language write them."""

from datetime import date
from decimal import Decimal

import pytest

from cases.rules.letters.figures import amount, day, days, listed, percent


@pytest.mark.parametrize(
    ("value", "currency", "zh", "en"),
    [
        ("30000", "CNY", "人民币30,000.00元", "CNY 30,000.00"),
        ("0.005", "CNY", "人民币0.01元", "CNY 0.01"),
        ("1234.5", "JPY", "JPY 1,235", "JPY 1,235"),
        ("1.23456", "KWD", "KWD 1.235", "KWD 1.235"),
        ("9999999.99", "TWD", "TWD 9,999,999.99", "TWD 9,999,999.99"),
    ],
)
def test_amount_has_the_decimals_of_its_currency(value, currency, zh, en):
    assert amount(Decimal(value), currency=currency, language="zh-hans") == zh
    assert amount(Decimal(value), currency=currency, language="en") == en


def test_day_and_days_are_written_as_each_language_does():
    assert (day(date(2026, 3, 2), language="zh-hans"), day(date(2026, 3, 2), language="en")) == (
        "2026年3月2日",
        "2 March 2026",
    )
    assert (days(1, language="en"), days(95, language="en"), days(1, language="zh-hans")) == (
        "1 day",
        "95 days",
        "1天",
    )


def test_percent_has_two_digits():
    assert (percent(Decimal("0.17500")), percent(Decimal("0.00005"))) == ("17.50%", "0.00%")


def test_what_is_not_known_is_a_dash():
    assert (day(None, language="en"), amount(None, currency="CNY", language="en"), percent(None)) == ("—", "—", "—")


def test_listed_divides_words_as_each_language_does():
    assert (listed(["身份", "住址"], language="zh-hans"), listed(["a", "b"], language="en")) == ("身份、住址", "a, b")
