"""The values of one row, and those of them that are not taken because they are in doubt."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from backoffice.core.canonical.telephones import ReadTelephones
from cases.rules.identity_documents import document_of, identity_problem
from cases.rules.profile import refusals
from cases.rules.profile.refusals import Doubt, Refused

Values = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class ReadRow:
    """
    The values of one row: single sections by name, repeated ones as lists. With `problems` they are incomplete.

    The row is taken in spite of its `doubts`; the values of their fields are None.
    """

    single: dict[str, Values] = field(default_factory=dict)
    repeated: dict[str, list[Values]] = field(default_factory=dict)
    problems: list[Refused] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)


def taken(*, value: Any, key: str) -> tuple[Any, list[Doubt]]:
    """
    Return what is taken of a read value, and its doubts; `key` is the field's key in the profile.

    Nothing is taken of a value that is a doubt itself. Of a list of telephones the sound numbers are.
    """
    if isinstance(value, Doubt):
        return None, [value]
    if isinstance(value, ReadTelephones) and value.unsound:
        doubts = [Doubt(field=key, value=text, reason=refusals.NOT_A_PHONE, params={}) for text in value.unsound]
        return (value if value.telephones else None), doubts
    return value, []


def identity_doubt(*, number: str, document: str | None, on: date) -> Doubt | None:
    """Return the doubt of an identity number that does not fit its document on a day; without one its form decides."""
    reason = identity_problem(number=number, document=document or document_of(number=number), on=on)
    return None if reason is None else Doubt(field="borrower.id_number", value=number, reason=reason, params={})


def doubt_stated_day(*, row: ReadRow, horizon: date) -> None:
    """Move the day of an application that lies after `horizon` from the row's values to its doubts."""
    application = row.single.get("application", {})
    if application.get("stated_on") and application["stated_on"] > horizon:
        row.doubts.append(stated_day_doubt(day=application["stated_on"]))
        application["stated_on"] = None


def stated_day_doubt(*, day: date) -> Doubt:
    """Return the doubt of an application's day that has not come yet."""
    return Doubt(field="application.stated_on", value=day.isoformat(), reason=refusals.IN_THE_FUTURE, params={})


def doubt_identity(*, row: ReadRow, on: date) -> None:
    """Move an identity number that does not fit its document from the row's values to its doubts."""
    borrower = row.single.get("borrower", {})
    if borrower.get("id_number"):
        doubt = identity_doubt(number=borrower["id_number"], document=borrower.get("id_document"), on=on)
        if doubt is not None:
            row.doubts.append(doubt)
            borrower["id_number"] = None
