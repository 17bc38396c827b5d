"""What a decision that an officer proposes would change, by its kind."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from cases.enums import AccountStatus, CaseStage, CloseReason, DecisionKind, FlagKind, PlanMethod
from cases.rules.decisions import DEFAULTS, AccountView, DecisionParameters
from cases.rules.plans.affordability import UNKNOWN_MEANS, Means, first_share
from cases.rules.plans.amounts import HOUSE_STEP, Step
from cases.rules.plans.limits import allowed_count, allowed_rate
from cases.rules.plans.schedule import PlanTerms
from cases.rules.plans.terms import as_json
from cases.rules.standing import lowered_rate, raised_limit
from cases.rules.terms import MOST_RATE_OFF, RATE_STEP
from cases.rules.waivers import WaiverWish, waiver_terms

# Stages of a case in which nothing can be proposed, and what to do first.
NO_PROPOSAL: Mapping[str, str | Promise] = {
    CaseStage.VISITING: _(
        "A visit is asked for or under way. Call it off, or propose once its report has been accepted."
    ),
    CaseStage.ON_HOLD: _("The case is on hold. Resume it first."),
    CaseStage.CLOSED: _("The case is closed. Nothing can be proposed on it any more."),
}
# Domain table b, rate: lowered in steps of half a percentage point, by three at most.
RATE_POINTS = tuple(RATE_STEP * n for n in range(1, int(MOST_RATE_OFF / RATE_STEP) + 1))
LIMIT_STEP = Decimal(10)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanWish:
    """
    What the officer wants a plan to be. None takes the house default.

    `first_share` (0 to 0.10) of what is owed is paid at once. `means` are the borrower's income and expenses in a month, as told.
    """

    instalments: int | None = None
    method: str = PlanMethod.EQUAL_PAYMENT
    step: Step = HOUSE_STEP
    first_share: Decimal | None = None
    means: Means = UNKNOWN_MEANS


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """
    The officer's choice: days, a new limit in the account's currency, points off the rate, a plan, a waiver.

    `points` is a fraction (0.01 is one percentage point). None takes the house default.
    """

    days: int | None = None
    amount: Decimal | None = None
    points: Decimal | None = None
    plan: PlanWish = PlanWish()
    waiver: WaiverWish | None = None


def plan_terms_of(
    *, owed: Decimal, annual_rate: Decimal, currency: str, wish: PlanWish, parameters: DecisionParameters = DEFAULTS
) -> PlanTerms:
    """
    Return the terms of a plan for all that is owed on an account, within the limits of plans.

    :raises InvalidInput: if nothing is owed.
    """
    if owed <= 0:
        raise InvalidInput(_("Nothing is owed on this account."), field="account")
    share = parameters.first_share if wish.first_share is None else wish.first_share
    return PlanTerms(
        total=owed,
        annual_rate=allowed_rate(annual_rate),
        instalments=allowed_count(total=owed, wanted=wish.instalments or parameters.instalments_partly),
        currency=currency,
        method=wish.method,
        first_share=first_share(total=owed, wanted=share, affordable=wish.means.affordable(currency=currency)),
        step=wish.step,
    )


def terms_of(
    *,
    kind: str,
    account: AccountView,
    limit: Decimal,
    wish: Wish,
    currency: str = "CNY",
    parameters: DecisionParameters = DEFAULTS,
) -> tuple[Mapping[str, object], int | None]:
    """
    Return the terms of a decision of `kind` on an account and for how many days it counts (None: without end).

    :raises InvalidInput: if a plan is wished for and nothing is owed, a waiver does not say what it waives, or the points off a
        rate are no multiple of half a percentage point up to three.
    :raises ValueError: "amount" if a new limit is missing or goes the wrong way.
    """
    if kind == DecisionKind.GRACE:
        days = min(wish.days or parameters.grace_days, 90)
        return {"days": days, "waive_penalty": True}, days
    if kind == DecisionKind.PLAN:
        owed = max(account.outstanding_principal, account.arrears_amount)
        planned = plan_terms_of(
            owed=owed, annual_rate=account.annual_rate, currency=currency, wish=wish.plan, parameters=parameters
        )
        return as_json(terms=planned, means=wish.plan.means), parameters.plan_offer_days
    if kind == DecisionKind.WAIVER:
        if wish.waiver is None:
            raise InvalidInput(_("Say what is waived, and what is to be paid by which day."), field="kind")
        # It counts up to the day to pay by, whenever it is approved, and not for a number of days.
        return waiver_terms(wish=wish.waiver, arrears=account.arrears_amount, currency=currency), None
    if kind == DecisionKind.SPECIAL_CARE:
        days = wish.days or parameters.special_care_days
        return {"flag": FlagKind.VULNERABLE, "days": days, "fraud_review": False}, days
    if kind == DecisionKind.CLOSE:
        return {"close_reason": CloseReason.DECISION}, None
    if kind == DecisionKind.RATE_REDUCTION:
        return _rate(account.annual_rate, wish.points), None
    if kind == DecisionKind.RATE_RELIEF:
        days = wish.days or parameters.relief_days
        return {**_rate(account.annual_rate, wish.points), "days": days}, days
    days = wish.days or parameters.adverse_days
    if kind == DecisionKind.LEGAL:
        return {"first_step": "MEDIATION", "way_back": "SETTLE_OR_AGREE_A_PLAN"}, days
    if kind == DecisionKind.FREEZE:
        return {"status": AccountStatus.FROZEN, "way_back": "PAY_THE_ARREARS"}, days
    return _limit(kind, limit, wish.amount, days)


def _rate(now: Decimal, points: Decimal | None) -> Mapping[str, object]:
    off = RATE_STEP if points is None else points
    if off not in RATE_POINTS:
        raise InvalidInput(
            _("A rate is lowered in steps of half a percentage point, by three at most."), field="points"
        )
    rate = lowered_rate(rate=now, original=now, points=off, most=MOST_RATE_OFF)
    return {"before": f"{now:.5f}", "rate": f"{rate:.5f}"}


def _limit(kind: str, limit: Decimal, amount: Decimal | None, days: int) -> tuple[Mapping[str, object], int | None]:
    if kind == DecisionKind.LIMIT_INCREASE:
        amount = raised_limit(limit=limit, percent=LIMIT_STEP) if amount is None else amount
        if amount <= limit:
            raise ValueError("amount")
        return {"before": f"{limit:.2f}", "limit": f"{amount:.2f}"}, None
    if amount is None or not 0 <= amount < limit:
        raise ValueError("amount")
    return {"before": f"{limit:.2f}", "limit": f"{amount:.2f}", "way_back": "PAY_THE_ARREARS"}, days


def last_day_of(*, terms: Mapping[str, object], counts: int | None, on: date) -> date | None:
    """Return the last day of a decision that begins to count on `on`: of a waiver the day to pay by, whenever it is approved."""
    if "settle_by" in terms:
        return date.fromisoformat(str(terms["settle_by"]))
    return None if counts is None else on + timedelta(days=counts)
