"""
A synthetic portfolio as files that come in through the same intake as a lender's own.

Everything follows from the seed and a borrower's number, so that a file can be written row by row, and again.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

from backoffice.demo.characters import SHARES, Character, character_of
from backoffice.demo.history import contacts_of, promises_of, repayments_of, signals_of
from backoffice.demo.names import full_name, identity_number, mobile_number
from backoffice.demo.places import CITIES, place_in

MONTHS = 6
CENT = Decimal("0.01")
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
    *(f"{name}{n}" for n in range(1, MONTHS + 1) for name in ("账期", "到期日", "余额", "应还", "实还", "逾期")),
)
DELTA_COLUMNS = ("借据号", "逾期天数", "逾期金额", "未偿本金", "数据日期")
REPAYMENT_COLUMNS = ("流水号", "借据号", "金额", "入账日期", "方式")
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
class Month:
    """One statement of a synthetic account. `days_past_due` is at its close."""

    period: date
    due_on: date
    balance: Decimal
    due: Decimal
    paid: Decimal
    days_past_due: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One synthetic borrower with one account, on the business date."""

    number: int
    borrower_ref: str
    account_ref: str
    character: Character
    days_past_due: int
    limit: Decimal
    rate: str
    outstanding: Decimal
    arrears: Decimal
    instalment: Decimal
    months: tuple[Month, ...]
    last_login_at: datetime
    phones: tuple[str, ...]


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
        for story in stories(accounts=accounts, business_date=business_date, seed=seed):
            row = _account_row(story, business_date, seed)
            if story.number in bad:
                column, value = bad[story.number]
                row[ACCOUNT_COLUMNS.index(column)] = value
                sheets[0].writerow(row)
                continue
            sheets[0].writerow(row)
            sheets[1].writerows(repayments_of(story))
            if story.days_past_due:
                sheets[2].writerows(contacts_of(story, business_date, seed))
                sheets[3].writerows(promises_of(story, business_date, seed))
                sheets[4].writerows(signals_of(story, business_date, seed))
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


def stories(*, accounts: int, business_date: date, seed: int) -> Iterator[Story]:
    """Yield every borrower of the portfolio, numbered from 1."""
    for number in range(1, accounts + 1):
        yield story_of(number=number, business_date=business_date, seed=seed)


def story_of(*, number: int, business_date: date, seed: int) -> Story:
    """Return one borrower of the portfolio."""
    ref = f"D{number:07d}"
    character = character_of(external_ref=ref, seed=seed)
    random = Random(f"{seed}:story:{ref}")
    lowest, highest = SHARES[character][1]
    late = random.randint(lowest, highest) if highest else 0
    limit = Decimal(
        random.choices((8_000, 20_000, 50_000, 80_000, 120_000, 200_000, 300_000), (10, 22, 26, 18, 13, 8, 3))[0]
    )
    outstanding = (limit * Decimal(random.randint(45 if late else 10, 100)) / 100).quantize(CENT)
    instalment = (outstanding / random.choice((6, 9, 12, 12, 18))).quantize(CENT)
    missed = (late + 29) // 30
    arrears = min(outstanding, (instalment * missed * Decimal("1.01")).quantize(CENT))
    silent = character in (Character.UNREACHABLE, Character.FALSE_DATA)
    login = datetime.combine(business_date, datetime.min.time()) - timedelta(
        days=random.randint(15, 120) if silent else random.randint(1, 40), seconds=random.randrange(36_000)
    )
    phones = (mobile_number(number=number * 2), mobile_number(number=number * 2 + 1))
    return Story(
        number=number,
        borrower_ref=ref,
        account_ref=f"{ref}-1",
        character=character,
        days_past_due=late,
        limit=limit,
        rate=random.choice(("14.4", "16.2", "18.0", "19.8", "21.6", "23.4")),
        outstanding=outstanding,
        arrears=arrears,
        instalment=instalment,
        months=tuple(
            _months(business_date, late, outstanding, instalment, random.choice((*range(MONTHS), *[-1] * MONTHS)))
        ),
        last_login_at=login,
        phones=phones if random.random() < 0.3 else phones[:1],
    )


def _months(business_date: date, late: int, outstanding: Decimal, instalment: Decimal, slip: int) -> Iterator[Month]:
    """Yield the last six closed months, oldest first: paid until the first instalment that is still open."""
    first = business_date.replace(day=1)
    periods = []
    for _back in range(MONTHS):
        first = (first - timedelta(days=1)).replace(day=1)
        periods.append(first)
    unpaid_since = business_date - timedelta(days=late)
    for back, period in reversed(list(enumerate(periods))):
        close = (period + timedelta(days=31)).replace(day=1) - timedelta(days=1)
        due_on = period + timedelta(days=19)
        # One punctual account in two was late once, in one of its older months.
        slipped = not late and slip == back
        days = max(0, (close - unpaid_since).days) if late else 11 if slipped else 0
        is_paid = not late or due_on < unpaid_since
        yield Month(
            period=period,
            due_on=due_on,
            balance=outstanding + (instalment * back if is_paid else 0),
            due=instalment,
            paid=instalment if is_paid else Decimal(0),
            days_past_due=days,
        )


def _account_row(story: Story, business_date: date, seed: int) -> list[object]:
    random = Random(f"{seed}:person:{story.borrower_ref}")
    city = random.choices(CITIES, (5, 3, 2))[0]
    place = place_in(city=city, random=random)
    row: list[object] = [
        story.borrower_ref,
        city.code,
        full_name(random=random),
        identity_number(random=random, number=story.number),
        story.phones[0],
        story.phones[1] if len(story.phones) > 1 else "",
        story.last_login_at.isoformat(sep=" ", timespec="seconds"),
        place.line,
        place.latitude,
        place.longitude,
        place.adcode,
        "是" if place.is_rural else "否",
        (business_date - timedelta(days=random.randint(40, 330))).isoformat(),
        story.account_ref,
        random.choice(("消费分期", "现金分期", "现金分期")),
        random.choice(("新客", "存量", "优质")),
        story.limit,
        story.rate + "%",
        story.outstanding,
        story.arrears,
        story.days_past_due,
        business_date.isoformat(),
        (business_date - timedelta(days=random.randint(220, 900))).isoformat(),
    ]
    for month in story.months:
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
