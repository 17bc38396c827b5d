"""Proposals of plans that follow from a verification, sized by what the borrower can afford."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final
from uuid import uuid4

from cases.enums import DecisionKind
from cases.models import Account
from cases.rules.decisions import Proposal
from cases.rules.plans.affordability import UNKNOWN_MEANS, Means
from cases.rules.plans.means import means_text
from cases.selectors.casework.plan_schedules import sized_plan
from cases.selectors.policies.holidays import Calendars

# A reason that says that no plan keeps to the means, and what the terms say of where these come from.
NOT_AFFORDABLE: Final = "NO_AFFORDABLE_PLAN"
FROM_PAPERS: Final = "PAPERS"


def sized_proposal(
    *, proposal: Proposal, account: Account, means: Means, calendars: Calendars | None, on: date
) -> Proposal:
    """
    Return a proposal with its final terms: of a plan with the rate that it has under the cap, which approvers read.

    A plan whose payments the means do not allow gets more instalments. Where no number of them helps it stays as the
    table gives it, with a reason that says so. Other proposals are returned as they are.

    :raises InvalidInput: as `plan_schedule` does.
    """
    if proposal.kind != DecisionKind.PLAN:
        return proposal
    sized = sized_plan(account=account, terms=proposal.terms, means=means, starts_on=on, calendars=calendars)
    source = {} if means == UNKNOWN_MEANS else {"means_source": FROM_PAPERS}
    reasons = (*proposal.reasons, NOT_AFFORDABLE) if sized.is_affordable is False else proposal.reasons
    return replace(proposal, terms={**sized.terms, **source}, reasons=reasons)


def kept_means(*, proposal: Proposal, account: Account, means: Means) -> Mapping[str, Any]:
    """Return the fields of a decision that keep the means of a plan under seal; none for what no means size."""
    text = means_text(means=means, currency=account.currency) if proposal.kind == DecisionKind.PLAN else None
    return {} if text is None else {"means_ref": uuid4(), "means": text}
