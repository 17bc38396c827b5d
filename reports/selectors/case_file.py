"""The case file for a court: what is known of a borrower's debt and what was done about it, in tables of text, and as PDF."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import override

from backoffice.core.currencies import decimals_of
from backoffice.core.typesetting import typeset
from cases.models import Decision

TEMPLATE: Final = Path(__file__).resolve().parents[1] / "templates" / "legal" / "case_file.typ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table of the case file; without a header its rows are pairs of a name and a value."""

    heading: str
    header: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()


def case_file_pdf(*, decision: Decision, sections: Sequence[Section], language: str) -> bytes:
    """
    Return the case file as PDF. The same sections give the same bytes.

    It is dated by the day of the core's last report on the account, since it says what was known then.
    """
    day = decision.account.as_of
    with override(language):
        note = _("Decision {decision}, account {account}. Amounts and days past due as of {day}.")
        values = {
            "language": language,
            "sender": settings.LENDER_NAME,
            "title": _("Case file for legal recovery"),
            "number": str(decision),
            "note": note.format(decision=decision, account=decision.account.external_ref, day=day_text(day)),
            "nothing": _("Nothing is recorded."),
            "sections": [asdict(section) for section in sections],
        }
    return typeset(template=TEMPLATE, values=values, dated=datetime.combine(day, time(), UTC))


def day_text(day: date | datetime | None) -> str:
    """Return a day, or the local day of an instant, as 2026-03-02; empty where there is none."""
    if day is None:
        return ""
    return (localdate(day) if isinstance(day, datetime) else day).isoformat()


def amount_text(amount: Decimal | None, currency: str) -> str:
    """Return an amount with the decimals of its currency and grouped digits: 32,000.00; empty where there is none."""
    return "" if amount is None else f"{amount:,.{decimals_of(currency)}f}"


def person_text(person: Any) -> str:
    """Return the name of one of the lender's own people; empty where nobody stands there."""
    return "" if person is None else str(person)
