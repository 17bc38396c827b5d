"""What must hold between the values of a row, and between its days and the latest day allowed."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any, Final

from cases.enums import PromiseState
from cases.rules.profile import refusals
from cases.rules.profile.fields import ACCOUNT, REPAYMENT, STATEMENT
from cases.rules.profile.numbers import WHOLE_CURRENCIES, is_whole
from cases.rules.profile.refusals import Refused

Values = dict[str, Any]
# Amounts in the account's currency, by section.
AMOUNTS: Final[dict[str, tuple[str, ...]]] = {
    section: tuple(name for name, field in fields.items() if field.decimals is not None)
    for section, fields in (("account", ACCOUNT), ("statements", STATEMENT), ("repayments", REPAYMENT))
}
SETTLED_STATES: Final = frozenset({PromiseState.KEPT, PromiseState.BROKEN})
# Days and moments that may not lie in the future, by section.
EVENT_DAYS: Final[dict[str, tuple[str, ...]]] = {
    "borrower": ("last_app_login_at",),
    "account": ("as_of",),
    "repayment": ("paid_on",),
    "repayments": ("paid_on",),
    "reversal": ("reversed_on",),
    "contact": ("attempted_at",),
    "promise": ("promised_on",),
    "signal": ("noticed_on",),
    "instalment": ("as_of", "paid_on"),
}


def row_problems(
    *, single: Mapping[str, Values], repeated: Mapping[str, Sequence[Values]], horizon: date
) -> list[Refused]:
    """
    Return the problems that show only when the values of a row are compared, or with `horizon`, the latest day allowed.

    `single` and `repeated` are the values of the row's sections; None where the profile does not map a field.
    """
    problems = []
    for section, names in EVENT_DAYS.items():
        for values in (*repeated.get(section, []), *([single[section]] if section in single else [])):
            for name in names:
                day = values.get(name)
                if day is not None and (day.date() if name.endswith("_at") else day) > horizon:
                    problems.append(Refused(refusals.IN_THE_FUTURE, field=f"{section}.{name}", value=str(day)))
    account = single.get("account", {})
    if account.get("currency") in WHOLE_CURRENCIES:
        for section, names in AMOUNTS.items():
            for values in (*repeated.get(section, []), *([account] if section == "account" else [])):
                found = (decimals_problem(section=section, name=name, value=values.get(name)) for name in names)
                problems.extend(problem for problem in found if problem is not None)
    if account.get("opened_on") and account["opened_on"] > account["as_of"]:
        problems.append(
            Refused(refusals.OPENED_AFTER_AS_OF, field="account.opened_on", value=str(account["opened_on"]))
        )
    statements = repeated.get("statements", [])
    if len({statement["period"] for statement in statements}) != len(statements):
        problems.append(Refused(refusals.PERIOD_TWICE, field="statements.period"))
    repayment = single.get("repayment")
    if repayment:
        problems += filter(None, [sign_problem(amount=repayment["amount"], reverses=repayment["reverses"])])
    promise = single.get("promise")
    if promise:
        if promise["due_on"] < promise["promised_on"]:
            problems.append(Refused(refusals.DUE_BEFORE_PROMISED, field="promise.due_on", value=str(promise["due_on"])))
        if promise["state"] in SETTLED_STATES and not promise["settled_on"]:
            problems.append(Refused(refusals.SETTLED_WITHOUT_DAY, field="promise.settled_on"))
    return problems


def sign_problem(*, amount: Decimal, reverses: str | None) -> Refused | None:
    """
    Return the problem of a repayment whose sign does not agree with `reverses`, the repayment that it takes back.

    `reverses` is None where the profile does not map it; the amount is then above 0 by its field.
    """
    if reverses is None:
        return None
    if amount == 0:
        return Refused(refusals.ZERO_REPAYMENT, field="repayment.amount", value=str(amount))
    if amount < 0 and not reverses:
        return Refused(refusals.REVERSES_NOTHING, field="repayment.reverses")
    if amount > 0 and reverses:
        return Refused(refusals.POSITIVE_REVERSAL, field="repayment.amount", value=str(amount))
    return None


def decimals_problem(*, section: str, name: str, value: Any) -> Refused | None:
    """Return why an amount of a currency without a smaller unit is not taken; None if it is whole."""
    if value is None or is_whole(value=value):
        return None
    return Refused(refusals.TOO_MANY_DECIMALS, field=f"{section}.{name}", value=str(value), decimals="0")
