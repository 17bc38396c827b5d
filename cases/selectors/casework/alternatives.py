"""What could be decided on an account instead: each kind with the house's terms that fits as things stand, with its effect."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from cases.enums import DecisionKind, DecisionOrigin
from cases.models import Account, Decision
from cases.rules.approval import OWN_JUDGEMENT
from cases.rules.decisions import AccountView
from cases.rules.proposals import Wish, terms_of
from cases.selectors.casework.approvals import judge, proposal_view
from cases.selectors.casework.effects import Effect, effects_of_each
from cases.selectors.casework.standing_decisions import standing_of

# The mildest first. A new limit has no house value: somebody names it. Closing changes no terms.
KINDS: Final = (
    DecisionKind.GRACE,
    DecisionKind.RATE_RELIEF,
    DecisionKind.PLAN,
    DecisionKind.SPECIAL_CARE,
    DecisionKind.FREEZE,
    DecisionKind.LEGAL,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One decision that an officer could propose now: its terms, what they would change, and how many people approve it."""

    account: Account
    kind: DecisionKind
    terms: Mapping[str, object]
    effects: tuple[Effect, ...]
    approvals_needed: int


def alternatives_for(*, account: Account, body: Any, besides: Collection[str], on: date) -> list[Alternative]:
    """
    Return the decisions on one account that could be proposed and approved on `on`, but those of the kinds `besides`.

    What the rules of approval refuse is left out, and so is what would change nothing. `body` is that of the case's policy
    version. Four queries.
    """
    standing = standing_of(accounts={account.pk}, on=on)[account.pk]
    view = AccountView(
        days_past_due=account.days_past_due,
        arrears_amount=account.arrears_amount,
        outstanding_principal=account.outstanding_principal,
        annual_rate=account.annual_rate,
        status=account.status,
        on_active_plan=standing.on_plan,
    )
    fitting: list[tuple[Decision, int]] = []
    # Without a debt there is nothing to help with or to collect.
    kinds = KINDS if view.is_overdue else ()
    for kind in kinds:
        if kind in besides:
            continue
        terms, _days = terms_of(
            kind=kind, account=view, limit=account.credit_limit, wish=Wish(), currency=account.currency
        )
        proposal = proposal_view(
            kind=kind,
            origin=DecisionOrigin.OFFICER,
            reasons=[OWN_JUDGEMENT],
            terms=terms,
            body=body,
            currency=account.currency,
        )
        judged = judge(proposal=proposal, account=account, standing=standing, on=on)
        if not judged.refusals:
            fitting.append((Decision(account=account, kind=kind, terms=terms), judged.approvals_needed))
    effects = effects_of_each(decisions=[decision for decision, _needed in fitting])
    return [
        Alternative(
            account=account,
            kind=DecisionKind(decision.kind),
            terms=decision.terms,
            effects=found,
            approvals_needed=needed,
        )
        for (decision, needed), found in zip(fitting, effects, strict=True)
        if any(each.without != each.with_it for each in found)
    ]
