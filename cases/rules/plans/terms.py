"""A plan's terms as a decision keeps them: JSON with amounts and rates as text."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from cases.enums import PlanMethod
from cases.rules.plans.affordability import UNKNOWN_MEANS, Means
from cases.rules.plans.amounts import HOUSE_STEP, Step
from cases.rules.plans.schedule import PlanTerms

# What the terms of a plan say of the means that sized it: where they come from, of which day they are, and that no plan keeps to them.
MEANS_SOURCE: Final = "means_source"
FROM_PAPERS: Final = "PAPERS"
MEANS_AS_OF: Final = "means_as_of"
EXCEEDS_MEANS: Final = "exceeds_means"


def as_json(*, terms: PlanTerms, means: Means = UNKNOWN_MEANS) -> dict[str, object]:
    """
    Return what a decision keeps in clear of a plan. The borrower's means are kept under seal (rules/plans/means.py).

    `means_verified` is false where any were told: no document or visit has established the figures.
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
    return kept if means == UNKNOWN_MEANS else kept | {"means_verified": False}


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
