"""Headers of lenders' files in Chinese and English, and the columns that are never taken in."""

import pytest

from cases.rules.profile.fields import REPEATED, SINGLE
from cases.rules.profile.header_words import FIELD_WORDS, PROTECTED_WORDS, fit, is_protected, normal


@pytest.mark.parametrize(
    ("header", "plain"),
    [
        ("授信额度（万元）", "授信额度"),
        (" Loan No. ", "loan_no"),
        ("Days Past-Due (DPD)", "days_past_due"),
        ("手机号:", "手机号"),
        ("ＤＰＤ", "dpd"),
        ("daysPastDue", "days_past_due"),
        ("ClientID", "client_id"),
    ],
)
def test_a_header_is_compared_without_brackets_marks_and_case(header: str, plain: str) -> None:
    assert normal(header).rstrip(".") == plain


@pytest.mark.parametrize(
    ("header", "section", "field"),
    [
        ("客户号", "borrower", "external_ref"),
        ("cust_id", "borrower", "external_ref"),
        ("借据号", "account", "external_ref"),
        ("Loan No", "account", "external_ref"),
        ("当前贷款余额（元）", "account", "outstanding_principal"),
        ("DPD", "account", "days_past_due"),
        ("loan_amnt", "account", "credit_limit"),
        ("int_rate", "account", "annual_rate"),
        ("out_prncp", "account", "outstanding_principal"),
        ("LoanNr_ChkDgt", "account", "external_ref"),
        ("disbursed_date", "account", "opened_on"),
        ("Days in Arrears", "account", "days_past_due"),
        ("MemberId", "borrower", "external_ref"),
        ("Mobile No 2", "phones", "number"),
        ("数据日期", "account", "as_of"),
        ("联系电话", "phones", "number"),
    ],
)
def test_a_usual_header_fits_its_field_best(header: str, section: str, field: str) -> None:
    fits = {name: fit(header, words) for name, words in FIELD_WORDS[section].items()}

    assert max(fits, key=lambda name: fits[name]) == field
    assert fits[field] > 0.2


@pytest.mark.parametrize("header", ["性别", " 婚姻状况 ", "Gender", "Date of Birth", "学历（最高）", "AGE"])
def test_a_trait_is_known_by_its_header(header: str) -> None:
    assert is_protected(header)


def test_a_field_of_ours_is_no_trait_and_every_word_is_for_a_field_that_there_is() -> None:
    known = {
        section: set(fields)
        for table in (SINGLE, REPEATED)
        for kind in table.values()
        for section, fields in kind.items()
    }

    assert [
        (section, name) for section, fields in FIELD_WORDS.items() for name in fields if name not in known[section]
    ] == []
    assert (
        PROTECTED_WORDS & {word for fields in FIELD_WORDS.values() for words in fields.values() for word in words}
        == set()
    )
