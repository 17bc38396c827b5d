"""JSON text of a policy: what is refused before the body is read."""

import json
from math import inf

import pytest

from backoffice.core.errors import InvalidInput
from cases.rules.policy.default_policy import DEFAULT_POLICY
from cases.rules.policy.json_text import LARGEST_BYTES, read_policy_text


@pytest.mark.parametrize(
    "text",
    [
        '{"a":' * 10_000,
        "[" * 10_000 + "]" * 10_000,
        '{"a": 1, "a": 2}',
        b"\xff\xfe{}",
        "",
        "{",
        b"\x80",
        json.dumps({f"k{n}": n for n in range(1_000_000)}),
    ],
    ids=["deep", "deep list", "twins", "utf-16", "empty", "open", "latin", "million keys"],
)
def test_read_policy_text_refuses_what_no_page_sends(text: str | bytes) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_policy_text(text)

    assert caught.value.field == "body"


def test_read_policy_text_leaves_numbers_without_end_to_the_reader() -> None:
    body = read_policy_text(f'{{"a": NaN, "b": 1e400, "c": -1e400, "d": {"9" * 5_000}, "e": 0.1, "f": 7}}')

    assert body["a"] != body["a"]
    assert (body["b"], body["c"], body["d"], body["e"], body["f"]) == (inf, -inf, inf, 0.1, 7)
    assert len(json.dumps(DEFAULT_POLICY)) < LARGEST_BYTES
