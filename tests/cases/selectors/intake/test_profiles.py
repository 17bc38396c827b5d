"""Profiles by name: the lender's own and the shipped ones."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cases.models import (
    Account,
    IntakeReject,
)
from cases.rules.profile.parse import parse_profile
from tests.cases.services.intake.event_files import counts, event_file, take
from tests.factories.portfolio import make_account, make_borrower
from tests.factories.profiles import make_profile


@pytest.fixture
def account(shanghai: Any) -> Account:
    return make_account(borrower=make_borrower(territory=shanghai, external_ref="D1"), external_ref="D1-1")


def test_take_in_reads_a_chinese_banks_export_by_the_lenders_own_profile(db: Any, tmp_path: Path) -> None:
    make_profile(
        name="bank",
        kind="ACCOUNTS",
        body="""
kind = "ACCOUNTS"
identity_numbers = "cn"
[file]
delimiter = "|"
skip_lines = 1
[[territories]]
code = "510100"
name = "成都"
[borrower]
external_ref = { column = "客户编号" }
territory = { column = "经办机构", map = { "成都分行" = "510100" } }
name = { column = "客户姓名" }
id_number = { column = "证件号" }
[account]
external_ref = { column = "合同编号" }
product = { column = "产品", map = { "消费贷" = "CONSUMER" }, otherwise = "CASH" }
credit_limit = { column = "授信额度（万元）", scale = 10000 }
outstanding_principal = { column = "贷款余额（万元）", scale = 10000 }
days_past_due = { column = "逾期天数", strip = ["天"] }
as_of = { column = "数据日期", formats = ["%Y年%m月%d日", "%Y%m%d"] }
""",
    )
    path = event_file(
        tmp_path,
        "逾期客户清单\n客户编号|客户姓名|证件号|经办机构|合同编号|产品|授信额度（万元）|贷款余额（万元）|逾期天数|数据日期\n"
        "K1|张小三|99999919850101123X|成都分行|H1|消费贷|12.5|3.1415|95天|2026年03月01日\n"
        "K2|李四|99999919850101123X|重庆分行|H2|信用贷|1|1|0|20260301\n",
        encoding="gb18030",
    )

    result = take(path, "bank")

    assert counts(result) == (2, 1, 0, 0, 1)
    account = Account.objects.get()
    assert (account.credit_limit, account.outstanding_principal) == (Decimal("125000"), Decimal("31415"))
    assert (account.days_past_due, account.as_of, account.territory.code) == (95, date(2026, 3, 1), "510100")
    assert account.borrower.name == "张小三"
    assert IntakeReject.objects.get().row_number == 4


def test_shipped_profiles_are_sound(db: Any) -> None:
    from cases.selectors.intake.profiles import SHIPPED, get_profile

    names = sorted(p.stem for p in SHIPPED.glob("*.toml"))

    assert {get_profile(name=n).name for n in names} == {
        "uci-taiwan",
        "uci-taiwan-outcomes",
        "demo-accounts",
        "demo-accounts-delta",
        "demo-contacts",
        "demo-promises",
        "demo-repayments",
        "demo-signals",
    }
    assert (
        parse_profile(text=(SHIPPED / "uci-taiwan.toml").read_text(encoding="utf-8"), name="x")
        .columns.keys()
        .isdisjoint({"X2", "X3", "X4", "X5", "Y"})
    )
