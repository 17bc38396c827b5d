"""Constants of a profile: taken where the type is clear, refused with the line as it should be."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput
from cases.rules.profile.constants import constant, decimal, truth, whole
from cases.rules.profile.fields import ACCOUNT, ADDRESS, BORROWER
from cases.rules.profile.parse import parse_profile
from tests.cases.rules.profile.profile_texts import account_of, profile_text


@pytest.mark.parametrize(
    ("field", "value", "found"),
    [
        (ACCOUNT["days_past_due"], "30", 30),
        (ACCOUNT["days_past_due"], 30, 30),
        (ACCOUNT["credit_limit"], "30.5", Decimal("30.5")),
        (ACCOUNT["credit_limit"], 30, Decimal(30)),
        (ACCOUNT["opened_on"], "2026/03/01", date(2026, 3, 1)),
        (ADDRESS["is_rural"], "是", True),
        (ADDRESS["is_rural"], "False", False),
        (ACCOUNT["segment"], "30", "30"),
    ],
)
def test_constant_may_be_written_as_a_text_where_its_type_is_clear(field: Any, value: Any, found: object) -> None:
    assert constant("account.x", value, field, line="x = {}") == found


@pytest.mark.parametrize(
    ("account", "key", "words"),
    [
        ("segment = 1", "account.segment", '1 is not a text. Write: segment = "1".'),
        ("status = 1", "account.status", '1 is not a text. Write: status = "ACTIVE".'),
        ('status = "GONE"', "account.status", "must be one of: ACTIVE, CLOSED"),
        ('segment = { column = "s", map = { "1" = 30 } }', "account.segment.map", 'Write: map = { "1" = "30" }.'),
        ('segment = { column = "s", map = { "男" = true } }', "account.segment.map", 'Write: map = { "男" = "true" }.'),
        ('segment = { column = "s", map = { "{}" = 1 } }', "account.segment.map", 'Write: map = { "{}" = "1" }.'),
        ('days_past_due = { column = "s", map = { "M1" = "x" } }', "account.days_past_due.map", 'map = { "M1" = 30 }.'),
        ('days_past_due = { column = "s", default = "x" }', "account.days_past_due.default", "Write: default = 30."),
        ('segment = { column = "s", otherwise = 5 }', "account.segment.otherwise", 'Write: otherwise = "5".'),
        ('days_past_due = "x"', "account.days_past_due", '"x" is not a whole number. Write: days_past_due = 30.'),
        ("opened_on = 2026-03-01T00:00:00", "account.opened_on", "Write: opened_on = 2026-03-01."),
        ('opened_on = "03/04/2026"', "account.opened_on", "Write: opened_on = 2026-03-01."),
        ("annual_rate = 18", "account.annual_rate", "must be below 1"),
        ("annual_rate = -0.1", "account.annual_rate", "must be at least 0"),
        ("segment = [1]", "account.segment", '[…] is not a text. Write: segment = "…".'),
    ],
)
def test_refused_constant_names_its_key_and_the_line_to_write(account: str, key: str, words: str) -> None:
    with override("en"), pytest.raises(InvalidInput) as refusal:
        parse_profile(text=profile_text(account=account), name="test")

    assert words in str(refusal.value)
    assert refusal.value.field == key


def test_numbers_in_quotes_of_a_map_become_numbers() -> None:
    assert account_of('days_past_due = { column = "c", map = { "M1" = "30" } }', c="M1")["days_past_due"] == 30


def test_flag_is_not_guessed_from_a_number() -> None:
    with override("en"), pytest.raises(InvalidInput, match=r"1 is not a truth value\. Write: is_rural = true"):
        constant("addresses.is_rural", 1, ADDRESS["is_rural"], line="is_rural = {}")


def test_moment_needs_an_offset() -> None:
    with override("en"), pytest.raises(InvalidInput, match=r"Write: x = 2026-03-01T08:00:00\+08:00"):
        constant("borrower.x", "2026-03-01", BORROWER["last_app_login_at"], line="x = {}")


def test_words_for_truth_and_whole_numbers() -> None:
    assert [truth(value) for value in (True, "no", "否", "maybe", 1, None)] == [True, False, False, None, None, None]
    assert [whole(value) for value in (3, "3", "-3", True, "3.5", None)] == [3, 3, -3, None, None, None]


def test_decimal_of_a_profile_is_finite() -> None:
    assert decimal("k", "1.5") == Decimal("1.5")
    for value in ("many", float("nan")):
        with pytest.raises(InvalidInput):
            decimal("k", value)
