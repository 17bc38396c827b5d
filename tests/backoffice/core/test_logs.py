"""What a log line holds, and what it never holds."""

import json
import logging

import pytest

from backoffice.core.logs import error_summary, render


def line(**event):
    record = logging.LogRecord("cases.tasks", logging.WARNING, "path", 1, "message", None, None)
    return render(None, "warning", {"_record": record, "_from_structlog": True, **event})


def test_a_line_is_one_json_object_with_level_and_logger():
    assert json.loads(line(event="chunk failed", chunk=7)) == {
        "level": "WARNING",
        "event": "chunk failed",
        "chunk": 7,
        "logger": "cases.tasks",
    }


def test_identity_and_mobile_numbers_are_replaced():
    written = json.loads(line(event="call 13812345678 about 11010519491231002X of 2026-03-02"))

    assert written["event"] == "call [digits] about [digits] of 2026-03-02"


def fail():
    raise ValueError("duplicate key\nDETAIL: Key (name)=(王伟) already exists.")


def test_an_error_is_logged_without_the_values_of_rows():
    with pytest.raises(ValueError, match="duplicate key") as caught:
        fail()

    shown = error_summary(caught.value)

    assert (shown["type"], shown["message"]) == ("ValueError", "duplicate key")
    assert "王伟" not in json.dumps(shown, ensure_ascii=False)
    assert shown["stack"][-1].endswith(" fail")
