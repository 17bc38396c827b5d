"""Days, amounts and rates of a letter, as people of each language write them."""

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

# Currencies without the usual two decimals (ISO 4217).
DECIMALS: Final = {"JPY": 0, "KRW": 0, "VND": 0, "CLP": 0, "KWD": 3, "BHD": 3}
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def day(value: date | None, *, language: str) -> str:
    """Return a day: 2026年3月2日, 2 March 2026; a dash for none."""
    if value is None:
        return "—"
    if language == "en":
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    return f"{value.year}年{value.month}月{value.day}日"


def days(number: int, *, language: str) -> str:
    """Return a number of days: 95天, 95 days, 1 day."""
    if language == "en":
        return f"{number} day" if number == 1 else f"{number} days"
    return f"{number}天"


def amount(value: Decimal | None, *, currency: str, language: str) -> str:
    """Return an amount with the decimals of its currency: 人民币30,000.00元, CNY 30,000.00; a dash for none."""
    if value is None:
        return "—"
    places = DECIMALS.get(currency, 2)
    figure = f"{value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP):,.{places}f}"
    return f"人民币{figure}元" if currency == "CNY" and language != "en" else f"{currency} {figure}"


def percent(value: Decimal | None) -> str:
    """Return a share as percent with two digits: 0.175 is 17.50%; a dash for none."""
    return "—" if value is None else f"{value * 100:.2f}%"


def listed(words: Iterable[str], *, language: str) -> str:
    """Return words one after the other: 身份、还款能力; identity, means to pay."""
    return (", " if language == "en" else "、").join(words)
