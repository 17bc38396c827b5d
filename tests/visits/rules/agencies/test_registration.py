"""Unified social credit codes of real firms pass; one mistyped character does not."""

import pytest
from django.utils.translation import override

from visits.rules.agencies.registration import CHARACTERS, canonical_code, check_character, code_problem

# From public registers: Tencent, Alibaba, Huawei, and the example of the standard's explanation.
REAL = ("9144030071526726XG", "91330100799655058B", "914403001922038216", "91350100M000100Y43")


@pytest.mark.parametrize("code", REAL)
def test_codes_of_real_firms_pass(code):
    assert code_problem(code=code) is None
    assert check_character(body=code[:-1]) == code[-1]


@pytest.mark.parametrize("code", REAL)
def test_every_single_mistyped_character_is_found(code):
    for place in range(len(code)):
        for other in CHARACTERS:
            mistyped = code[:place] + other + code[place + 1 :]
            assert (code_problem(code=mistyped) is None) == (mistyped == code)


@pytest.mark.parametrize(("text", "code"), [(" 9144 0300-7152 6726 xg ", REAL[0]), ("９１４４", "９１４４"), ("", "")])
def test_spaces_hyphens_and_small_letters_are_another_spelling(text, code):
    assert canonical_code(text=text) == code


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "A unified social credit code has 18 characters, this one has 0. Copy it from the business licence."),
        (
            "9144030071526726X",
            "A unified social credit code has 18 characters, this one has 17. Copy it from the business licence.",
        ),
        (
            "9144030071526726IO",
            "A unified social credit code has digits and capital letters without I, O, S, V and Z; not allowed here: I, O.",
        ),
        (
            "9144030071526726XH",
            "The check character of the unified social credit code does not fit: one or more characters are mistyped. "
            "Compare it with the business licence.",
        ),
    ],
)
def test_a_wrong_code_is_told_in_words(code, words):
    with override("en"):
        assert str(code_problem(code=code)) == words


def test_a_foreign_character_has_no_value():
    with pytest.raises(ValueError, match="substring not found"):
        check_character(body="I")
