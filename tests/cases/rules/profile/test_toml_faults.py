"""A text that is no TOML is refused with its line, corrected where that can be told."""

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput
from cases.rules.profile.parse import parse_profile


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('map = { 男 = "M" }', 'line 2: map = { 男 = "M" }. Write: map = { "男" = "M" }'),
        ("列 = 1", 'line 2: 列 = 1. Write: "列" = 1'),
        ("status = ACTIVE", 'line 2: status = ACTIVE. Write: status = "ACTIVE"'),
        ('as_of = { column = 数据日期, as = "date" }', 'Write: as_of = { column = "数据日期", as = "date" }'),
        ("name = { column = “姓名” }", 'Write: name = { column = "姓名" }'),
        ("name ＝ ｛ column = “姓名” ｝", 'Write: name = { column = "姓名" }'),
        ('name = { column = "a"', "line 2:"),
        ("a = 1 1", 'line 2: a = 1 1. Write: a = "1 1"'),
        ('[file\nformat = "csv"', "line 2: [file ("),
    ],
)
def test_line_that_is_no_toml_is_shown_and_corrected(line: str, words: str) -> None:
    with override("en"), pytest.raises(InvalidInput) as refusal:
        parse_profile(text=f'kind = "ACCOUNTS"\n{line}\n', name="test")

    assert words in str(refusal.value)
    assert refusal.value.field == "test"


def test_fault_without_a_line_keeps_its_problem() -> None:
    with override("en"), pytest.raises(InvalidInput, match="not TOML: Invalid value"):
        parse_profile(text="kind = ", name="test")
