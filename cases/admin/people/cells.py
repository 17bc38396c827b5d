"""How borrowers stand below each other in one cell of a list, always masked."""

from collections.abc import Iterable
from typing import Any

from backoffice.core.pages.cells import EMPTY, lines, linked, money
from cases.models import Borrower


def names_of(borrowers: Iterable[Borrower]) -> Any:
    """Return the masked names as links to the borrowers."""
    return lines(linked(borrower, borrower.masked_name or borrower.external_ref) for borrower in borrowers)


def references_of(borrowers: Iterable[Borrower]) -> Any:
    """Return the references of the lender."""
    return lines(borrower.external_ref for borrower in borrowers)


def numbers_of(borrowers: Iterable[Borrower]) -> Any:
    """Return the masked identity numbers."""
    return lines(borrower.masked_id_number or EMPTY for borrower in borrowers)


def territories_of(borrowers: Iterable[Borrower]) -> Any:
    """Return the territories of the borrowers."""
    return lines(borrower.territory for borrower in borrowers)


def arrears_of(borrowers: Iterable[Any]) -> Any:
    """Return the arrears of the accounts that were fetched as `seen_accounts`, by currency, for each borrower."""
    shown = []
    for borrower in borrowers:
        sums: dict[str, Any] = {}
        for account in borrower.seen_accounts:
            sums[account.currency] = sums.get(account.currency, 0) + account.arrears_amount
        shown.append(" + ".join(money(sums[currency], currency) for currency in sorted(sums)) or EMPTY)
    return lines(shown)
