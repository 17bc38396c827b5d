"""Proposals of plans that follow from a verification, sized by what the borrower can afford."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django.db.models import Max

from cases.enums import DecisionKind, PlanState, Section
from cases.models import Account, Decision, RepaymentPlan
from cases.rules.decisions import Proposal
from cases.rules.plans.affordability import UNKNOWN_MEANS, Means, shared_means
from cases.rules.plans.means import means_of, means_text
from cases.rules.plans.terms import EXCEEDS_MEANS, FROM_PAPERS, MEANS_AS_OF, MEANS_SOURCE
from cases.rules.verification import counts_until
from cases.selectors.casework.plan_schedules import sized_plan
from cases.selectors.policies.holidays import Calendars, calendars_in_use


@dataclass(frozen=True, slots=True, kw_only=True)
class SizedProposal:
    """A proposal for one account with its final terms, and the means that sized it."""

    account: Account
    proposal: Proposal
    means: Means

    @property
    def kept_means(self) -> Mapping[str, Any]:
        """The fields of a decision that keep the means of a plan under seal; none for what no means size."""
        text = means_text(means=self.means, currency=self.account.currency)
        return {} if text is None else {"means_ref": uuid4(), "means": text}


def sized_proposals(*, proposals: Iterable[tuple[Account, Proposal]], means: Means, on: date) -> list[SizedProposal]:
    """
    Return proposals for the accounts of one borrower with their final terms, in their order.

    A plan has the rate that it has under the cap, which approvers read. One whose payments the means do not allow gets more
    instalments; where no number of them helps it stays as the table gives it, and its terms tell the approvers so. Several
    plans share what the means allow after those that run or are on offer. Where nothing is known, the means of the latest
    plan of a verification count for as long as a capacity does. Other proposals are returned as they are. Four
    queries at most.

    :raises InvalidInput: as `plan_schedule` does.
    """
    given = list(proposals)
    plans = {account.pk: Decimal(str(each.terms["total"])) for account, each in given if each.kind == DecisionKind.PLAN}
    if not plans:
        return [SizedProposal(account=account, proposal=each, means=UNKNOWN_MEANS) for account, each in given]
    calendars = calendars_in_use()
    if means == UNKNOWN_MEANS:
        means = _earlier(given[0][0].borrower_id, on)
    running = Decimal(0) if means == UNKNOWN_MEANS else _running(given[0][0].borrower_id, plans)
    shares = shared_means(means=means, totals=plans, running=running)
    return [
        _sized(account, each, shares[account.pk], calendars, on)
        if each.kind == DecisionKind.PLAN
        else SizedProposal(account=account, proposal=each, means=UNKNOWN_MEANS)
        for account, each in given
    ]


def _sized(account: Account, proposal: Proposal, means: Means, calendars: Calendars, on: date) -> SizedProposal:
    sized = sized_plan(account=account, terms=proposal.terms, means=means, starts_on=on, calendars=calendars)
    source = {} if means.as_of is None else {MEANS_SOURCE: FROM_PAPERS, MEANS_AS_OF: means.as_of.isoformat()}
    # No reason: reasons are told to the borrower, and this one speaks to who approves.
    exceeds = {EXCEEDS_MEANS: True} if sized.is_affordable is False else {}
    final = replace(proposal, terms={**sized.terms, **source, **exceeds})
    return SizedProposal(account=account, proposal=final, means=means)


def _earlier(borrower: int, on: date) -> Means:
    """
    Return the means that sized the latest plan of an earlier verification, as long as a verdict on capacity of the day on which
    they were proven would count: a later check without papers proves nothing anew.
    """
    plans = Decision.objects.filter(borrower=borrower, kind=DecisionKind.PLAN, terms__has_key=MEANS_AS_OF)
    last = plans.order_by("-pk").first()
    if last is None:
        return UNKNOWN_MEANS
    as_of = date.fromisoformat(last.terms[MEANS_AS_OF])
    if counts_until(section=Section.CAPACITY, verified_on=as_of) < on:
        return UNKNOWN_MEANS
    figures = means_of(text=last.means)
    known = {name: Decimal(figures[name]) for name in ("monthly_income", "monthly_expenses") if name in figures}
    return Means(**known, as_of=as_of)


def _running(borrower: int, accounts: Collection[int]) -> Decimal:
    """
    Return what plans that run or are on offer take in a month, of a borrower's other accounts than `accounts`.

    Of each plan its largest instalment that is unpaid.
    """
    rows = RepaymentPlan.objects.filter(
        account__borrower_id=borrower, state__in=(PlanState.PROPOSED, PlanState.ACTIVE)
    ).exclude(account__in=accounts)
    unpaid = rows.filter(instalments__paid_on__isnull=True).annotate(largest=Max("instalments__amount"))
    return sum(unpaid.values_list("largest", flat=True), Decimal(0))
