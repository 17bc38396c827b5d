"""Names of people and codes of currencies."""

import pytest

from backoffice.core.errors import InvalidInput
from cases.rules.profile import refusals
from cases.rules.profile.parse import parse_profile
from cases.rules.profile.text_forms import form_problem
from tests.cases.rules.profile.profile_texts import account_of, profile_text, reason_of


@pytest.mark.parametrize(
    ("form", "text", "reason"),
    [
        ("name", "买买提·艾力", ""),
        ("name", "张**", ""),
        ("name", "张?", refusals.NOT_A_NAME),
        ("name", "***", refusals.NOT_A_NAME),
        ("currency", "CNY", ""),
        ("currency", "RMB", refusals.NOT_A_CURRENCY),
        ("currency", "人民币", refusals.NOT_A_CURRENCY),
        ("currency", "cny", refusals.NOT_A_CURRENCY),
        ("currency", "156", refusals.NOT_A_CURRENCY),
        ("", "???", ""),
    ],
)
def test_form_problem(form: str, text: str, reason: str) -> None:
    assert form_problem(form=form, text=text) == reason


def test_words_for_a_currency_are_mapped_or_refused() -> None:
    line = 'currency = { column = "c" }'

    assert reason_of(line, c="人民币") == refusals.NOT_A_CURRENCY
    assert account_of(line, c="USD")["currency"] == "USD"
    assert account_of('currency = { column = "c", map = { "人民币" = "CNY" } }', c="人民币")["currency"] == "CNY"


def test_a_constant_that_is_no_currency_is_refused_with_the_profile() -> None:
    with pytest.raises(InvalidInput) as refusal:
        parse_profile(text=profile_text(account='currency = "RMB"'), name="test")

    assert refusal.value.field == "account.currency"
