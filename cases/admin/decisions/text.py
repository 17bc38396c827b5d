"""What a decision would change and why, in sentences of the reader's language."""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.cells import money, rate
from cases.enums import AccountStatus, CloseReason, FlagKind, MeasureMode, PlanMethod, TermsField, WaiverPart
from cases.models import Decision
from cases.models.decision import OPEN_STATES
from cases.rules.plans.terms import EXCEEDS_MEANS, FROM_PAPERS, MEANS_AS_OF, MEANS_SOURCE
from cases.rules.reasons import WAYS_BACK
from cases.rules.terms import NORMAL_COLLECTION, PENALTY_CHARGED
from cases.selectors.casework.decisions import Explanation
from cases.selectors.casework.effects import Effect

# Keys of `Decision.terms` in the order of the page. Amounts and rates are texts there.
_MONEY = {
    "limit": _("New limit"),
    "due": _("Due of this part"),
    "amount": _("Waived"),
    "pay": _("To pay"),
    "total": _("Total"),
    "before": _("Before"),
    "after": _("After"),
    "monthly_income": _("Income a month"),
    "monthly_expenses": _("Expenses a month"),
    "surplus": _("Left of the income a month"),
    "running_plans": _("Payable a month under other plans"),
    "affordable": _("Affordable a month"),
}
_RATES = {
    "rate_before": _("Before"),
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
    "part": (_("What is waived"), WaiverPart),
}
_OF_WAIVERS = ("part", "due", "amount", "pay", "settle_by")
# Values of the ledger that are words.
_VALUES: dict[str, Any] = {
    **{str(value): label for value, label in AccountStatus.choices},
    **{str(value): label for value, label in MeasureMode.choices},
    NORMAL_COLLECTION: _("Normal collection"),
    PENALTY_CHARGED: _("Charged"),
}
_STEPS = {"MEDIATION": _("Mediation comes first")}
# Where the means of a plan come from.
_MEANS = {
    FROM_PAPERS: _(
        "Income is that of papers found sound; expenses, where known, are the larger of those stated when applying and a proven rent"
    )
}
_DAYS = {"settle_by": _("Pay by"), MEANS_AS_OF: _("Income proven on")}
_YES = {
    "waive_penalty": _("Penalty interest is waived"),
    "fraud_review": _("The fraud desk looks at it"),
    EXCEEDS_MEANS: _("No plan of up to 60 instalments keeps to what is affordable a month"),
}
# Keys that no effect on the terms of the account says already.
_BESIDE_EFFECTS = (
    "days",
    "instalments",
    "total",
    "flag",
    "fraud_review",
    "first_step",
    "close_reason",
    "means_verified",
    MEANS_SOURCE,
    MEANS_AS_OF,
    EXCEEDS_MEANS,
    "part",
    "amount",
    "pay",
    "settle_by",
)


def terms_sentences(*, terms: Mapping[str, Any], currency: str) -> list[str]:
    """Return what a decision would change, a line each; what is unknown here stands as it was written."""
    values = {**terms, "rate_before": terms["before"]} if "rate" in terms and "before" in terms else terms
    keys = [key for key in values if key != "before" or "rate_before" not in values]
    # The database keeps no order of keys; what a waiver says is read from the part to the day.
    keys.sort(key=lambda key: _OF_WAIVERS.index(key) if key in _OF_WAIVERS else -1)
    return [line for key in keys if (line := _line(key, values[key], currency))]


def approvals_text(*, given: int, needed: int) -> str:
    """Return how many of the people who must approve a decision have done so."""
    return str(_("{given} of {needed} approved")).format(given=given, needed=needed)


def explanation_sentences(*, explanation: Explanation, currency: str) -> list[str]:
    """Return the explanation of a decision as staff may give it to the borrower, a line each."""
    sentences = list(explanation.reasons)
    if explanation.decided_by_a_person is not None:
        by_person, by_rules = _("A person has decided."), _("Rules that people approved have decided.")
        sentences.append(str(by_person if explanation.decided_by_a_person else by_rules))
    for term, *values in explanation.changes:
        before, after = (value_words(field=term, value=value, currency=currency) for value in values)
        sentences.append(f"{term.label}: {before} → {after}")
    days = {_("Effective on"): explanation.effective_on, _("Expires on"): explanation.expires_on}
    sentences += [f"{label}: {date_format(day)}" for label, day in days.items() if day is not None]
    return [*sentences, *(text for text in (explanation.way_back, explanation.appeal) if text)]


def effect_sentences(*, effects: Iterable[Effect], currency: str) -> list[str]:
    """Return the terms with a decision and without it, a line each; what is no change says so."""
    lines = []
    for effect in effects:
        before, after = (
            value_words(field=effect.field, value=v, currency=currency) for v in (effect.without, effect.with_it)
        )
        change = f"{before} → {after}" if before != after else str(_("{value}, unchanged")).format(value=before)
        lines.append(f"{effect.field.label}: {change}")
    return lines


def change_sentences(*, decision: Decision, effects: Iterable[Effect]) -> list[str]:
    """
    Return what a decision changes, briefly and a line each: each term before and after, then what its terms say besides.

    A decision that is over changes nothing any more; its terms say what it was.
    """
    currency = decision.account.currency
    if decision.state not in OPEN_STATES:
        return terms_sentences(terms=decision.terms, currency=currency)
    return [*effect_sentences(effects=effects, currency=currency), *more_sentences(decision.terms, currency)]


def more_sentences(terms: Mapping[str, Any], currency: str) -> list[str]:
    """Return what the terms of a decision say beside the terms of the account that it changes, a line each."""
    rest = {key: terms[key] for key in _BESIDE_EFFECTS if key in terms}
    return terms_sentences(terms=rest, currency=currency)


def value_words(*, field: str, value: str, currency: str) -> str:
    """Return a value of the ledger as people read it: an amount, a percentage, or a word."""
    if field == TermsField.LIMIT:
        return money(Decimal(value), currency)
    if field == TermsField.RATE:
        return rate(Decimal(value))
    return str(_VALUES.get(value, value))


def _line(key: str, value: Any, currency: str) -> str:
    if key == "means_verified":
        return "" if value else str(_("Nobody has verified income and expenses"))
    if key == MEANS_SOURCE:
        return str(_MEANS.get(value, value))
    if key in _YES:
        return str(_YES[key]) if value else ""
    if key in _WORDS:
        label, vocabulary = _WORDS[key]
        return f"{label}: {dict(vocabulary.choices).get(value, value)}"
    if key == "way_back":
        return str(WAYS_BACK.get(value, value))
    if key == "first_step":
        return str(_STEPS.get(value, value))
    if key in _DAYS:
        return f"{_DAYS[key]}: {date_format(date.fromisoformat(value))}"
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
