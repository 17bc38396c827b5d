"""A small profile, and what it reads from one row."""

from datetime import date
from decimal import Decimal
from typing import Any

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


def profile_text(*, top: str = "", account: str = "") -> str:
    return BASE.format(top=top, account=account)


def read_row(text: str, **cells: str) -> ReadRow:
    profile = parse_profile(text=text, name="test")
    header = list(cells)
    check_header(profile=profile, header=header)
    return row_reader(profile=profile, header=header, latest=LATEST)(list(cells.values()))


def account_of(line: str, *, top: str = "", **cells: str) -> dict[str, Any]:
    row = read_row(profile_text(account=line, top=top), id="1", **cells)
    assert row.problems == []
    return row.single["account"]


def reason_of(line: str, *, top: str = "", **cells: str) -> str:
    row = read_row(profile_text(account=line, top=top), id="1", **cells)
    return row.problems[0].reason


def statements_of(*, days: int, bills: list[int], paid: list[int]) -> list[dict[str, Any]]:
    return [
        {"period": date(2005, 4 + n, 1), "balance": Decimal(b), "paid_amount": Decimal(p), "days_past_due": days}
        for n, (b, p) in enumerate(zip(bills, paid, strict=True))
    ]
