"""Chinese resident identity numbers."""

import pytest

from cases.rules.profile.identity_number import is_sound


@pytest.mark.parametrize(
    "number",
    ["11010519491231002X", "440524188001010014", "99999919850101123X", "999999200002290027", "99999919850101123x"],
)
def test_is_sound_passes_the_standards_own_numbers(number: str) -> None:
    assert is_sound(number=number)


@pytest.mark.parametrize(
    "number",
    ["999999199002290013", "110105194912310021", "11010519491231002", "", "1" * 18, "１１０１０５19491231002X"],
)
def test_is_sound_refuses_wrong_dates_digits_and_lengths(number: str) -> None:
    assert not is_sound(number=number)
