"""Repayments, contacts, promises and signals come in; what was settled here is not reopened."""

import csv
import io
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils.translation import override

from backoffice.core.sealed.sealing import blind_index
from cases.models import (
    Account,
    Borrower,
    ContactAttempt,
    IntakeFile,
    IntakeProfile,
    IntakeReject,
    PromiseToPay,
    Repayment,
)
from cases.rules.profile.parse import parse_profile
from cases.selectors.intake.rejects import rejects_csv
from cases.services.intake.take_in import take_in
from tests.factories.portfolio import make_account, make_borrower

AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)


def _file(tmp_path: Path, text: str, *, encoding: str = "utf-8") -> Path:
    path = tmp_path / "feed.csv"
    path.write_text(text, encoding=encoding)
    return path


def _take(path: Path, profile: str) -> Any:
    return take_in(path=path, profile=profile, actor=None, at=AT)


def _counts(result: Any) -> tuple[int, int, int, int, int]:
    return result.rows, result.created, result.updated, result.unchanged, result.rejected


@pytest.fixture
def account(shanghai: Any) -> Account:
    return make_account(borrower=make_borrower(territory=shanghai, external_ref="D1"), external_ref="D1-1")


CONTACTS = "记录号,客户号,渠道,结果,回执,号码,时间,成本\n"
PROMISES = "承诺号,借据号,渠道,金额,承诺日期,到期日期,状态,结算日期\n"
REPAYMENTS = "流水号,借据号,金额,入账日期,方式\n"


def test_take_in_of_contacts_says_who_was_reached(tmp_path: Path, account: Account) -> None:
    path = _file(
        tmp_path,
        CONTACTS + "C1,D1,VOICE,RIGHT_PARTY,是,10000000001,2026-03-01 10:00:00,0.15\n"
        "C2,D1,SMS,DELIVERED,否,,2026-03-01 11:00:00,0.045\nC3,D9,SMS,READ,否,,2026-03-01 11:00:00,0\n"
        "C1,D1,APP,READ,否,,2026-03-01 12:00:00,0\n",
    )

    first, again = _take(path, "demo-contacts"), _take(path, "demo-contacts")

    assert _counts(first) == (4, 2, 0, 0, 2)
    assert _counts(again) == (4, 0, 0, 2, 2)
    reached = ContactAttempt.objects.get(external_ref="C1")
    assert (reached.right_party, reached.receipt, reached.borrower_id) == (True, True, account.borrower_id)
    assert bytes(reached.number_index) == blind_index(text="10000000001", kind="phone")
    assert reached.attempted_at == datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
    assert not ContactAttempt.objects.get(external_ref="C2").right_party


def test_take_in_of_promises_does_not_reopen_what_was_settled(tmp_path: Path, account: Account) -> None:
    path = _file(tmp_path, PROMISES + "V1,D1-1,VOICE,500,2026-02-20,2026-02-25,OPEN,\n")
    _take(path, "demo-promises")
    PromiseToPay.objects.update(state="KEPT", settled_on=date(2026, 2, 26))

    result = _take(path, "demo-promises")

    assert _counts(result) == (1, 0, 0, 1, 0)
    assert PromiseToPay.objects.get().state == "KEPT"


def test_take_in_of_repayments_corrects_but_never_moves_to_another_account(
    tmp_path: Path, account: Account, shanghai: Any
) -> None:
    make_account(borrower=make_borrower(territory=shanghai), external_ref="E1-1")
    _take(_file(tmp_path, REPAYMENTS + "R1,D1-1,500,2026-02-20,x\n"), "demo-repayments")

    corrected = _take(
        _file(tmp_path, REPAYMENTS + "R1,D1-1,600,2026-02-20,x\nR2,D1-1,0,2026-02-20,x\n"), "demo-repayments"
    )
    moved = _take(_file(tmp_path, REPAYMENTS + "R1,E1-1,600,2026-02-20,x\n"), "demo-repayments")

    assert (_counts(corrected), _counts(moved)) == ((2, 0, 1, 0, 1), (1, 0, 0, 0, 1))
    repayment = Repayment.objects.get()
    assert (repayment.amount, repayment.account_id) == (Decimal("600"), account.pk)


def test_take_in_reads_a_chinese_banks_export_by_the_lenders_own_profile(db: Any, tmp_path: Path) -> None:
    IntakeProfile.objects.create(
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
    path = _file(
        tmp_path,
        "逾期客户清单\n客户编号|客户姓名|证件号|经办机构|合同编号|产品|授信额度（万元）|贷款余额（万元）|逾期天数|数据日期\n"
        "K1|张小三|99999919850101123X|成都分行|H1|消费贷|12.5|3.1415|95天|2026年03月01日\n"
        "K2|李四|99999919850101123X|重庆分行|H2|信用贷|1|1|0|20260301\n",
        encoding="gb18030",
    )

    result = _take(path, "bank")

    assert _counts(result) == (2, 1, 0, 0, 1)
    account = Account.objects.get()
    assert (account.credit_limit, account.outstanding_principal) == (Decimal("125000"), Decimal("31415"))
    assert (account.days_past_due, account.as_of, account.territory.code) == (95, date(2026, 3, 1), "510100")
    assert account.borrower.name == "张小三"
    assert IntakeReject.objects.get().row_number == 4


def test_rejects_csv_comes_back_corrected_through_the_same_profile(tmp_path: Path, account: Account) -> None:
    result = _take(
        _file(
            tmp_path, REPAYMENTS + "R1,D1-1,5 00x,2026-02-20,=1+2\nR2,D1-1,7,2026-02-30,@x\nR3,D1-1,8,2026-02-20,ok\n"
        ),
        "demo-repayments",
    )

    with override("en"):
        text = "".join(rejects_csv(file=IntakeFile.objects.get(pk=result.file_id)))

    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[0] == ["row", "field", "value", "reason", "流水号", "借据号", "金额", "入账日期", "方式"]
    assert rows[1] == [
        "2",
        "repayment.amount",
        "5 00x",
        "This is not a number.",
        "R1",
        "D1-1",
        "5 00x",
        "2026-02-20",
        "'=1+2",
    ]
    assert rows[2][8] == "'@x"
    corrected = _file(tmp_path, text.replace("5 00x", "500").replace("2026-02-30", "2026-02-28"))
    assert _counts(_take(corrected, "demo-repayments")) == (2, 2, 0, 0, 0)


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@SUM(1)", "\t=1", " =1"])
def test_rejects_csv_starts_no_formula(tmp_path: Path, account: Account, cell: str) -> None:
    result = _take(_file(tmp_path, REPAYMENTS + f'R1,D1-1,x,2026-02-20,"{cell}"\n'), "demo-repayments")

    lines = "".join(rejects_csv(file=IntakeFile.objects.get(pk=result.file_id)))

    rows = list(csv.reader(io.StringIO(lines)))
    assert rows[1][-1] == "'" + cell


def test_rejected_rows_are_sealed(tmp_path: Path, account: Account) -> None:
    _take(
        _file(tmp_path, CONTACTS + "C1,D1,VOICE,shouted at 张小三,是,10000000001,2026-03-01 10:00:00,0\n"),
        "demo-contacts",
    )

    with connection.cursor() as cursor:
        cursor.execute("SELECT r::text FROM cases_intakereject r")
        (stored,) = cursor.fetchone()

    assert "张小三" in IntakeReject.objects.get().value
    assert "张小三" not in stored
    assert "张小三".encode().hex() not in stored


def test_intake_command_ends_with_the_promised_line(tmp_path: Path, account: Account) -> None:
    path = _file(tmp_path, REPAYMENTS + "R1,D1-1,5,2026-02-20,x\nR2,D1-1,-5,2026-02-20,x\n")
    out, err = io.StringIO(), io.StringIO()

    call_command("intake", str(path), "--profile", "demo-repayments", "--json", stdout=out, stderr=err)

    body = json.loads(out.getvalue())
    assert set(body) == {"rows", "created", "updated", "unchanged", "rejected", "seconds"}
    assert (body["rows"], body["created"], body["rejected"]) == (2, 1, 1)
    assert "2 " in err.getvalue()
    listed = io.StringIO()
    call_command("rejects", IntakeFile.objects.get().pk, stdout=listed)
    assert "R2" in listed.getvalue()


def test_intake_command_takes_a_profile_file_and_names_what_is_wrong(tmp_path: Path, account: Account) -> None:
    profile = tmp_path / "own.toml"
    profile.write_text('kind = "REPAYMENTS"\n[repayment]\nexternal_ref = { column = "no" }\n', encoding="utf-8")
    path = _file(tmp_path, REPAYMENTS)

    with pytest.raises(CommandError, match=r"repayment\.account"):
        call_command("intake", str(path), "--profile", str(profile), "--json")
    with pytest.raises(CommandError):
        call_command("intake", str(tmp_path / "none.csv"), "--profile", "demo-repayments")

    assert Repayment.objects.count() == 0
    assert Borrower.objects.count() == 1


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


def test_take_in_of_contacts_corrects_the_moment_of_a_known_one(tmp_path: Path, account: Account) -> None:
    line = "C1,D1,SMS,DELIVERED,否,,{at},0.1\nC2,D1,SMS,DELIVERED,否,,2026-02-01 09:00:00,0.1\n"
    first = _take(_file(tmp_path, CONTACTS + line.format(at="2026-03-01 10:00:00")), "demo-contacts")
    kept = ContactAttempt.objects.get(external_ref="C1").pk

    second = _take(_file(tmp_path, CONTACTS + line.format(at="2026-01-15 10:00:00")), "demo-contacts")

    assert (_counts(first), _counts(second)) == ((2, 2, 0, 0, 0), (2, 0, 1, 1, 0))
    moved = ContactAttempt.objects.get(external_ref="C1")
    assert (moved.pk, moved.attempted_at) == (kept, datetime(2026, 1, 15, 2, 0, tzinfo=UTC))


def test_take_in_of_a_corrected_repayment_lets_the_accounts_own_row_be_read_again(
    tmp_path: Path, shanghai: Any
) -> None:
    profile = """
kind = "ACCOUNTS"
[borrower]
external_ref = { column = "person" }
territory = "310000"
[account]
external_ref = { column = "account" }
product = "CASH"
credit_limit = 1000
as_of = { column = "as_of" }
[[repayments]]
external_ref = { template = "{account}-P" }
amount = { column = "paid" }
paid_on = { column = "as_of" }
"""
    rows = _file(tmp_path, "person,account,as_of,paid\nP1,K1,2026-03-01,5\n")
    own = parse_profile(text=profile, name="own")
    take_in(path=rows, profile=own, actor=None, at=AT)
    path = tmp_path / "repayments.csv"
    path.write_text(REPAYMENTS + "K1-P,K1,6,2026-03-01,x\n", encoding="utf-8")
    _take(path, "demo-repayments")

    result = take_in(path=rows, profile=own, actor=None, at=AT)

    assert _counts(result) == (1, 0, 1, 0, 0)
    assert Repayment.objects.get().amount == Decimal("5")
