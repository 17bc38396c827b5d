"""The naive intake: one row after the other, `get_or_create` for each record."""

import csv
import time
from datetime import date
from decimal import Decimal
from itertools import islice
from pathlib import Path

from django.utils import timezone

from backoffice.access.models import Territory
from cases.models import Account, Address, Borrower, BorrowerPhone


def sample_rate(*, path: Path, size: int) -> float:
    """Take in the first `size` rows of the bench's file; return the rows a second."""
    with path.open(encoding="utf-8", newline="") as stream:
        rows = list(islice(csv.DictReader(stream), size))
    for code in sorted({row["机构"] for row in rows}):
        Territory.objects.get_or_create(code=code, defaults={"name": code})
    began = time.monotonic()
    for row in rows:
        _take(row)
    return len(rows) / (time.monotonic() - began)


def _take(row: dict[str, str]) -> None:
    now = timezone.now()
    stamps = {"created_at": now, "updated_at": now}
    territory = Territory.objects.get(code=row["机构"])
    borrower, _made = Borrower.objects.get_or_create(
        external_ref=row["客户号"],
        defaults={"territory": territory, "name": row["姓名"], "id_number": row["证件号码"], **stamps},
    )
    BorrowerPhone.objects.get_or_create(
        borrower=borrower,
        external_ref=f"{borrower.external_ref}-1",
        defaults={"number": row["手机号"], "created_at": now},
    )
    Address.objects.get_or_create(
        borrower=borrower,
        external_ref=f"{borrower.external_ref}-1",
        defaults={"line": row["居住地址"], "adcode": row["区划代码"], **stamps},
    )
    Account.objects.get_or_create(
        external_ref=row["借据号"],
        defaults={
            "borrower": borrower,
            "territory": territory,
            "segment": row["客群"],
            "product": "CONSUMER" if row["产品"] == "消费分期" else "CASH",
            "credit_limit": Decimal(row["授信额度"].replace(",", "")),
            "annual_rate": Decimal(row["年利率"].rstrip("%")) / 100,
            "outstanding_principal": Decimal(row["未偿本金"]),
            "arrears_amount": Decimal(row["逾期金额"]),
            "days_past_due": int(row["逾期天数"]),
            "as_of": date.fromisoformat(row["数据日期"]),
            "opened_on": date.fromisoformat(row["开户日期"]),
            **stamps,
        },
    )
