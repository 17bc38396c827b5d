"""
Account figures that a file does not hold but that follow from the row's statements. A closed list.

A statement holds the balance at the close of its period and what was paid on that balance afterwards (docs/profiles.md).
Amounts are in the account's currency.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

Statements = Sequence[Mapping[str, Any]]
NOTHING: Final = Decimal(0)


def latest_balance(statements: Statements) -> Decimal:
    """Return the balance of the latest statement; 0 for a credit balance or without statements."""
    if not statements:
        return NOTHING
    latest = max(statements, key=lambda statement: statement["period"])
    return max(NOTHING, latest["balance"] or NOTHING)


def latest_days_past_due(statements: Statements) -> int:
    """Return the days past due at the close of the latest statement; 0 without statements."""
    if not statements:
        return 0
    return int(max(statements, key=lambda statement: statement["period"])["days_past_due"] or 0)


def arrears_from_statements(statements: Statements) -> Decimal:
    """
    Return the oldest unpaid bill minus the payments since, at most the latest balance; 0 if nothing is late.

    A bill is the balance of a statement. The oldest bill that can be unpaid lies as many months back as the latest
    statement is late (30 days begun count as a month). If the payments since cover a bill, the next one is tried. The
    latest bill is not due yet, so it is never in arrears.
    """
    ordered = sorted(statements, key=lambda statement: statement["period"])
    months_late = (latest_days_past_due(ordered) + 29) // 30
    if months_late == 0:
        return NOTHING
    oldest = max(0, len(ordered) - 1 - months_late)
    ceiling = latest_balance(ordered)
    for position in range(oldest, len(ordered) - 1):
        paid_since = sum((statement["paid_amount"] or NOTHING for statement in ordered[position:]), NOTHING)
        unpaid: Decimal = (ordered[position]["balance"] or NOTHING) - paid_since
        if unpaid > 0:
            return min(unpaid, ceiling)
    return NOTHING


DERIVATIONS: Final[dict[str, Callable[[Statements], object]]] = {
    "latest_balance": latest_balance,
    "latest_days_past_due": latest_days_past_due,
    "arrears_from_statements": arrears_from_statements,
}
