"""What becomes of each spelling of a cell: a value, a doubt that waits for the desk, or a row that comes back."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cases.models import Account, DoubtfulCell, IntakeReject
from cases.rules.profile import refusals
from cases.rules.profile.parse import parse_profile
from cases.services.intake.take_in import take_in

AT = datetime(2026, 11, 28, 4, 31, 9, 271_828, tzinfo=UTC)
PROFILE = parse_profile(
    text="""
kind = "ACCOUNTS"
identity_numbers = "cn"
[file]
time_zone = "Asia/Shanghai"
[[territories]]
code = "310000"
name = "上海"
[borrower]
external_ref = { column = "customer" }
territory = "310000"
name = { column = "name" }
id_number = { column = "id" }
last_app_login_at = { column = "login" }
[account]
external_ref = { column = "loan" }
product = "CASH"
currency = { column = "currency" }
credit_limit = "10000"
annual_rate = { column = "rate", as = "percent" }
arrears_amount = { column = "arrears" }
days_past_due = { column = "days" }
as_of = { column = "day" }
[[phones]]
number = { column = "phone" }
[[addresses]]
line = "上海市南京路1号"
is_rural = { column = "rural" }
""",
    name="ordinary",
)
SOUND = {
    "customer": "C1",
    "loan": "L1",
    "name": "张小三",
    "id": "310101199001010012",
    "login": "",
    "currency": "CNY",
    "rate": "18",
    "arrears": "1200.50",
    "days": "45",
    "day": "2026-11-27",
    "phone": "",
    "rural": "",
}
ID = "310101199001010012"
DAY = date(2026, 3, 2)

VALUES: list[tuple[str, str, object]] = [
    *(
        ("arrears", cell, Decimal("1234.56"))
        for cell in ("1,234.56", "１,２３４.５６", " 1234.56\u00a0", "'1234.56", "+1234.56")
    ),
    *(("arrears", cell, Decimal(0)) for cell in ("", "0", "-0", "0.00")),
    *(("arrears", cell, Decimal("0.50")) for cell in (".5", "0.5", "00.50")),
    *(("rate", cell, Decimal("0.18")) for cell in ("18", "18%", "18％", "１８%", "18.00 %")),
    *(("days", cell, 1045) for cell in ("1045", "1045.0", "1,045", "01045", "１０４５")),
    *(
        ("day", cell, DAY)
        for cell in (
            "2026-03-02",
            "2026/3/2",
            "2026.3.2",
            "20260302",
            "20260302.0",
            "2026年3月2日",
            "2026/3/2 0:00",
            "2026-03-02 00:00:00.000",
            "'2026-03-02",
            "２０２６－０３－０２",
        )
    ),
    *(
        ("login", cell, datetime(2026, 3, 2, 0, 0, tzinfo=UTC))
        for cell in (
            "2026-03-02 08:00",
            "2026/3/2 8:00",
            "2026年3月2日 8:00",
            "2026-03-02T00:00:00Z",
            "2026-03-02T08:00:00+0800",
        )
    ),
    *(
        ("loan", cell, "0012")
        for cell in ("0012", " 0012 ", "'0012", "0012\u200b", "００１２", '="0012"', "\t0012", "0012.0")
    ),
    ("loan", "ab1", "ab1"),
    ("loan", "12E5", "12E5"),
    *(
        ("id", cell, ID)
        for cell in (ID, "310101900101001", "310101 19900101 0012", "310101-19900101-0012", f"'{ID}", f'="{ID}"')
    ),
    ("id", "11010519491231002x", "11010519491231002X"),
    ("id", "E12345678", "E12345678"),
    *(("id", cell, "") for cell in ("", "无", "NULL", "-")),
    *(
        ("phone", cell, ["+8613900000001"])
        for cell in (
            "13900000001",
            "+86 139-0000-0001",
            "008613900000001",
            "86-13900000001",
            "13900000001.0",
            '="13900000001"',
        )
    ),
    *(
        ("phone", cell, ["+8613900000001", "+8613900000002"])
        for cell in (
            "13900000001/13900000002",
            "13900000001；13900000002",
            "13900000001、13900000002",
            "13900000001 13900000002",
        )
    ),
    ("phone", "（021）55551234", ["+862155551234"]),
    ("phone", "400-820-8820", ["+864008208820"]),
    ("phone", "+852 9123 4567", ["+85291234567"]),
    *(("phone", cell, []) for cell in ("", "无", "-", "--", "NULL", "N/A", "\\N", "暂无")),
    *(("rural", cell, True) for cell in ("Y", "yes", "是", "1", "1.0", "TRUE", "Ｙ", "有")),
    *(("rural", cell, False) for cell in ("", "N", "否", "0", "0.0", "false", "无")),
    ("name", "买买提·艾力", "买买提·艾力"),
    ("name", "𠮷野", "𠮷野"),
    ("name", " 张三\u200b ", "张三"),
    ("name", "NULL", ""),
]
DOUBTS = [
    *(("name", cell, refusals.NOT_A_NAME) for cell in ("???", "张?", "13900000000", "\ufffd三")),
    ("name", "#REF!", refusals.FAILED_FORMULA),
    *(("id", cell, None) for cell in ("310101199001010013", "000000", "310101199013010010", "310101********0012")),
    ("id", "3.10101E+17", refusals.ROUNDED),
    *(
        ("phone", cell, refusals.NOT_A_PHONE)
        for cell in ("55551234", "1390000001", "1.39E+10", "139****0022", "00000000000", "王先生13900000019", "95588")
    ),
    *(("rural", cell, refusals.NOT_A_FLAG) for cell in ("X", "√", "农村", "不是")),
    ("login", "2026-03-02 8:00:00 PM", refusals.DATE_OF_OTHER_FORMAT),
]
REJECTS = [
    *(
        ("arrears", cell, refusals.OTHER_MARKS)
        for cell in ("1.234,56", "1\u00a0234,56", "1'234.56", "12,34,567.00", "1234,56")
    ),
    *(
        ("arrears", cell, refusals.NOT_A_NUMBER)
        for cell in ("¥1,234.00", "CNY 12.00", "12元", "1万", "壹佰元", "TRUE", "=1+1", "−5")
    ),
    *(("arrears", cell, refusals.TOO_SMALL) for cell in ("(500.00)", "500.00-", "-500")),
    *(("arrears", cell, refusals.SAYS_NOTHING) for cell in ("NULL", "null", "N/A", "-", "--", "无", "\\N", "NaN")),
    *(("arrears", cell, refusals.FAILED_FORMULA) for cell in ("#N/A", "#REF!", "#VALUE!", "######")),
    *(("arrears", cell, refusals.TOO_MANY_DECIMALS) for cell in ("1.234", "100.000", "12.345")),
    ("arrears", "1e3", refusals.EXPONENT),
    *(("rate", cell, refusals.NOT_A_NUMBER) for cell in ("1.5‰", "一成")),
    ("rate", "1800", refusals.TOO_LARGE),
    ("days", "45.5", refusals.NOT_WHOLE),
    *(("days", cell, refusals.NOT_A_NUMBER) for cell in ("45天", "M3", "90+")),
    *(
        ("day", cell, refusals.DATE_OF_OTHER_FORMAT)
        for cell in ("02-Mar-2026", "2026-03", "20260302000000", "2026-03-02T16:00:00Z")
    ),
    *(("day", cell, refusals.A_DAY_NUMBER) for cell in ("46083", "46083.0")),
    *(("day", cell, refusals.DATE_OUT_OF_RANGE) for cell in ("0000-00-00", "00000000", "1899-12-30", "9999-12-31")),
    *(("day", cell, refusals.NOT_A_DATE) for cell in ("2026-02-30", "2026-13-01", "26-3-2")),
    ("day", "3/2/2026", refusals.DAY_OR_MONTH_FIRST),
    ("day", "2062-11-27", refusals.IN_THE_FUTURE),
    ("day", "-", refusals.SAYS_NOTHING),
    *(
        (key, cell, refusals.REQUIRED)
        for key in ("loan", "customer")
        for cell in ("", "NULL", "#N/A", "-", "无", "不详")
    ),
    *((key, cell, refusals.ROUNDED) for key in ("loan", "customer") for cell in ("6.22E+11",)),
    ("loan", "#REF!", refusals.FAILED_FORMULA),
    ("loan", "L\x009", refusals.CONTROL_CHARACTER),
    *(("currency", cell, refusals.NOT_A_CURRENCY) for cell in ("RMB", "人民币", "cny", "156")),
]
FIELDS = {
    "customer": "borrower.external_ref",
    "loan": "account.external_ref",
    "name": "borrower.name",
    "id": "borrower.id_number",
    "login": "borrower.last_app_login_at",
    "currency": "account.currency",
    "rate": "account.annual_rate",
    "arrears": "account.arrears_amount",
    "days": "account.days_past_due",
    "day": "account.as_of",
    "phone": "phones.number",
    "rural": "addresses.is_rural",
}


def take(tmp_path: Path, changes: dict[str, str]) -> Any:
    path = tmp_path / "cell.csv"
    cells = ['"' + cell.replace('"', '""') + '"' for cell in (SOUND | changes).values()]
    path.write_text(",".join(SOUND) + "\n" + ",".join(cells) + "\n", encoding="utf-8")
    return take_in(path=path, profile=PROFILE, actor=None, at=AT)


def stored(key: str) -> object:
    account = Account.objects.select_related("borrower").get()
    borrower = account.borrower
    return {
        "loan": account.external_ref,
        "name": borrower.name,
        "id": borrower.id_number,
        "login": borrower.last_app_login_at,
        "rate": account.annual_rate,
        "arrears": account.arrears_amount,
        "days": account.days_past_due,
        "day": account.as_of,
        "phone": sorted(phone.number for phone in borrower.phones.all()),
        "rural": borrower.addresses.get().is_rural,
    }[key]


@pytest.mark.parametrize(("key", "cell", "value"), VALUES)
def test_a_spelling_is_its_value(db: Any, tmp_path: Path, key: str, cell: str, value: object) -> None:
    result = take(tmp_path, {key: cell})

    assert (result.created, result.rejected, result.doubtful) == (1, 0, 0)
    assert stored(key) == value


@pytest.mark.parametrize(("key", "cell", "reason"), DOUBTS)
def test_a_doubtful_cell_waits_and_its_row_is_taken(
    db: Any, tmp_path: Path, key: str, cell: str, reason: str | None
) -> None:
    result = take(tmp_path, {key: cell})

    doubt = DoubtfulCell.objects.get()
    assert (result.created, result.rejected, doubt.field) == (1, 0, FIELDS[key])
    assert reason is None or doubt.reason == reason


@pytest.mark.parametrize(("key", "cell", "reason"), REJECTS)
def test_a_cell_that_cannot_be_read_rejects_its_row(db: Any, tmp_path: Path, key: str, cell: str, reason: str) -> None:
    result = take(tmp_path, {key: cell})

    assert (result.created, result.rejected) == (0, 1)
    assert [(reject.row_number, reject.field, reject.reason) for reject in IntakeReject.objects.all()] == [
        (2, FIELDS[key], reason)
    ]
