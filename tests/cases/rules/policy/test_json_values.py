"""Single JSON values of a policy's body: what each reader takes, and the path that a refusal names."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from backoffice.core.errors import InvalidInput
from cases.rules.policy.json_values import read_flag, read_list, read_number, read_object, read_text, read_whole


@pytest.mark.parametrize(
    ("read", "value", "found"),
    [
        (lambda v: read_number(v, "p", most=9), "0.30", Decimal("0.30")),
        (lambda v: read_number(v, "p", most=9), 0.1, Decimal("0.1")),
        (lambda v: read_whole(v, "p", most=9), "7", 7),
        (lambda v: read_flag(v, "p"), False, False),
        (lambda v: read_text(v, "p"), "大额", "大额"),
        (lambda v: read_list(v, "p", least=1), [1], [1]),
        (lambda v: read_object(v, "p", required=("a",), optional=("b",)), {"a": 1}, {"a": 1}),
    ],
)
def test_a_valid_value_is_returned(read: Callable[[Any], Any], value: Any, found: Any) -> None:
    assert read(value) == found
    assert type(read(value)) is type(found)


@pytest.mark.parametrize(
    ("read", "value", "path"),
    [
        (lambda v: read_number(v, "p", most=9), True, "p"),
        (lambda v: read_number(v, "p", most=9), "NaN", "p"),
        (lambda v: read_number(v, "p", most=9), "9.01", "p"),
        (lambda v: read_number(v, "p", most=9), "1" * 31, "p"),
        (lambda v: read_number(v, "p", most=9), None, "p"),
        (lambda v: read_whole(v, "p", most=9), 1.5, "p"),
        (lambda v: read_flag(v, "p"), 1, "p"),
        (lambda v: read_text(v, "p"), "  ", "p"),
        (lambda v: read_text(v, "p"), "x" * 81, "p"),
        (lambda v: read_text(v, "p"), "a\x00b", "p"),
        (lambda v: read_list(v, "p"), (1,), "p"),
        (lambda v: read_list(v, "p", most=2), [1, 2, 3], "p"),
        (lambda v: read_object(v, "p"), [], "p"),
        (lambda v: read_object(v, "p"), {"x": 1}, "p.x"),
        (lambda v: read_object(v, "", required=("a",)), {}, "a"),
        (lambda v: read_object(v, ""), 3, "body"),
    ],
)
def test_another_value_is_refused_with_its_path(read: Callable[[Any], Any], value: Any, path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read(value)

    assert caught.value.field == path
