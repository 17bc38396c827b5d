"""
What a feed does not say but what follows from what it says. A closed list, each with its definition.

Every derivation reads the row's statements: those of a period hold the balance at its close and what was paid on
that balance afterwards (see docs/profiles.md).
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final

Statements = Sequence[Mapping[str, Any]]
NOTHING: Final = Decimal(0)


def latest_balance(statements: Statements) -> Decimal:
    """Return the balance of the latest statement, at least 0: a credit balance is not owed."""
    if not statements:
        return NOTHING
    latest = max(statements, key=lambda s: s["period"])
    return max(NOTHING, latest["balance"] or NOTHING)


def latest_days_past_due(statements: Statements) -> int:
    """Return the days past due at the close of the latest statement."""
    if not statements:
        return 0
    return int(max(statements, key=lambda s: s["period"])["days_past_due"] or 0)


def arrears_from_statements(statements: Statements) -> Decimal:
    """
    Return the oldest unpaid bill minus the payments since, at most the latest balance; 0 when nothing is late.

    The oldest bill that can be unpaid is the one as many months back as the latest statement is late (every 30
    days begun are a month); a bill whose payments since cover it is passed over for the next. The latest bill is
    not due yet and never arrears.
    """
    ordered = sorted(statements, key=lambda s: s["period"])
    months_late = (latest_days_past_due(ordered) + 29) // 30
    if months_late == 0:
        return NOTHING
    oldest = max(0, len(ordered) - 1 - months_late)
    ceiling = latest_balance(ordered)
    for position in range(oldest, len(ordered) - 1):
        paid_since = sum((s["paid_amount"] or NOTHING for s in ordered[position:]), NOTHING)
        unpaid: Decimal = (ordered[position]["balance"] or NOTHING) - paid_since
        if unpaid > 0:
            return min(unpaid, ceiling)
    return NOTHING


DERIVATIONS: Final[dict[str, Callable[[Statements], object]]] = {
    "latest_balance": latest_balance,
    "latest_days_past_due": latest_days_past_due,
    "arrears_from_statements": arrears_from_statements,
}
