"""What a decision would change and why, in sentences of the reader's language."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.cells import money, rate
from cases.enums import AccountStatus, CloseReason, FlagKind, PlanMethod
from cases.rules.reasons import WAYS_BACK
from cases.selectors.casework.decisions import Explanation

# Keys of `Decision.terms` in the order of the page. Amounts and rates are texts there.
_MONEY = {
    "limit": _("New limit"),
    "amount": _("Amount"),
    "total": _("Total"),
    "before": _("Before"),
    "after": _("After"),
    "monthly_income": _("Income a month"),
    "monthly_expenses": _("Expenses a month"),
    "affordable": _("Affordable a month"),
}
_RATES = {
    "rate": _("New annual rate"),
    "annual_rate": _("Annual rate"),
    "points": _("Percentage points less"),
    "first_share": _("First payment"),
}
_COUNTS = {
    "days": _("Length in days"),
    "instalments": _("Instalments"),
    "percent": _("Percent"),
    "step_every": _("Step after instalments"),
    "step_percent": _("Rise of a step in percent"),
}
_WORDS: dict[str, tuple[Any, Any]] = {
    "status": (_("Status"), AccountStatus),
    "flag": (_("Circumstance"), FlagKind),
    "close_reason": (_("Closed because"), CloseReason),
    "method": (_("Method"), PlanMethod),
}
_STEPS = {"MEDIATION": _("Mediation comes first")}
_YES = {"waive_penalty": _("Penalty interest is waived"), "fraud_review": _("The fraud desk looks at it")}


def terms_sentences(*, terms: Mapping[str, Any], currency: str) -> list[str]:
    """Return what a decision would change, a line each; what is unknown here stands as it was written."""
    return [line for key, value in terms.items() if (line := _line(key, value, currency))]


def explanation_sentences(explanation: Explanation) -> list[str]:
    """Return the explanation of a decision as staff may give it to the borrower, a line each."""
    by_person, by_rules = _("A person has decided."), _("Rules that people approved have decided.")
    sentences = [*explanation.reasons, str(by_person if explanation.decided_by_a_person else by_rules)]
    sentences += [f"{term}: {before} → {after}" for term, before, after in explanation.changes]
    days = {_("Effective on"): explanation.effective_on, _("Expires on"): explanation.expires_on}
    sentences += [f"{label}: {date_format(day)}" for label, day in days.items() if day is not None]
    return [*sentences, *(text for text in (explanation.way_back, explanation.appeal) if text)]


def _line(key: str, value: Any, currency: str) -> str:
    if key == "means_verified":
        return "" if value else str(_("Nobody has verified income and expenses"))
    if key in _YES:
        return str(_YES[key]) if value else ""
    if key in _WORDS:
        label, vocabulary = _WORDS[key]
        return f"{label}: {dict(vocabulary.choices).get(value, value)}"
    if key == "way_back":
        return str(WAYS_BACK.get(value, value))
    if key == "first_step":
        return str(_STEPS.get(value, value))
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
