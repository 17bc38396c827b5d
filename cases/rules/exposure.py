"""How much more a borrower could draw on an account: the lender's exposure beyond what is lent already."""

from collections.abc import Mapping
from decimal import Decimal

from cases.enums import AccountStatus, TermsField


def undrawn(*, limit: Decimal, principal: Decimal, status: str) -> Decimal:
    """Return what could still be drawn, in the account's currency: nothing unless the account is active."""
    return max(limit - principal, Decimal(0)) if status == AccountStatus.ACTIVE else Decimal(0)


def undrawn_by(*, terms: Mapping[str, str], limit: Decimal, principal: Decimal, status: str) -> Decimal:
    """Return what could still be drawn with `terms` as the ledger writes them; what they do not name is as given."""
    return undrawn(
        limit=Decimal(terms.get(TermsField.LIMIT, limit)),
        principal=principal,
        status=terms.get(TermsField.STATUS, status),
    )
