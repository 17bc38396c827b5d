"""What a page says of the income and expenses that papers prove: masked, and in clear once its access was logged."""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from backoffice.core.sealed.sealing import hidden
from cases.models import Account
from cases.rules.plans.affordability import Means
from visits.models import VisitOrder
from visits.rules.conduct.clauses import Words
from visits.selectors.paper_lines import ClearLine

_LABELS: dict[str, Words] = {
    "monthly_income": _("Income a month"),
    "monthly_expenses": _("Expenses a month"),
    "affordable": _("Affordable a month"),
}
_DEFAULT_CURRENCY = "CNY"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskedFigure:
    """One figure that was computed: three asterisks if it is known, else empty."""

    label: Words
    masked: str


def masked_means(*, means: Means) -> tuple[MaskedFigure, ...]:
    """Return income, expenses and the instalment that they allow, masked; nothing where no paper proves an income."""
    figures = _figures(means, _DEFAULT_CURRENCY)
    if not figures:
        return ()
    return tuple(MaskedFigure(label=label, masked=hidden(figures.get(name, ""))) for name, label in _LABELS.items())


def clear_means(*, means: Means, order: VisitOrder) -> tuple[ClearLine, ...]:
    """Return the same figures in clear, in the currency of the account that is overdue longest. The caller logs the access first."""
    accounts = Account.objects.filter(borrower_id=order.case.borrower_id).order_by("-days_past_due", "pk")
    currency = accounts.values_list("currency", flat=True).first() or _DEFAULT_CURRENCY
    return tuple(
        ClearLine(name=name, label=_LABELS[name], value=f"{currency} {text}")
        for name, text in _figures(means, currency).items()
    )


def _figures(means: Means, currency: str) -> dict[str, str]:
    amounts = {
        "monthly_income": means.monthly_income,
        "monthly_expenses": means.monthly_expenses,
        "affordable": means.affordable(currency=currency),
    }
    return {name: f"{amount:,.2f}" for name, amount in amounts.items() if amount is not None}
