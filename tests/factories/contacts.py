"""Factories of questions and reports about contacts."""

from datetime import datetime
from itertools import count
from typing import Any

from cases.models import ContactPermit
from cases.services.casework.contacts import record_contact
from cases.services.contacts.permits import ask_permit
from tests.factories.portfolio import AT

_numbers = count(1)


def ask(*, borrower: Any, at: datetime = AT, actor: Any = None, **fields: Any) -> ContactPermit:
    """Ask for a call to ask for payment; with a `phone`, else by the app."""
    values = {
        "channel": "VOICE" if fields.get("phone") or fields.get("related") else "APP",
        "purpose": "COLLECTION",
        "request_id": f"Q{next(_numbers)}",
    } | fields
    return ask_permit(borrower=borrower, actor=actor, at=at, **values)


def report(*, borrower: Any, at: datetime = AT, actor: Any = None, **fields: Any) -> Any:
    """Report a contact that reached the borrower, made just now; with a `phone` a call, else by the app."""
    values = {
        "channel": "VOICE" if fields.get("phone") else "APP",
        "outcome": "RIGHT_PARTY",
        "external_ref": f"K{next(_numbers)}",
    } | fields
    return record_contact(borrower=borrower, actor=actor, at=at, **values)


def rules(permit: ContactPermit) -> list[str]:
    """Return the rules that refuse, in order."""
    return [kept["rule"] for kept in permit.refusals]
