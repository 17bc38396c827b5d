"""A plan's terms as a decision keeps them: JSON with amounts and rates as text."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from cases.enums import PlanMethod
from cases.rules.plans.affordability import Means
from cases.rules.plans.amounts import HOUSE_STEP, Step
from cases.rules.plans.schedule import PlanTerms


def as_json(*, terms: PlanTerms, means: Means) -> dict[str, object]:
    """
    Return what a decision keeps of a plan: its terms, and the means that the officer was told of, if any.

    `means_verified` is false: no document or visit has established the figures.
    """
    kept: dict[str, object] = {
        "total": f"{terms.total:.2f}",
        "annual_rate": f"{terms.annual_rate:.5f}",
        "instalments": terms.instalments,
        "first_share": f"{terms.first_share:.2f}",
        "method": str(terms.method),
    }
    if terms.method == PlanMethod.STEPPED:
        kept |= {"step_every": terms.step.every, "step_percent": terms.step.percent}
    figures = {"monthly_income": means.monthly_income, "monthly_expenses": means.monthly_expenses}
    kept |= {name: f"{amount:.2f}" for name, amount in figures.items() if amount is not None}
    affordable = means.affordable(currency=terms.currency)
    if affordable is not None:
        kept["affordable"] = f"{affordable:.2f}"
    return kept | ({"means_verified": False} if any(amount is not None for amount in figures.values()) else {})


def from_json(*, terms: Mapping[str, Any], currency: str) -> PlanTerms:
    """Return the terms of a plan that a decision keeps; those kept before methods could be chosen are equal payments."""
    return PlanTerms(
        total=Decimal(terms["total"]),
        annual_rate=Decimal(terms["annual_rate"]),
        instalments=int(terms["instalments"]),
        currency=currency,
        method=terms.get("method", PlanMethod.EQUAL_PAYMENT),
        first_share=Decimal(terms.get("first_share", "0")),
        step=Step(
            every=int(terms.get("step_every", HOUSE_STEP.every)),
            percent=int(terms.get("step_percent", HOUSE_STEP.percent)),
        ),
    )
