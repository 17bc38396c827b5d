"""The guard against typed text in the trail."""

from typing import Any

import pytest

from backoffice.audit.services import record
from backoffice.audit.texts import TypedText, typed_texts


@pytest.mark.parametrize(
    ("body", "keys"),
    [
        ({}, []),
        ({"reason": "DISPUTE", "count": 3, "on": "2026-03-02", "ids": [1, 2]}, []),
        ({"policy": "own house v3"}, []),
        ({"note": "张三不在家"}, ["note"]),
        ({"note": "he is not at home"}, ["note"]),
        ({"limits": {"note": ["OK", "do not go there again"]}}, ["limits.note"]),
        ({"张三": 1}, ["a key"]),
    ],
)
def test_typed_texts_names_the_keys_of_chinese_characters_and_of_sentences(body: Any, keys: list[str]) -> None:
    assert list(typed_texts(body)) == keys


@pytest.mark.django_db
def test_record_refuses_typed_text_in_strict_mode_only(settings: Any, at: Any) -> None:
    settings.AUDIT_STRICT = True
    with pytest.raises(TypedText, match=r"test\.done: note"):
        record(actor=None, action="test.done", subject=("test", 1), at=at, body={"note": "张三"})

    settings.AUDIT_STRICT = False
    entry = record(actor=None, action="test.done", subject=("test", 1), at=at, body={"note": "张三"})

    assert entry.sequence == 1


@pytest.mark.django_db
def test_record_takes_a_declared_text_of_that_action_and_key_only(settings: Any, at: Any) -> None:
    settings.AUDIT_STRICT, settings.AUDIT_TEXTS = True, frozenset({"test.done:policy"})

    record(actor=None, action="test.done", subject=("test", 1), at=at, body={"policy": "默认策略"})

    for action, key in (("test.done", "note"), ("test.begun", "policy")):
        with pytest.raises(TypedText):
            record(actor=None, action=action, subject=("test", 1), at=at, body={key: "默认策略"})
