"""The income and expenses that a plan is sized by, as a decision keeps them under seal: JSON with amounts as text."""

import json
from collections.abc import Mapping
from decimal import Decimal

from cases.rules.plans.affordability import Means


def means_text(*, means: Means, currency: str) -> str | None:
    """
    Return what a decision keeps of the means, with the instalment that they allow; None if neither figure is known.
    """
    figures = {
        "monthly_income": means.monthly_income,
        "monthly_expenses": means.monthly_expenses,
        "running_plans": means.running_plans or None,
        "affordable": means.affordable(currency=currency),
    }
    if means.monthly_income is None and means.monthly_expenses is None:
        return None
    known = {name: f"{amount:.2f}" for name, amount in figures.items() if amount is not None}
    return json.dumps(known)


def means_of(*, text: str | None) -> Mapping[str, str]:
    """Return the figures of a sealed text that was opened, and what is left of the income; empty where there is none."""
    figures: dict[str, str] = dict(json.loads(text)) if text else {}
    if "monthly_income" in figures and "monthly_expenses" in figures:
        left = Decimal(figures["monthly_income"]) - Decimal(figures["monthly_expenses"])
        return {
            "monthly_income": figures.pop("monthly_income"),
            "monthly_expenses": figures.pop("monthly_expenses"),
            "surplus": f"{left:.2f}",
            **figures,
        }
    return figures
