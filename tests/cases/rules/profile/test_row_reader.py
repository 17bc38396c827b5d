"""One row read by a profile: values, or every problem."""

from datetime import date
from decimal import Decimal

import pytest

from cases.rules.profile import refusals
from tests.cases.rules.profile.profile_texts import account_of, profile_text, read_row, reason_of


def test_row_reader_takes_the_first_column_that_is_not_empty() -> None:
    line = 'segment = { columns = ["a", "b"] }'

    assert account_of(line, a=" ", b="second")["segment"] == "second"
    assert account_of(line, top='[file]\nempty = ["NULL"]', a="NULL", b="second")["segment"] == "second"


@pytest.mark.parametrize(
    ("line", "cell", "reason"),
    [
        ('arrears_amount = { column = "c" }', "-1", "The number must be at least {bound}."),
        ('arrears_amount = { column = "c" }', "1000000000000", "The number must be below {bound}."),
        ('annual_rate = { column = "c" }', "1", "The number must be below {bound}."),
        ('days_past_due = { column = "c" }', "1.5", "This is not a whole number."),
        ('opened_on = { column = "c" }', "2025-02-29", "This is not a date as {formats}."),
        ('opened_on = { column = "c" }', "0001-01-01", refusals.DATE_OUT_OF_RANGE),
        ('opened_on = { column = "c" }', "2026-03-02", "The account was opened after the day of the figures."),
        ('status = { column = "c" }', "gone", "The word must be one of: {choices}."),
        (
            'status = { column = "c", map = { "A" = "ACTIVE" } }',
            "B",
            "The profile knows no such word. Add it under map.",
        ),
        ('segment = { column = "c" }', "x" * 41, "The text is longer than {bound} characters."),
        ('segment = { column = "c" }', "a\x00b", "The text contains a control character."),
        (
            'segment = { column = "c", pattern = "^[a-z]+$" }',
            "7",
            "The text does not look as the profile's pattern says.",
        ),
    ],
)
def test_row_reader_refuses_with_a_reason(line: str, cell: str, reason: str) -> None:
    assert reason_of(line, c=cell) == reason


def test_row_reader_collects_every_problem_of_a_row() -> None:
    row = read_row(
        profile_text(account='arrears_amount = { column = "a" }\ndays_past_due = { column = "b" }'), id="", a="x", b="y"
    )

    assert [p.field for p in row.problems] == [
        "borrower.external_ref",
        "account.external_ref",
        "account.arrears_amount",
        "account.days_past_due",
    ]


def test_row_reader_expresses_a_lending_club_export() -> None:
    text = """
kind = "ACCOUNTS"
[[territories]]
code = "CA"
name = "California"
[borrower]
external_ref = { template = "lc-{member_id}" }
territory = { column = "addr_state", map = { "CA" = "CA" }, otherwise = "US" }
[account]
external_ref = { template = "lc-{id}" }
product = "CASH"
currency = "USD"
segment = { column = "term", pattern = "(\\\\d+) months" }
credit_limit = { column = "loan_amnt" }
annual_rate = { column = "int_rate", as = "percent" }
outstanding_principal = { column = "out_prncp", strip = ["$"] }
opened_on = { column = "issue_d", formats = ["%b-%Y"] }
status = { column = "loan_status", map = { "Charged Off" = "WRITTEN_OFF", "Fully Paid" = "CLOSED" }, otherwise = "ACTIVE" }
as_of = 2018-12-31
[account.days_past_due]
column = "loan_status"
map = { "In Grace Period" = 10, "Late (16-30 days)" = 16, "Late (31-120 days)" = 31 }
otherwise = 0
"""
    row = read_row(
        text,
        id="68407277",
        member_id="77",
        addr_state="CA",
        term=" 36 months",
        loan_amnt="3600",
        int_rate=" 13.5%",
        out_prncp="$1,203.44",
        issue_d="Dec-2015",
        loan_status="Late (31-120 days)",
        emp_title="nurse",
    )

    assert row.problems == []
    account = row.single["account"]
    assert (account["annual_rate"], account["days_past_due"], account["segment"]) == (Decimal("0.135"), 31, "36")
    assert (account["opened_on"], account["outstanding_principal"]) == (date(2015, 12, 1), Decimal("1203.44"))


def test_statement_of_empty_cells_only_is_left_out() -> None:
    """A core with a column for each of the last months leaves those before the opening of the account empty."""
    top = '[file]\nempty = ["NULL"]'
    text = profile_text(top=top, account='[[statements]]\nperiod = { column = "p" }\nbalance = { column = "b" }')

    young, no_period, given = (
        read_row(text, id="1", p=period, b=balance)
        for period, balance in (("NULL", " \u200b"), ("", "5"), ("2026-02-01", ""))
    )

    assert (young.problems, young.repeated) == ([], {})
    assert [problem.field for problem in no_period.problems] == ["statements[1].period"]
    assert (given.problems, [each["balance"] for each in given.repeated["statements"]]) == ([], [Decimal(0)])


def test_block_that_is_left_out_has_no_problem_in_its_other_fields() -> None:
    block = '[[statements]]\nonly_if = "balance"\nperiod = { column = "p" }\nbalance = { column = "b" }'

    empty, zero, given = (read_row(profile_text(account=block), id="1", p="", b=balance) for balance in ("", "0", "5"))

    assert (empty.problems, empty.repeated, zero.problems, zero.repeated) == ([], {}, [], {})
    assert [problem.field for problem in given.problems] == ["statements[1].period"]


@pytest.mark.parametrize("name", ["???", "张?", "李？", "\ufffd三", "13900000000", "***"])
def test_a_name_that_an_export_has_spoilt_is_doubted(name: str) -> None:
    row = read_row(profile_text().replace("[account]", 'name = { column = "name" }\n[account]'), id="1", name=name)

    assert (row.single["borrower"]["name"], [(d.field, d.value, d.reason) for d in row.doubts]) == (
        None,
        [("borrower.name", name, refusals.NOT_A_NAME)],
    )


@pytest.mark.parametrize(
    ("cell", "name"),
    [
        ("买买提·艾力", "买买提·艾力"),
        ("O'Brien", "O'Brien"),
        ("𠮷野", "𠮷野"),
        ("张**", "张**"),
        ("NULL", ""),
        ("无", ""),
    ],
)
def test_names_of_other_spellings_are_taken(cell: str, name: str) -> None:
    row = read_row(profile_text().replace("[account]", 'name = { column = "name" }\n[account]'), id="1", name=cell)

    assert (row.single["borrower"]["name"], row.doubts) == (name, [])


@pytest.mark.parametrize("cell", ["-5", "(5.00)", "5.00-", "（5.00）"])
def test_a_negative_amount_leaves_no_block_out(cell: str) -> None:
    block = '[[repayments]]\nonly_if = "amount"\nexternal_ref = "R"\namount = { column = "c" }\npaid_on = 2026-02-01'

    row = read_row(profile_text() + block, id="1", c=cell)

    assert [(p.field, p.reason) for p in row.problems] == [("repayments[1].amount", refusals.NEGATIVE)]


@pytest.mark.parametrize("cell", ["", "0", "0.00"])
def test_an_empty_or_zero_amount_leaves_its_block_out(cell: str) -> None:
    block = '[[repayments]]\nonly_if = "amount"\nexternal_ref = "R"\namount = { column = "c" }\npaid_on = 2026-02-01'

    row = read_row(profile_text() + block, id="1", c=cell)

    assert (row.problems, row.repeated.get("repayments", [])) == ([], [])


@pytest.mark.parametrize("cell", ["-", "--", "- / -", "无", "NULL", "N/A", "\\N"])
def test_a_word_for_no_telephone_leaves_the_telephone_out(cell: str) -> None:
    row = read_row(profile_text() + '[[phones]]\nnumber = { column = "c" }', id="1", c=cell)

    assert (row.problems, row.doubts, row.repeated.get("phones", [])) == ([], [], [])
