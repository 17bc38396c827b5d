"""Ordinary and odd files of a lender, from the file to the facts that rules read."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from cases.models import Account, AccountFacts, Borrower, DoubtfulCell, IntakeReject
from cases.rules.profile.parse import parse_profile
from cases.services.evaluation.facts import write_facts
from cases.services.intake.take_in import take_in

AT = datetime(2026, 11, 28, 4, 31, 9, 271_828, tzinfo=UTC)
ON = date(2026, 11, 28)
ACCOUNTS = parse_profile(
    text="""
kind = "ACCOUNTS"
identity_numbers = "cn"
[[territories]]
code = "310000"
name = "上海"
[borrower]
external_ref = { column = "客户号" }
territory = "310000"
name = { column = "姓名" }
id_number = { column = "证件号码" }
[account]
external_ref = { column = "借据号" }
product = "CASH"
credit_limit = { column = "额度" }
arrears_amount = { column = "逾期金额" }
days_past_due = { column = "逾期天数" }
as_of = { column = "数据日期" }
[[phones]]
number = { column = "手机号" }
""",
    name="lab",
)
CONTACTS = parse_profile(
    text="""
kind = "CONTACTS"
[contact]
external_ref = { column = "记录号" }
borrower = { column = "客户号" }
channel = "VOICE"
outcome = "NO_SUCH_NUMBER"
number = { column = "号码" }
attempted_at = { column = "时间" }
""",
    name="calls",
)
HEADER = "客户号,借据号,姓名,证件号码,手机号,额度,逾期金额,逾期天数,数据日期\n"
SOUND = "310101199001010012"


def take(tmp_path: Path, text: str, profile: Any = ACCOUNTS) -> Any:
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    return take_in(path=path, profile=profile, actor=None, at=AT)


def line(number: int, **changes: str) -> str:
    cells = {
        "customer": f"C{number}",
        "loan": f"L{number}",
        "name": "张小三",
        "id": SOUND,
        "phone": f"139{number:08d}",
        "limit": "10000",
        "arrears": "1200.50",
        "days": "45",
        "as_of": "2026-11-27",
    } | changes
    return ",".join(f'"{cell}"' if "," in cell else cell for cell in cells.values()) + "\n"


def facts() -> dict[str, AccountFacts]:
    top = Borrower.objects.order_by("-pk").values_list("pk", flat=True)[0]
    with transaction.atomic():
        write_facts(business_date=ON, lower=0, upper=top + 1, scope="overdue")
    return {row.account.external_ref: row for row in AccountFacts.objects.select_related("account")}


def test_a_number_spelt_otherwise_by_the_dialer_is_the_same_number(db: Any, tmp_path: Path) -> None:
    take(tmp_path, HEADER + line(1) + line(2) + line(3))
    take(tmp_path, HEADER + line(2, phone="+86 139 0000 0002"))
    calls = [
        f"{customer}-{day},{customer},{number},2026-11-{day} 10:00:00"
        for customer, number in (("C1", "13900000001"), ("C2", "0086-139-0000-0002"), ("C3", "139.0000.0009"))
        for day in (20, 24)
    ]

    take(tmp_path, "记录号,客户号,号码,时间\n" + "\n".join(calls) + "\n", CONTACTS)

    # The telephone of the third was never tried: another number was.
    assert {ref: row.invalid_number_results for ref, row in facts().items()} == {"L1": 2, "L2": 2, "L3": 0}


def test_rows_with_doubtful_cells_are_judged_like_others(db: Any, tmp_path: Path) -> None:
    rows = [
        line(1, id="310101199001010010"),
        line(2, id="E12345678"),
        line(3, phone="00000000000"),
        line(4, phone="021-55551234-801"),
        line(5, id="310101900101001"),
        line(6, id="'310101199001010012", phone="无"),
    ]

    result = take(tmp_path, HEADER + "".join(rows))

    assert (result.created, result.rejected, result.doubtful) == (6, 0, 2)
    assert set(DoubtfulCell.objects.values_list("borrower__external_ref", "field")) == {
        ("C1", "borrower.id_number"),
        ("C3", "phones.number"),
    }
    found = facts()
    assert len(found) == 6
    assert found["L1"].signal_false_identity == Decimal("0.50")
    assert [row.suspicion_signals for ref, row in sorted(found.items())] == [1, 0, 0, 0, 0, 0]
    numbers = {b.external_ref: b.id_number for b in Borrower.objects.all()}
    assert numbers == {"C1": "", "C2": "E12345678", "C3": SOUND, "C4": SOUND, "C5": SOUND, "C6": SOUND}


@pytest.mark.parametrize(
    ("cell", "arrears"),
    [
        ("1,200.50", "1200.50"),
        ("１２００.５", "1200.50"),
        ("1200.5000", "1200.50"),
        ("1.200,50", None),
        ("12,00", None),
        ("1 200.50", None),
        ("1,2,0,0.50", None),
        ("100.005", None),
        ("(1,200.50)", None),
        ("1200.50-", None),
        ("-1200.50", None),
        ("¥1,200.50", None),
        ("1200.50元", None),
        ("1.2万", None),
        ("壹仟贰佰元伍角", None),
        ("1.2E+03", None),
    ],
)
def test_money_is_read_as_it_was_meant_or_refused(db: Any, tmp_path: Path, cell: str, arrears: str | None) -> None:
    take(tmp_path, HEADER + line(1, arrears=cell))

    assert list(Account.objects.values_list("arrears_amount", flat=True)) == ([Decimal(arrears)] if arrears else [])
    assert list(IntakeReject.objects.values_list("field", flat=True)) == ([] if arrears else ["account.arrears_amount"])


@pytest.mark.parametrize("loan", ["L1", " L1 ", "L1\u200b", "\ufeffL1", "\u3000L1\u00a0", "'L1", "Ｌ１"])
def test_spellings_of_a_reference_are_one_account(db: Any, tmp_path: Path, loan: str) -> None:
    take(tmp_path, HEADER + line(1))

    result = take(tmp_path, HEADER + line(1, loan=loan, days="46"))

    assert (result.created, result.updated, Account.objects.get().days_past_due) == (0, 1, 46)


def test_a_shortened_reference_is_refused_with_its_row(db: Any, tmp_path: Path) -> None:
    result = take(tmp_path, HEADER + line(1, loan="6.22848E+18") + line(2, customer="6.22848E+18") + line(3))

    assert (result.created, result.rejected) == (1, 2)
    assert list(IntakeReject.objects.order_by("row_number").values_list("row_number", "field")) == [
        (2, "account.external_ref"),
        (3, "borrower.external_ref"),
    ]
