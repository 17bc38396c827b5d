"""Log lines: one JSON object a line, ids only."""

import json
import logging
import re
import traceback
from typing import Any

import structlog

# Identity numbers and mobile numbers have 11 or more digits; no such string may reach a log.
_DIGITS = re.compile(r"\d{11,}[\dXx]?")


def render(logger: Any, name: str, event: dict[str, Any]) -> str:
    """Return the event as one JSON line with long digit strings replaced by "[digits]"."""
    record: logging.LogRecord | None = event.pop("_record", None)
    event.pop("_from_structlog", None)
    error = event.pop("exc_info", None)
    if error and error is not True:
        event["error"] = error_summary(error[1] if isinstance(error, tuple) else error)
    line: dict[str, Any] = {"level": record.levelname if record else name, **event}
    if record is not None:
        line["logger"] = record.name
    return _DIGITS.sub("[digits]", json.dumps(line, ensure_ascii=False, default=str))


def error_summary(error: BaseException) -> dict[str, Any]:
    """Return an error's type, the first line of its message, and where it came from; no values of variables."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "type": type(error).__name__,
        # The lines after the first hold the values of rows (PostgreSQL's DETAIL).
        "message": str(error).partition("\n")[0][:300],
        "stack": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-12:]],
    }


def set_up() -> None:
    """Send structlog's events to the standard handlers; its own would print values of variables in tracebacks."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.stdlib.filter_by_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
