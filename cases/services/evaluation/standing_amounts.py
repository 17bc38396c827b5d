"""Limits and amounts of the standing job as SQL over facts: the arithmetic of rules/standing.py, which tests compare it with."""

from decimal import Decimal
from typing import Any, Final

from django.db.models import Case, CharField, DecimalField, ExpressionWrapper, F, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Floor, Greatest, Least, Round

from cases.rules.policy.body import Effect, PolicyRules
from cases.rules.standing import MONTHS_TO_PASS_OLD_LIMIT

MONEY: Final[Any] = DecimalField(max_digits=14, decimal_places=2)
RATE: Final[Any] = DecimalField(max_digits=6, decimal_places=5)
# Of results in between: no digit is lost, no matter the currency.
WIDE: Final[Any] = DecimalField(max_digits=24, decimal_places=8)


def raised_limit_sql(effect: Effect, *, policy: PolicyRules) -> Combinable:
    """Return `raised_limit` for the limit of an account under a policy's caps, not above its limit before the default."""
    percent = min(effect.percent or Decimal(0), policy.caps.max_limit_percent)
    raised = Round(_wide(F("credit_limit") * Value((100 + percent) / 10_000))) * Value(Decimal(100))
    # LEAST ignores NULL: without a value there is no ceiling.
    ceiling = Case(
        When(on_time_months__lt=MONTHS_TO_PASS_OLD_LIMIT, then=F("account__pre_default_limit")), output_field=MONEY
    )
    bounds = (_wide(raised), *_bound(effect, policy, sign=1), _wide(ceiling))
    return Cast(Least(*bounds, output_field=WIDE), MONEY)


def cut_limit_sql(effect: Effect, *, policy: PolicyRules) -> Combinable:
    """Return `cut_limit` for the limit of an account."""
    percent = effect.percent or Decimal(0)
    cut = Floor(_wide(F("credit_limit") * Value((100 - percent) / 10_000))) * Value(Decimal(100))
    bounds = (_wide(cut), *_bound(effect, policy, sign=-1), Value(Decimal(0), output_field=WIDE))
    return Cast(Greatest(*bounds, output_field=WIDE), MONEY)


def in_own_currency(amount: Combinable, *, policy: PolicyRules, currency: str = "currency") -> Combinable:
    """
    Return an amount in the policy's own currency; NULL for a currency without a rate.

    `currency` is the path to the column that names the amount's currency.
    """
    rates = (When(**{currency: code}, then=Value(rate)) for code, rate in sorted(policy.rates.items()))
    return Cast(ExpressionWrapper(amount / Case(*rates, output_field=WIDE), output_field=WIDE), WIDE)


def text_of(column: str, of: "DecimalField[Any, Any]") -> Combinable:
    """Return a column as the text that terms hold, with the decimals of `of`."""
    return Cast(Cast(column, of), CharField())


def _bound(effect: Effect, policy: PolicyRules, *, sign: int) -> list[Combinable]:
    """Return the limit changed by the largest amount of the effect, in the account's currency; empty without such a bound."""
    if effect.max_amount is None:
        return []
    most = Case(
        *(When(currency=c, then=Value(effect.max_amount * rate * sign)) for c, rate in sorted(policy.rates.items())),
        output_field=WIDE,
    )
    return [_wide(F("credit_limit") + most)]


def _wide(expression: Any) -> Combinable:
    return ExpressionWrapper(expression, output_field=WIDE)
