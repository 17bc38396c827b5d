"""The generated part of docs/conduct.md: the limits by jurisdiction and the 48 rows, from the code that holds them."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import time
from typing import Any, Final

from visits.rules.conduct.jurisdictions import HOUSE, SHIPPED
from visits.rules.conduct.policy import TIGHTER_WAY, Tighter
from visits.rules.conduct.rows import ConductRow, Held

MARK: Final = "<!-- Written by `manage.py conduct --write` from the code; change nothing below by hand. -->"
WORDS: Final = {Held.HELD: "held", Held.PARTLY: "partly held", Held.PEOPLE: "left to people"}


def conduct_page(*, written: str, rows: Sequence[ConductRow]) -> str:
    """Return the whole page: what people wrote above the mark, then what the code says."""
    by_hand = written.partition(MARK)[0].rstrip()
    return "\n".join([by_hand, "", MARK, "", *_limits(), "", *_rows(rows)]) + "\n"


def _limits() -> Iterator[str]:
    yield "## Limits by jurisdiction"
    yield ""
    yield (
        "Each territory names whose rules of contact hold there. Where a text is silent or wider, the house value holds. The"
        " operator's lawyers must confirm every value."
    )
    yield ""
    names = [name for name, way in TIGHTER_WAY.items() if way not in (Tighter.FIXED, Tighter.FREE)]
    yield "| jurisdiction | status | source | its own limits | not held by a limit |"
    yield "|---|---|---|---|---|"
    for each in SHIPPED.values():
        own = [f"`{name}` {_value(getattr(each.policy, name))}: {why}" for name, why in each.own.items()]
        cells = (f"{each.name} (`{each.code}`)", each.standing, each.source, _lines(own), _lines(each.not_encoded))
        yield _line(cells)
    yield ""
    yield "| limit | tighter is | " + " | ".join(SHIPPED) + " |"
    yield "|---" * (2 + len(SHIPPED)) + "|"
    for name in names:
        values = [_value(getattr(each.policy, name)) for each in SHIPPED.values()]
        shown = [
            value if value != _value(getattr(HOUSE, name)) or code == "CN" else "="
            for code, value in zip(SHIPPED, values, strict=True)
        ]
        yield _line((f"`{name}`", TIGHTER_WAY[name].lower(), *shown))


def _rows(rows: Sequence[ConductRow]) -> Iterator[str]:
    counts = Counter(row.status for row in rows)
    yield "## The 48 rows"
    yield ""
    yield ", ".join(f"{counts[status]} {words}" for status, words in WORDS.items()) + "."
    yield ""
    yield "| row | clause | status | when | through | code | tests that fail without it |"
    yield "|---|---|---|---|---|---|---|"
    for row in rows:
        status = WORDS[row.status] + (f": {row.missing}" if row.missing else "")
        code, tests = _lines(f"`{path}`" for path in row.code), _lines(f"`{node}`" for node in row.tests)
        yield _line((str(row.row), row.clause, status, ", ".join(row.moments), ", ".join(row.doors), code, tests))


def _line(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cell or "–" for cell in cells) + " |"


def _lines(parts: Any) -> str:
    return "<br>".join(parts)


def _value(value: Any) -> str:
    if isinstance(value, time):
        return f"{value:%H:%M}"
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)
