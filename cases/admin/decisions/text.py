"""What a decision would change, in the reader's words."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.cells import money, rate
from cases.enums import AccountStatus, CloseReason, FlagKind
from cases.rules.reasons import WAYS_BACK

# Keys of `Decision.terms` in the order of the page. Amounts and rates are texts there.
_MONEY = {
    "limit": _("New limit"),
    "amount": _("Amount"),
    "total": _("Total"),
    "before": _("Before"),
    "after": _("After"),
}
_RATES = {
    "rate": _("New annual rate"),
    "annual_rate": _("Annual rate"),
    "points": _("Percentage points less"),
    "first_share": _("First payment"),
}
_COUNTS = {"days": _("Length in days"), "instalments": _("Instalments"), "percent": _("Percent")}
_WORDS: dict[str, tuple[Any, Any]] = {
    "status": (_("Status"), AccountStatus),
    "flag": (_("Circumstance"), FlagKind),
    "close_reason": (_("Closed because"), CloseReason),
}
_STEPS = {"MEDIATION": _("Mediation comes first")}
_YES = {"waive_penalty": _("Penalty interest is waived"), "fraud_review": _("The fraud desk looks at it")}


def terms_sentences(*, terms: Mapping[str, Any], currency: str) -> list[str]:
    """Return what a decision would change, a line each; what is unknown here stands as it was written."""
    return [line for key, value in terms.items() if (line := _line(key, value, currency))]


def _line(key: str, value: Any, currency: str) -> str:
    if key in _YES:
        return str(_YES[key]) if value else ""
    if key in _WORDS:
        label, vocabulary = _WORDS[key]
        return f"{label}: {dict(vocabulary.choices).get(value, value)}"
    if key == "way_back":
        return str(WAYS_BACK.get(value, value))
    if key == "first_step":
        return str(_STEPS.get(value, value))
    if key == "explanation":
        # Stands among the reasons.
        return ""
    if key in _COUNTS:
        return f"{_COUNTS[key]}: {value}"
    number = _decimal(value)
    if number is not None and key in _MONEY:
        return f"{_MONEY[key]}: {money(number, currency)}"
    if number is not None and key in _RATES:
        return f"{_RATES[key]}: {rate(number)}"
    return f"{key}: {value}"


def _decimal(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return None
