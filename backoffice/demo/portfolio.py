"""
A synthetic portfolio as files that come in through the same intake as a lender's own.

Every value follows from the seed and the borrower's number, so that the same file can be written again, row by row.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from backoffice.demo.applications import application_of
from backoffice.demo.borrowers import MONTHS, SyntheticBorrower, synthetic_borrowers
from backoffice.demo.characters import head_of_household
from backoffice.demo.history import contacts_of, promises_of, repayments_of, signals_of
from backoffice.demo.names import full_name, identity_number
from backoffice.demo.places import CITIES, City, Place, place_in

ACCOUNT_COLUMNS = (
    "客户号",
    "机构",
    "姓名",
    "证件号码",
    "手机号",
    "备用手机号",
    "最近登录",
    "居住地址",
    "纬度",
    "经度",
    "区划代码",
    "农村",
    "地址首见",
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
    "工作单位",
    "月收入",
    "月支出",
    "申请日期",
    *(f"{name}{n}" for n in range(1, MONTHS + 1) for name in ("账期", "到期日", "余额", "应还", "实还", "逾期")),
)
DELTA_COLUMNS = ("借据号", "逾期天数", "逾期金额", "未偿本金", "数据日期")
REPAYMENT_COLUMNS = ("流水号", "借据号", "金额", "入账日期", "方式")
REVERSAL_COLUMNS = ("冲正号", "原流水号", "金额", "冲正日期", "原因")
CONTACT_COLUMNS = ("记录号", "客户号", "渠道", "结果", "回执", "号码", "时间", "成本")
PROMISE_COLUMNS = ("承诺号", "借据号", "渠道", "金额", "承诺日期", "到期日期", "状态", "结算日期")
SIGNAL_COLUMNS = ("线索号", "客户号", "类型", "来源", "置信度", "发现日期")


@dataclass(frozen=True, slots=True, kw_only=True)
class PortfolioFiles:
    """The portfolio's files. Each is read by the intake profile of its name: demo-accounts, demo-contacts and so on."""

    accounts: Path
    repayments: Path
    contacts: Path
    promises: Path
    signals: Path

    @property
    def in_order(self) -> tuple[tuple[str, Path], ...]:
        """Return (profile, file) in the order of intake."""
        return tuple(
            (f"demo-{path.stem}", path)
            for path in (self.accounts, self.repayments, self.contacts, self.promises, self.signals)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDay:
    """An account on a later day, for the next feed. Money in CNY."""

    external_ref: str
    days_past_due: int
    arrears: Decimal
    outstanding: Decimal
    as_of: date


def write_portfolio(*, folder: Path, accounts: int, business_date: date, seed: int) -> PortfolioFiles:
    """
    Write the files of a portfolio of `accounts` borrowers with one account each, as of `business_date`.

    About 30 % are overdue, from M1 to M6. With 50 accounts or more, three rows of the first file are bad on purpose
    (an impossible date of birth, a limit below zero, a word for a number), so that a reject can be seen.
    """
    folder.mkdir(parents=True, exist_ok=True)
    files = PortfolioFiles(
        **{n: folder / f"{n}.csv" for n in ("accounts", "repayments", "contacts", "promises", "signals")}
    )
    with (
        files.accounts.open("w", encoding="utf-8-sig", newline="") as a,
        files.repayments.open("w", encoding="utf-8", newline="") as r,
        files.contacts.open("w", encoding="utf-8", newline="") as c,
        files.promises.open("w", encoding="utf-8", newline="") as p,
        files.signals.open("w", encoding="utf-8", newline="") as s,
    ):
        sheets = [csv.writer(stream) for stream in (a, r, c, p, s)]
        for sheet, columns in zip(
            sheets, (ACCOUNT_COLUMNS, REPAYMENT_COLUMNS, CONTACT_COLUMNS, PROMISE_COLUMNS, SIGNAL_COLUMNS), strict=True
        ):
            sheet.writerow(columns)
        bad = _bad_numbers(accounts)
        for borrower in synthetic_borrowers(accounts=accounts, business_date=business_date, seed=seed):
            row = _account_row(borrower, business_date, seed)
            if borrower.number in bad:
                column, value = bad[borrower.number]
                row[ACCOUNT_COLUMNS.index(column)] = value
                sheets[0].writerow(row)
                continue
            sheets[0].writerow(row)
            sheets[1].writerows(repayments_of(borrower))
            if borrower.days_past_due:
                sheets[2].writerows(contacts_of(borrower, business_date, seed))
                sheets[3].writerows(promises_of(borrower, business_date, seed))
                sheets[4].writerows(signals_of(borrower, business_date, seed))
    return files


def write_accounts_delta(*, path: Path, days: Iterable[AccountDay]) -> int:
    """Write a later feed of accounts (profile demo-accounts-delta) and return its number of rows."""
    rows = ((d.external_ref, d.days_past_due, d.arrears, d.outstanding, d.as_of.isoformat()) for d in days)
    return _write(path, DELTA_COLUMNS, rows)


def write_repayments(*, path: Path, rows: Iterable[tuple[str, str, Decimal, date, str]]) -> int:
    """Write repayments (reference, account, amount, day, means; profile demo-repayments) and return their number."""
    return _write(
        path,
        REPAYMENT_COLUMNS,
        ((ref, account, amount, day.isoformat(), means) for ref, account, amount, day, means in rows),
    )


def write_reversals(*, path: Path, rows: Iterable[tuple[str, str, date, str]]) -> int:
    """Write whole reversals (reference, repayment, day, reason; profile demo-reversals) and return their number."""
    return _write(
        path, REVERSAL_COLUMNS, ((ref, repayment, "", day.isoformat(), reason) for ref, repayment, day, reason in rows)
    )


def _write(path: Path, columns: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    count = 0
    with path.open("w", encoding="utf-8", newline="") as stream:
        sheet = csv.writer(stream)
        sheet.writerow(columns)
        for row in rows:
            sheet.writerow(row)
            count += 1
    return count


def _home(random: Random) -> tuple[City, Place]:
    city = random.choices(CITIES, (5, 3, 2))[0]
    return city, place_in(city=city, random=random)


def _account_row(borrower: SyntheticBorrower, business_date: date, seed: int) -> list[object]:
    random = Random(f"{seed}:person:{borrower.borrower_ref}")
    city, place = _home(random)
    head = head_of_household(external_ref=borrower.borrower_ref)
    if head != borrower.borrower_ref:
        city, place = _home(Random(f"{seed}:person:{head}"))
    stated = application_of(borrower_ref=borrower.borrower_ref, character=borrower.character)
    row: list[object] = [
        borrower.borrower_ref,
        city.code,
        full_name(random=random),
        identity_number(random=random, number=borrower.number),
        borrower.phones[0],
        borrower.phones[1] if len(borrower.phones) > 1 else "",
        borrower.last_login_at.isoformat(sep=" ", timespec="seconds"),
        place.line,
        place.latitude,
        place.longitude,
        place.adcode,
        "是" if place.is_rural else "否",
        (business_date - timedelta(days=random.randint(40, 330))).isoformat(),
        borrower.account_ref,
        random.choice(("消费分期", "现金分期", "现金分期")),
        random.choice(("新客", "存量", "优质")),
        borrower.limit,
        borrower.rate + "%",
        borrower.outstanding,
        borrower.arrears,
        borrower.days_past_due,
        business_date.isoformat(),
        (business_date - timedelta(days=random.randint(220, 900))).isoformat(),
    ]
    # Stated on the day on which the account was opened.
    row += [stated.employer, stated.monthly_income, stated.monthly_expenses, row[-1]]
    for month in borrower.months:
        row += [
            month.period.isoformat()[:7],
            month.due_on.isoformat(),
            month.balance,
            month.due,
            month.paid,
            month.days_past_due,
        ]
    return row


def _bad_numbers(accounts: int) -> dict[int, tuple[str, str]]:
    if accounts < 50:
        return {}
    return {7: ("证件号码", "999999199002290013"), 23: ("授信额度", "-5000"), 41: ("逾期金额", "约三万")}
