"""Log lines: one JSON object a line, ids only."""

import json
import logging
import re
from typing import Any

# What an id number, a mobile number or a long digit string looks like must never reach a log.
_DIGITS = re.compile(r"\d{11,}[\dXx]?")


def render(logger: Any, name: str, event: dict[str, Any]) -> str:
    """Return the event as one JSON line with long digit strings blotted out."""
    record: logging.LogRecord | None = event.pop("_record", None)
    event.pop("_from_structlog", None)
    line: dict[str, Any] = {"level": record.levelname if record else name, **event}
    if record is not None:
        line["logger"] = record.name
    return _DIGITS.sub("[digits]", json.dumps(line, ensure_ascii=False, default=str))
