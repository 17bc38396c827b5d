"""The mapping of one field: columns, template, derivation or constant."""

from decimal import Decimal
from typing import Any

import pytest

from backoffice.core.errors import InvalidInput
from cases.rules.profile.field_sources import only_known, source, texts
from cases.rules.profile.fields import ACCOUNT


def _source(value: Any, *, field: str = "segment") -> Any:
    return source(f"account.{field}", value, ACCOUNT[field], {}, "account")


def test_source_of_columns_a_template_and_a_constant() -> None:
    assert _source({"columns": ["a", "b"]}).columns == ("a", "b")
    assert _source({"template": "x-{a}"}).template == "x-{a}"
    assert _source(7, field="credit_limit").constant == Decimal(7)


@pytest.mark.parametrize(
    ("value", "field", "key"),
    [
        ({"column": "a", "derive": "latest_balance"}, "segment", "account.segment"),
        ({"as": "text"}, "segment", "account.segment"),
        ({"column": "a", "on_day": 32}, "opened_on", "account.opened_on.on_day"),
        ({"column": "a", "scale": "many"}, "credit_limit", "account.credit_limit.scale"),
        ({"column": "a", "map": ["x"]}, "status", "account.status.map"),
        ({"column": "a", "otherwise": "GONE"}, "status", "account.status.otherwise"),
        (True, "days_past_due", "account.days_past_due"),
        ("x" * 41, "segment", "account.segment"),
    ],
)
def test_source_names_the_wrong_key(value: Any, field: str, key: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        _source(value, field=field)

    assert refusal.value.field == key


def test_texts_takes_a_text_or_a_list_of_texts() -> None:
    assert (texts("a", "k"), texts(["a", "b"], "k")) == (("a",), ("a", "b"))
    with pytest.raises(InvalidInput):
        texts([1], "k")


def test_only_known_names_the_first_unknown_key() -> None:
    only_known({"a": 1}, {"a", "b"}, where="file")
    with pytest.raises(InvalidInput) as refusal:
        only_known({"a": 1, "c": 1}, {"a", "b"}, where="file")

    assert refusal.value.field == "file.c"
