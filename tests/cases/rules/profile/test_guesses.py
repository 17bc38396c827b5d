"""The first guess of a profile from a sample: columns, formats, units and words."""

from datetime import date
from typing import Any

from cases.rules.profile.choices import COLUMN, FIXED, FieldChoice
from cases.rules.profile.column_looks import columns_of
from cases.rules.profile.fields import ACCOUNT, CONTACT
from cases.rules.profile.guesses import column_choice, guessed_choices, guessed_words, next_block

TERRITORIES = {"310000": ("上海", "Shanghai"), "510100": ("成都", "Chengdu")}
LABELS = {"ACTIVE": ("Active", "正常"), "CARD": ("Credit card", "信用卡")}


def guess(header: list[str], *rows: list[str], kind: str = "ACCOUNTS", territories: Any = TERRITORIES) -> Any:
    columns = columns_of(header=header, rows=rows)
    return guessed_choices(top={"kind": kind}, kind=kind, columns=columns, territories=territories, labels=LABELS)


def column(name: str, **options: Any) -> FieldChoice:
    return FieldChoice(how=COLUMN, column=name, **options)


def test_a_chinese_banks_columns_are_guessed_with_units_formats_and_words() -> None:
    choices = guess(
        ["客户编号", "客户姓名", "身份证号", "性别", "经办机构", "合同编号", "贷款品种", "授信额度（万元）", "年利率（%）", "逾期金额", "逾期天数", "账户状态", "数据日期", "手机号码", "联系人电话", "现住址", "户籍地址"],
        ["K1", "张三", "310101199001010012", "男", "上海分行", "H1", "消费贷", "12.5", "18", "¥1,200.50", "45天", "正常", "2026年11月20日", "13900000060", "13900000099", "上海市测试路1号", "成都市测试街2号"],
        ["K2", "李四", "310101199001010013", "女", "成都分行", "H2", "信用卡", "1", "7.2", "0", "0天", "已结清", "2026年11月21日", "13900000061", "", "", ""],
    )  # fmt: skip

    assert choices.singles == {
        "borrower": {
            "external_ref": column("客户编号"),
            "name": column("客户姓名"),
            "id_number": column("身份证号"),
            "territory": column("经办机构", words={"上海分行": "310000", "成都分行": "510100"}),
        },
        "account": {
            "external_ref": column("合同编号"),
            "product": column("贷款品种", words={"消费贷": "CONSUMER", "信用卡": "CARD"}),
            "credit_limit": column("授信额度（万元）", scale=10_000),
            "annual_rate": column("年利率（%）", as_="percent"),
            "arrears_amount": column("逾期金额", strip=("¥",)),
            "days_past_due": column("逾期天数", strip=("天",)),
            "status": column("账户状态", words={"正常": "ACTIVE", "已结清": "CLOSED"}),
            "as_of": column("数据日期", formats=("%Y年%m月%d日",)),
        },
    }
    # The telephone of another person is nobody's of ours, and sex fills nothing.
    assert choices.blocks == {
        "phones": ({"number": column("手机号码")},),
        "addresses": (
            {"line": column("现住址")},
            {"line": column("户籍地址"), "kind": FieldChoice(how=FIXED, constant="REGISTER")},
        ),
    }


def test_what_was_stated_when_applying_is_guessed_and_nothing_beside_it() -> None:
    chinese = guess(
        ["单位名称", "单位地址", "工作单位电话", "月收入（万元）", "家庭月收入", "配偶月收入", "月支出", "申请日期"],
        ["示范公司", "上海市测试路1号", "02112345678", "0.85", "2", "1", "3200", "2025年6月1日"],
    )
    english = guess(
        ["Employer", "Employer Address", "Company Phone", "Employer Type", "Monthly Income", "Monthly Expenses", "Application Date"],
        ["Example Ltd", "1 Test Street", "02112345678", "state", "8500", "3200", "2025-06-01"],
    )  # fmt: skip

    assert chinese.singles["application"] == {
        "employer": column("单位名称"),
        "monthly_income": column("月收入（万元）", scale=10_000),
        "monthly_expenses": column("月支出"),
        "stated_on": column("申请日期", formats=("%Y年%m月%d日",)),
    }
    assert english.singles["application"] == {
        "employer": column("Employer"),
        "monthly_income": column("Monthly Income"),
        "monthly_expenses": column("Monthly Expenses"),
        "stated_on": column("Application Date"),
    }
    assert [block["line"].column for block in chinese.blocks["addresses"]] == ["单位地址"]
    assert [block["number"].column for block in chinese.blocks["phones"]] == ["工作单位电话"]


def test_the_only_territory_is_everybodys_and_a_fraction_stays_one() -> None:
    choices = guess(["loan_no", "apr"], ["H1", "0.18"], territories={"310000": ("上海",)})

    assert choices.singles == {
        "borrower": {"territory": FieldChoice(how=FIXED, constant="310000")},
        "account": {"external_ref": column("loan_no"), "annual_rate": column("apr")},
    }


def test_statements_are_guessed_by_number_and_by_month() -> None:
    numbered = guess(["账期1", "余额1", "账期2", "余额2"], ["2026-01", "5", "2026-02", "6"])
    dated = guess(["余额2025-12", "余额2026-01"], ["5", "6"])

    assert numbered.blocks == {
        "statements": (
            {"period": column("账期1", formats=("%Y-%m",)), "balance": column("余额1")},
            {"period": column("账期2", formats=("%Y-%m",)), "balance": column("余额2")},
        )
    }
    assert dated.blocks == {
        "statements": (
            {"balance": column("余额2025-12"), "period": FieldChoice(how=FIXED, constant=date(2025, 12, 1))},
            {"balance": column("余额2026-01"), "period": FieldChoice(how=FIXED, constant=date(2026, 1, 1))},
        )
    }


def test_the_next_block_takes_the_following_columns() -> None:
    first = {"amount": column("实还09", scale=10_000), "paid_on": column("还款日9"), "means": column("方式")}
    dated = {"balance": column("余额2025-12"), "period": FieldChoice(how=FIXED, constant=date(2025, 12, 1))}

    assert next_block(blocks=[first], columns=["实还09", "实还10", "还款日10", "方式"]) == {
        "amount": column("实还10", scale=10_000),
        "paid_on": column("还款日10"),
    }
    assert next_block(blocks=[dated], columns=["余额2026-01"]) == {
        "balance": column("余额2026-01"),
        "period": FieldChoice(how=FIXED, constant=date(2026, 1, 1)),
    }
    assert next_block(blocks=[dated], columns=["余额2025-12"]) == {}
    assert next_block(blocks=[], columns=["a1"]) == {}


def test_moments_months_late_and_yes_and_no() -> None:
    moments = columns_of(header=["时间", "逾期期数", "本人"], rows=[["2026/11/20 08:15", "2", "本人"]])

    assert column_choice(
        field=CONTACT["attempted_at"], name="attempted_at", column=moments[0], territories={}, labels={}
    ) == column("时间", formats=("%Y/%m/%d %H:%M",))
    assert column_choice(
        field=ACCOUNT["days_past_due"], name="days_past_due", column=moments[1], territories={}, labels={}
    ) == column("逾期期数", as_="months_late")
    # Yes and no are read without a table, and our own codes too.
    flags = guessed_words(field=CONTACT["right_party"], name="x", values=["是", "N"], territories={}, labels={})
    codes = guessed_words(field=ACCOUNT["status"], name="status", values=["ACTIVE"], territories={}, labels=LABELS)
    assert (flags, codes) == ({}, {})
