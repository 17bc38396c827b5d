"""Profiles by name: the lender's own and the shipped ones."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from backoffice.core.errors import InvalidInput, Missing, NotAllowed
from cases.models import (
    Account,
    IntakeReject,
)
from cases.rules.profile.parse import parse_profile
from cases.selectors.intake.profiles import (
    SHIPPED,
    get_profile,
    profile_choices,
    profile_names,
    shipped_names,
    stored_profile,
    usable_file_set,
    usable_profile,
)
from cases.services.intake.profiles.versions import approve_version, make_version, retire_version
from cases.services.intake.uploads import queue_upload
from tests.cases.services.intake.event_files import counts, event_file, take
from tests.cases.services.intake.samples import PROFILE
from tests.conftest import AT
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
    names = sorted(p.stem for p in SHIPPED.glob("*.toml"))

    sets = {name for name in names if usable_file_set(name=name, actor=None, dry_run=False) is not None}
    assert sets == {"core-files"}
    assert {get_profile(name=n).name for n in names if n not in sets} == {
        "uci-taiwan",
        "uci-taiwan-outcomes",
        "demo-accounts",
        "demo-accounts-delta",
        "demo-contacts",
        "demo-promises",
        "demo-repayments",
        "demo-reversals",
        "demo-signals",
    }
    assert (
        parse_profile(text=(SHIPPED / "uci-taiwan.toml").read_text(encoding="utf-8"), name="x")
        .columns.keys()
        .isdisjoint({"X2", "X3", "X4", "X5", "Y"})
    )


def test_a_version_that_awaits_approval_is_only_tried_and_only_by_its_maker_or_an_approver(person: Any) -> None:
    maker, other = person("RISK_MANAGER", name="maker"), person("RISK_MANAGER", name="other")
    admin = person("ADMINISTRATOR", name="admin")
    draft = make_version(name="own", body=PROFILE, actor=maker, at=AT)

    for actor in (maker, other, None):
        assert usable_profile(name="own@1", actor=actor, dry_run=True).version_id == draft.pk
        with pytest.raises(InvalidInput):
            usable_profile(name="own@1", actor=actor, dry_run=False)
    with pytest.raises(NotAllowed):
        usable_profile(name="own@1", actor=admin, dry_run=True)
    with pytest.raises(Missing):
        usable_profile(name="own", actor=maker, dry_run=True)
    for name in ("own@2", "own@x", "own@", "other@1"):
        with pytest.raises(Missing):
            usable_profile(name=name, actor=maker, dry_run=True)
    assert [value for value, _words in profile_choices(user=maker)] == [*profile_names(), "own@1"]
    assert [value for value, _words in profile_choices(user=admin)] == profile_names()


def test_the_version_in_use_goes_before_the_shipped_profile_of_its_name(person: Any) -> None:
    maker, other = person("RISK_MANAGER", name="maker"), person("RISK_MANAGER", name="other")
    body = (SHIPPED / "demo-repayments.toml").read_text(encoding="utf-8")
    version = make_version(name="demo-repayments", body=body, actor=maker, at=AT)
    assert get_profile(name="demo-repayments").version_id is None

    approve_version(version=version, actor=other, at=AT)

    assert get_profile(name="demo-repayments") == stored_profile(version=version)
    assert usable_profile(name="demo-repayments@1", actor=None, dry_run=False).version_id == version.pk
    retire_version(version=version, actor=other, at=AT)
    assert get_profile(name="demo-repayments").version_id is None
    assert "demo-repayments" in shipped_names()
    with pytest.raises(InvalidInput):
        usable_profile(name="demo-repayments@1", actor=None, dry_run=True)


def test_a_file_keeps_which_version_reads_it(person: Any, tmp_path: Path, account: Account) -> None:
    maker, other = person("RISK_MANAGER", name="maker"), person("RISK_MANAGER", name="other")
    body = (SHIPPED / "demo-repayments.toml").read_text(encoding="utf-8")
    waiting = queue_upload(content=[b"x"], file_name="a.csv", size=1, profile="demo-repayments", actor=maker, at=AT)
    version = make_version(name="demo-repayments", body=body, actor=maker, at=AT)
    tried = queue_upload(
        content=[b"x"], file_name="b.csv", size=1, profile="demo-repayments@1", actor=maker, at=AT, dry_run=True
    )
    approve_version(version=version, actor=other, at=AT)
    later = queue_upload(content=[b"x"], file_name="c.csv", size=1, profile="demo-repayments", actor=maker, at=AT)

    files = [(file.profile_name, file.profile_version_id) for file in (waiting, tried, later)]
    assert files == [
        ("demo-repayments", None),
        ("demo-repayments", version.pk),
        ("demo-repayments", version.pk),
    ]
