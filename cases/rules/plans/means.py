"""The income and expenses that a plan is sized by, as a decision keeps them under seal: JSON with amounts as text."""

import json
from collections.abc import Mapping

from cases.rules.plans.affordability import Means


def means_text(*, means: Means, currency: str) -> str | None:
    """
    Return what a decision keeps of the means, with the instalment that they allow; None if neither figure is known.
    """
    figures = {
        "monthly_income": means.monthly_income,
        "monthly_expenses": means.monthly_expenses,
        "affordable": means.affordable(currency=currency),
    }
    known = {name: f"{amount:.2f}" for name, amount in figures.items() if amount is not None}
    return json.dumps(known) if known else None


def means_of(*, text: str | None) -> Mapping[str, str]:
    """Return the figures of a sealed text that was opened; empty where there is none."""
    return dict(json.loads(text)) if text else {}
