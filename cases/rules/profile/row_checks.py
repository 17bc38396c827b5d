"""What shows only when the values of a row are compared: with each other, with the day of the intake, with their document."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from backoffice.core.canonical.telephones import ReadTelephones
from cases.enums import PromiseState
from cases.rules.identity_documents import document_of, identity_problem
from cases.rules.profile import refusals
from cases.rules.profile.fields import ACCOUNT, REPAYMENT, STATEMENT
from cases.rules.profile.numbers import WHOLE_CURRENCIES, is_whole
from cases.rules.profile.refusals import Doubt, Refused

Values = dict[str, Any]
SETTLED_STATES: Final = frozenset({PromiseState.KEPT, PromiseState.BROKEN})
# Amounts in the account's currency, by section.
AMOUNTS: Final[dict[str, tuple[str, ...]]] = {
    section: tuple(name for name, field in fields.items() if field.decimals is not None)
    for section, fields in (("account", ACCOUNT), ("statements", STATEMENT), ("repayments", REPAYMENT))
}
# Days and moments that may not lie in the future, by section.
EVENT_DAYS: Final[dict[str, tuple[str, ...]]] = {
    "borrower": ("last_app_login_at",),
    "account": ("as_of",),
    "repayment": ("paid_on",),
    "repayments": ("paid_on",),
    "contact": ("attempted_at",),
    "promise": ("promised_on",),
    "signal": ("noticed_on",),
    "instalment": ("as_of", "paid_on"),
}


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


def doubt_identity(*, row: ReadRow, on: date) -> None:
    """Move an identity number that does not fit its document from the row's values to its doubts."""
    borrower = row.single.get("borrower", {})
    if borrower.get("id_number"):
        doubt = identity_doubt(number=borrower["id_number"], document=borrower.get("id_document"), on=on)
        if doubt is not None:
            row.doubts.append(doubt)
            borrower["id_number"] = None


def decimals_problem(*, section: str, name: str, value: Any) -> Refused | None:
    """Return why an amount of a currency without a smaller unit is not taken; None if it is whole."""
    if value is None or is_whole(value=value):
        return None
    return Refused(refusals.TOO_MANY_DECIMALS, field=f"{section}.{name}", value=str(value), decimals="0")


def check_row(*, row: ReadRow, horizon: date) -> None:
    """Add the problems that show only when the values of a row are compared, or with the latest day allowed."""
    for section, names in EVENT_DAYS.items():
        for values in (*row.repeated.get(section, []), *([row.single[section]] if section in row.single else [])):
            for name in names:
                day = values.get(name)
                if day is not None and (day.date() if name.endswith("_at") else day) > horizon:
                    row.problems.append(Refused(refusals.IN_THE_FUTURE, field=f"{section}.{name}", value=str(day)))
    account = row.single.get("account", {})
    if account.get("currency") in WHOLE_CURRENCIES:
        for section, names in AMOUNTS.items():
            for values in (*row.repeated.get(section, []), *([account] if section == "account" else [])):
                found = (decimals_problem(section=section, name=name, value=values.get(name)) for name in names)
                row.problems.extend(problem for problem in found if problem is not None)
    if account.get("opened_on") and account["opened_on"] > account["as_of"]:
        row.problems.append(
            Refused(refusals.OPENED_AFTER_AS_OF, field="account.opened_on", value=str(account["opened_on"]))
        )
    statements = row.repeated.get("statements", [])
    if len({statement["period"] for statement in statements}) != len(statements):
        row.problems.append(Refused(refusals.PERIOD_TWICE, field="statements.period"))
    promise = row.single.get("promise")
    if promise:
        if promise["due_on"] < promise["promised_on"]:
            row.problems.append(
                Refused(refusals.DUE_BEFORE_PROMISED, field="promise.due_on", value=str(promise["due_on"]))
            )
        if promise["state"] in SETTLED_STATES and not promise["settled_on"]:
            row.problems.append(Refused(refusals.SETTLED_WITHOUT_DAY, field="promise.settled_on"))
