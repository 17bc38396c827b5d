"""Invisible characters, and words for nothing."""

import pytest

from backoffice.core.canonical.texts import is_chinese, is_failed_formula, says_nothing, visible


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        (" L1 ", "L1"),
        ("L1\u200b", "L1"),
        ("\ufeffL1", "L1"),
        ("\u3000李\u3000四\u3000", "李\u3000四"),
        ("\u00a0L\u00ad1\u202c", "L1"),
        ("\u200b\u2060", ""),
    ],
)
def test_visible_takes_off_what_nobody_sees(text: str, seen: str) -> None:
    assert visible(text) == seen


@pytest.mark.parametrize(
    "text", ["", " ", "-", "--", "/", "无", "暂无", "不详", "n/a", "None", "null", "#N/A", "\\N", "\u200b"]
)
def test_says_nothing_knows_the_words_for_no_value(text: str) -> None:
    assert says_nothing(text)


@pytest.mark.parametrize("text", ["0", "无锡", "x", "13800000000"])
def test_says_nothing_leaves_values_alone(text: str) -> None:
    assert not says_nothing(text)


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("#REF!", True),
        ("#value!", True),
        ("#N/A", True),
        ("######", True),
        ("#", False),
        ("#12", False),
        ("REF!", False),
    ],
)
def test_is_failed_formula_knows_what_spreadsheets_show(text: str, failed: bool) -> None:
    assert is_failed_formula(text) is failed


@pytest.mark.parametrize(
    ("text", "chinese"), [("张三 Ltd", True), ("𠮷野", True), ("Zhang San", False), ("", False), ("3号", True)]
)
def test_one_chinese_character_is_enough(text, chinese):
    assert is_chinese(text) is chinese
