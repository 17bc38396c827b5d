"""Files of borrowers and accounts, for tests of what the intake makes of them."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import connection

from cases.models import (
    Account,
    Address,
    Borrower,
    BorrowerPhone,
    Repayment,
    Statement,
)
from cases.rules.profile.parse import parse_profile
from cases.services.intake.take_in import take_in

AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)


PROFILE = """
kind = "ACCOUNTS"
identity_numbers = "cn"
[[territories]]
code = "310000"
name = "上海"
[borrower]
external_ref = { column = "person" }
territory = { column = "branch" }
name = { column = "name" }
id_number = { column = "id" }
last_app_login_at = { column = "login" }
[account]
external_ref = { column = "account" }
product = "CASH"
credit_limit = { column = "limit" }
annual_rate = { column = "rate", as = "percent" }
days_past_due = { column = "dpd" }
arrears_amount = { column = "arrears" }
as_of = { column = "as_of" }
[[phones]]
number = { column = "phone" }
[[addresses]]
line = { column = "address" }
latitude = { column = "lat" }
longitude = { column = "lon" }
[[statements]]
period = { column = "period" }
balance = { column = "balance" }
[[repayments]]
only_if = "amount"
external_ref = { template = "{account}-P" }
amount = { column = "paid" }
paid_on = { column = "as_of" }
"""


COLUMNS = "person,branch,name,id,login,account,limit,rate,dpd,arrears,as_of,phone,address,lat,lon,period,balance,paid"


def row(number: int, **changes: str) -> str:
    values = {
        "person": f"P{number}",
        "branch": "310000",
        "name": "张小三",
        "id": "99999919850101123X",
        "login": "2026-02-20 10:00:00",
        "account": f"K{number}",
        "limit": "60,000.00",
        "rate": "18.5%",
        "dpd": "95",
        "arrears": "32000.5",
        "as_of": "2026-03-01",
        "phone": "1990000 0001",
        "address": "上海市示范路1-2号",
        "lat": "31.2",
        "lon": "121.4",
        "period": "2026-02-28",
        "balance": "41000",
        "paid": "0",
    } | changes
    return ",".join(f'"{values[c]}"' for c in COLUMNS.split(","))


def account_file(tmp_path: Path, *rows: str, header: str = COLUMNS, name: str = "feed.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def take(path: Path, **changes: Any) -> Any:
    values = {"profile": parse_profile(text=PROFILE, name="test"), "actor": None, "at": AT} | changes
    return take_in(path=path, **values)


def counts(result: Any) -> tuple[int, int, int, int, int]:
    return result.rows, result.created, result.updated, result.unchanged, result.rejected


def row_versions() -> dict[str, list[Any]]:
    """Every row version of the portfolio: an update, even to the same values, would change one."""
    found = {}
    with connection.cursor() as cursor:
        for model in (Borrower, BorrowerPhone, Address, Account, Statement, Repayment):
            cursor.execute(f"SELECT id, xmin::text, ctid::text FROM {model._meta.db_table} ORDER BY id")  # noqa: S608  our own tables
            found[model._meta.db_table] = cursor.fetchall()
    return found
