"""What a decision that an officer proposes would change, by its kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from cases.enums import AccountStatus, CloseReason, DecisionKind, FlagKind
from cases.rules import plans
from cases.rules.decisions import DEFAULTS, AccountView, DecisionParameters
from cases.rules.standing import lowered_rate, raised_limit

RATE_STEP = Decimal("0.005")
RATE_MOST = Decimal("0.03")
LIMIT_STEP = Decimal(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The officer's choice: days, instalments, a new limit in the account's currency. None takes the house default."""

    days: int | None = None
    instalments: int | None = None
    amount: Decimal | None = None


def terms_of(
    *, kind: str, account: AccountView, limit: Decimal, wish: Wish, parameters: DecisionParameters = DEFAULTS
) -> tuple[Mapping[str, object], int | None]:
    """
    Return the terms of a decision of `kind` on an account and for how many days it counts (None: without end).

    :raises ValueError: "amount" if a new limit is missing or goes the wrong way, "balance" if there is nothing to
        pay in instalments.
    """
    if kind == DecisionKind.GRACE:
        days = min(wish.days or parameters.grace_days, 90)
        return {"days": days, "waive_penalty": True}, days
    if kind == DecisionKind.PLAN:
        total = max(account.outstanding_principal, account.arrears_amount)
        if total <= 0:
            raise ValueError("balance")
        wanted = wish.instalments or parameters.instalments_partly
        return {
            "total": f"{total:.2f}",
            "annual_rate": f"{plans.allowed_rate(account.annual_rate):.5f}",
            "instalments": plans.allowed_count(total=total, wanted=wanted),
            "first_share": f"{parameters.first_share:.2f}",
        }, parameters.plan_offer_days
    if kind == DecisionKind.SPECIAL_CARE:
        days = wish.days or parameters.special_care_days
        return {"flag": FlagKind.VULNERABLE, "days": days, "fraud_review": False}, days
    if kind == DecisionKind.CLOSE:
        return {"close_reason": CloseReason.DECISION}, None
    if kind == DecisionKind.RATE_REDUCTION:
        rate = lowered_rate(rate=account.annual_rate, original=account.annual_rate, points=RATE_STEP, most=RATE_MOST)
        return {"before": f"{account.annual_rate:.5f}", "rate": f"{rate:.5f}"}, None
    days = wish.days or parameters.adverse_days
    if kind == DecisionKind.LEGAL:
        return {"first_step": "MEDIATION", "way_back": "SETTLE_OR_AGREE_A_PLAN"}, days
    if kind == DecisionKind.FREEZE:
        return {"status": AccountStatus.FROZEN, "way_back": "PAY_THE_ARREARS"}, days
    return _limit(kind, limit, wish.amount, days)


def _limit(kind: str, limit: Decimal, amount: Decimal | None, days: int) -> tuple[Mapping[str, object], int | None]:
    if kind == DecisionKind.LIMIT_INCREASE:
        amount = raised_limit(limit=limit, percent=LIMIT_STEP) if amount is None else amount
        if amount <= limit:
            raise ValueError("amount")
        return {"before": f"{limit:.2f}", "limit": f"{amount:.2f}"}, None
    if amount is None or not 0 <= amount < limit:
        raise ValueError("amount")
    return {"before": f"{limit:.2f}", "limit": f"{amount:.2f}", "way_back": "PAY_THE_ARREARS"}, days
