"""
The approval matrix: how far an officer's own proposal may go, and how many people approve a decision.

One row a kind of decision. All numbers are house values, except that two people for what is very large follow table b of the
domain notes; a lender's lawyers and risk committee confirm them. Nobody approves what they proposed themselves, whatever
the row says (services/decisions/lifecycle.py and constraints of the database).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cases.enums import DecisionKind, DecisionOrigin
from cases.rules.approval import AccountNow, ProposalView, Refusal, StandingNow
from cases.rules.policy.features import REWARD_KINDS
from cases.rules.waivers import leaves_arrears, waives_above

# An officer raises no limit of an account that stood late at a statement of these last days.
CLEAN_DAYS: Final = 90
# The reason that says so. Whatever a verification takes from a borrower rests on it (rules/policy/proposal_checks.py).
WITHHELD: Final = frozenset({"WILFUL_WITH_EVIDENCE"})


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixRow:
    """
    One kind of decision. None and empty bound nothing.

    `officer_*`: the most that a case officer's own proposal may say. `two_*`: what two people approve. Amounts are in the
    policy's currency and shares (0..1) are of the limit, both of the change of a limit; of a plan the amount is its total, of
    legal recovery the outstanding principal, of a waiver what is waived. Points are those of all standing reductions together (0.01 is one point).
    """

    officer_share: Decimal | None = None
    officer_amount: Decimal | None = None
    officer_days: int | None = None
    two_from_amount: Decimal | None = None
    two_above_share: Decimal | None = None
    two_above_days: int | None = None
    two_above_instalments: int | None = None
    two_above_points: Decimal | None = None
    two_above_interest_share: Decimal | None = None
    two_if_repeated: bool = False
    two_if_arrears_stay: bool = False
    two_for_reasons: frozenset[str] = frozenset()
    # Calendar days from the proposal within which it is approved or rejected. Help comes first.
    decide_within: int = 5


MATRIX: Final[Mapping[str, MatrixRow]] = {
    DecisionKind.GRACE: MatrixRow(officer_days=90, two_above_days=60, decide_within=1),
    DecisionKind.PLAN: MatrixRow(two_from_amount=Decimal(200_000), two_above_instalments=36, decide_within=2),
    # That somebody withheld payment on purpose is found by two people.
    DecisionKind.LEGAL: MatrixRow(two_from_amount=Decimal(200_000), two_for_reasons=WITHHELD),
    DecisionKind.FREEZE: MatrixRow(two_for_reasons=WITHHELD),
    DecisionKind.LIMIT_CUT: MatrixRow(
        two_from_amount=Decimal(50_000), two_above_share=Decimal("0.50"), two_for_reasons=WITHHELD
    ),
    DecisionKind.LIMIT_INCREASE: MatrixRow(
        officer_share=Decimal("0.20"),
        officer_amount=Decimal(50_000),
        two_from_amount=Decimal(20_000),
        two_above_share=Decimal("0.10"),
    ),
    DecisionKind.RATE_REDUCTION: MatrixRow(two_above_points=Decimal("0.01")),
    DecisionKind.RATE_RELIEF: MatrixRow(
        officer_days=180, two_above_points=Decimal("0.01"), two_above_days=90, decide_within=2
    ),
    DecisionKind.SPECIAL_CARE: MatrixRow(decide_within=1),
    DecisionKind.CLOSE: MatrixRow(),
    # What may be waived at most is the same for everybody (rules/waivers.py).
    DecisionKind.WAIVER: MatrixRow(
        two_from_amount=Decimal(5_000),
        two_above_interest_share=Decimal("0.30"),
        two_if_repeated=True,
        two_if_arrears_stay=True,
        decide_within=2,
    ),
}

_WORDS: Final = {
    "SHARE_TOO_LARGE": _("An officer raises a limit by at most {most} %."),
    "AMOUNT_TOO_LARGE": _("An officer raises a limit by at most {most} in the policy's currency."),
    "DAYS_TOO_MANY": _("An officer proposes at most {most} days."),
    "OVERDUE_LATELY": _("The account was overdue in the last {most} days; its limit is not raised."),
}


def decide_by(*, kind: str, proposed_on: date) -> date:
    """Return the last day on which a proposal is approved or rejected in time."""
    return proposed_on + timedelta(days=MATRIX[kind].decide_within)


def outside_envelope(*, decision: ProposalView, account: AccountNow, standing: StandingNow) -> tuple[Refusal, ...]:
    """Return why an officer's own proposal goes too far; empty for every other origin and within the bounds."""
    if decision.origin != DecisionOrigin.OFFICER:
        return ()
    return tuple(
        Refusal(code=code, text=format_lazy(_WORDS[code], most=most))
        for code, most in _beyond(MATRIX[decision.kind], decision, account, standing)
    )


def _beyond(
    row: MatrixRow, decision: ProposalView, account: AccountNow, standing: StandingNow
) -> Iterator[tuple[str, object]]:
    if row.officer_days is not None and _count(decision, "days") > row.officer_days:
        yield "DAYS_TOO_MANY", row.officer_days
    if decision.kind != DecisionKind.LIMIT_INCREASE:
        return
    change = decision.amount("limit") - account.credit_limit
    if row.officer_share is not None and change > row.officer_share * account.credit_limit:
        yield "SHARE_TOO_LARGE", int(row.officer_share * 100)
    elif row.officer_amount is not None and _reaches(change, row.officer_amount, decision, beyond=True):
        yield "AMOUNT_TOO_LARGE", row.officer_amount
    if standing.overdue_lately:
        yield "OVERDUE_LATELY", CLEAN_DAYS


def approvals_needed(*, decision: ProposalView, account: AccountNow, standing: StandingNow) -> int:
    """
    Return how many people approve a decision: one or two, each another than who proposed it.

    Rewards that a policy gives take one: the rules were approved by people. An amount in a currency without a rate in the
    policy cannot be compared and takes two wherever the row bounds amounts.
    """
    if decision.kind in REWARD_KINDS and decision.origin == DecisionOrigin.STANDING:
        return 1
    return 2 if any(_asks_for_two(MATRIX[decision.kind], decision, account, standing)) else 1


def _asks_for_two(row: MatrixRow, decision: ProposalView, account: AccountNow, standing: StandingNow) -> Iterator[bool]:
    yield bool(row.two_for_reasons & set(decision.reasons))
    if row.two_from_amount is not None:
        yield _reaches(_amount_at_stake(decision, account), row.two_from_amount, decision)
    if row.two_above_share is not None:
        yield _amount_at_stake(decision, account) > row.two_above_share * account.credit_limit
    if row.two_above_days is not None:
        yield _count(decision, "days") > row.two_above_days
    if row.two_above_instalments is not None:
        yield _count(decision, "instalments") > row.two_above_instalments
    if row.two_above_points is not None:
        yield standing.reduced + account.annual_rate - decision.amount("rate") > row.two_above_points
    if row.two_above_interest_share is not None:
        yield waives_above(terms=decision.terms, share=row.two_above_interest_share)
    yield row.two_if_repeated and standing.waived_lately
    yield row.two_if_arrears_stay and leaves_arrears(terms=decision.terms, arrears=account.arrears_amount)


def _amount_at_stake(decision: ProposalView, account: AccountNow) -> Decimal:
    if decision.kind in (DecisionKind.LIMIT_CUT, DecisionKind.LIMIT_INCREASE):
        return abs(decision.amount("limit") - account.credit_limit)
    if decision.kind == DecisionKind.WAIVER:
        return decision.amount("amount")
    return decision.amount("total") if decision.kind == DecisionKind.PLAN else account.outstanding_principal


def _reaches(amount: Decimal, bound: Decimal, decision: ProposalView, *, beyond: bool = False) -> bool:
    """Return whether an amount in the account's currency reaches (or with `beyond` passes) a bound of the matrix."""
    if decision.currency_rate is None:
        return True
    limit = bound * decision.currency_rate
    return amount > limit if beyond else amount >= limit


def _count(decision: ProposalView, name: str) -> int:
    return int(str(decision.terms.get(name, 0)))
