"""What borrowers stated when applying, as COPY text: sealed, with a digest that tells whether it is what is stored."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from backoffice.core.sealed.sealing import keyed_digests, seal_all
from cases.services.intake.accounts.tables import APPLICATION

_SEALED: Final = ("employer", "monthly_income", "monthly_expenses")
FIELDS: Final = (*_SEALED, "stated_on")
# Between the fields in the text that is digested; cells hold no control characters.
_UNIT, _ABSENT = "\x1f", "\x00"

# By field: "" where a cell was empty, no key where the rows say nothing of it.
Stated = Mapping[str, Any]


def stated_by_rows(*, columns: Mapping[str, Sequence[Any]], refs: Sequence[str]) -> dict[str, Stated]:
    """
    Return what the rows of a batch state of each borrower; `refs` are the borrowers of the rows, in their order.

    The row with the latest day counts, of rows with the same day the last one, and of each field the last cell that is filled.
    """
    names = [name for name in FIELDS if name in columns]
    if not names:
        return {}
    days = columns.get("stated_on") or [None] * len(refs)
    order: Iterable[int] = range(len(refs))
    if any(days):
        order = sorted(order, key=lambda row: days[row] or date.min)
    found: dict[str, Any] = {}
    for row in order:
        for name in names:
            value = columns[name][row]
            if value is None:
                continue
            stated = found.setdefault(refs[row], {})
            if value != "" or name not in stated:
                stated[name] = f"{value:.2f}" if isinstance(value, Decimal) else value
    return found


def stated_text(*, stated: Stated) -> str:
    """Return what was stated as one text to be digested, equal only for equal statements."""
    return _UNIT.join(str(stated.get(name, _ABSENT)) for name in FIELDS)


def application_text(*, stated: Mapping[str, Stated]) -> str:
    """Return the COPY text of applications by the reference of their borrower."""
    if not stated:
        return ""
    refs = list(stated)
    columns: dict[str, Sequence[Any]] = {
        "external_ref": refs,
        "content_digest": keyed_digests(
            texts=[stated_text(stated=each) for each in stated.values()], kind="application"
        ),
        "stated_on": [each.get("stated_on") for each in stated.values()],
        "is_filled": [any(each.values()) for each in stated.values()],
    }
    for name in _SEALED:
        given = [each.get(name) for each in stated.values()]
        sealed = seal_all(texts=[text or "" for text in given], place=f"cases_application.{name}", bound_to=refs)
        # None leaves the stored value: the rows do not give it, or what they give is in doubt.
        columns[name] = [None if text is None else value for text, value in zip(given, sealed, strict=True)]
    return APPLICATION.text(columns=columns, count=len(refs))
