"""The file of the intake bench: synthetic rows, written to disk one by one."""

import csv
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Final

from backoffice.demo.names import full_name, identity_number, mobile_number

AS_OF: Final = date(2026, 3, 1)
TERRITORIES: Final = 30
COLUMNS: Final = (
    "客户号",
    "机构",
    "姓名",
    "证件号码",
    "手机号",
    "居住地址",
    "区划代码",
    "借据号",
    "产品",
    "客群",
    "授信额度",
    "年利率",
    "未偿本金",
    "逾期金额",
    "逾期天数",
    "数据日期",
    "开户日期",
)
_STREETS: Final = ("示范路", "样例街", "虚构大道", "无名巷", "测试里")

PROFILE: Final = """
title = "Bench: borrowers and accounts"
kind = "ACCOUNTS"
identity_numbers = "cn"
[borrower]
external_ref = { column = "客户号" }
territory = { column = "机构" }
name = { column = "姓名" }
id_number = { column = "证件号码" }
[account]
external_ref = { column = "借据号" }
product = { column = "产品", map = { "消费分期" = "CONSUMER", "现金分期" = "CASH" } }
segment = { column = "客群" }
credit_limit = { column = "授信额度" }
annual_rate = { column = "年利率", as = "percent" }
outstanding_principal = { column = "未偿本金" }
arrears_amount = { column = "逾期金额" }
days_past_due = { column = "逾期天数" }
as_of = { column = "数据日期" }
opened_on = { column = "开户日期" }
[[phones]]
number = { column = "手机号" }
[[addresses]]
line = { column = "居住地址" }
adcode = { column = "区划代码" }
""" + "".join(f'[[territories]]\ncode = "T{n}"\nname = "区{n}"\n' for n in range(TERRITORIES))


def write_file(*, path: Path, rows: int, days_later: int = 0) -> None:
    """
    Write `rows` accounts of as many people, 30 % of them overdue, the same for the same arguments.

    `days_later` moves the day of the figures on, and with it the days past due; people stay as they were.
    """
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(COLUMNS)
        as_of = str(AS_OF + timedelta(days=days_later))
        for number in range(rows):
            random = Random(number)
            limit = 1000 * random.randrange(5, 200)
            owed = random.randrange(100 * limit) / 100
            overdue = random.random() < 0.3
            arrears = f"{owed * random.random():.2f}" if overdue else "0"
            territory = random.randrange(TERRITORIES)
            street = f"示范市{territory}区{random.choice(_STREETS)}{random.randrange(1, 2000)}号{random.randrange(1, 40)}栋{number}室"
            writer.writerow(
                (
                    f"P{number:09d}",
                    f"T{territory}",
                    full_name(random=random),
                    identity_number(random=random, number=number),
                    mobile_number(number=number),
                    street,
                    f"9{territory:05d}",
                    f"L{number:09d}",
                    "消费分期" if number % 3 else "现金分期",
                    f"S{number % 5}",
                    f"{limit:,}.00",
                    f"{random.randrange(800, 2399) / 100}%",
                    f"{owed:.2f}",
                    arrears,
                    random.randrange(1, 300) + days_later if overdue else 0,
                    as_of,
                    str(AS_OF - timedelta(days=400 + number % 900)),
                )
            )
