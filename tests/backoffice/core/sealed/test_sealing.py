"""Keys derived from the field keys for other purposes than sealing."""

from typing import Any

import pytest

from backoffice.core.sealed.sealing import current_key_number, derived_key

KEYS = f"1:{'A' * 43}=,2:{'B' * 43}="


def test_current_key_number_is_the_highest(settings: Any) -> None:
    settings.FIELD_KEYS = KEYS

    assert current_key_number() == 2


def test_derived_key_differs_by_purpose_and_by_key_and_is_not_the_key(settings: Any) -> None:
    settings.FIELD_KEYS = KEYS

    keys = {derived_key(purpose=purpose, number=number) for purpose in ("a", "b") for number in (1, 2)}

    assert len(keys) == 4
    assert {len(key) for key in keys} == {32}
    assert bytes(32) not in keys
    assert derived_key(purpose="a", number=1) in keys


def test_derived_key_refuses_an_unknown_number(settings: Any) -> None:
    settings.FIELD_KEYS = KEYS

    with pytest.raises(ValueError, match="key 3"):
        derived_key(purpose="a", number=3)
