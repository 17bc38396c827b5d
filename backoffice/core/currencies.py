"""How many decimals the amounts of a currency have (ISO 4217, "minor unit")."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Final

USUAL_DECIMALS: Final = 2
# Currencies with another number of decimals, of the list of ISO 4217 that SIX publishes (2024). Funds and metals are left out.
OTHER_DECIMALS: Final[dict[str, int]] = {
    **dict.fromkeys(
        (
            "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF",
            "XOF", "XPF",
        ),
        0,
    ),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
    **dict.fromkeys(("CLF", "UYW"), 4),
}  # fmt: skip
_UNITS: Final = {places: Decimal(1).scaleb(-places) for places in range(5)}


def decimals_of(currency: str) -> int:
    """Return how many decimals amounts of `currency` (three letters) have: JPY 0, CNY 2, KWD 3; 2 for an unknown one."""
    return OTHER_DECIMALS.get(currency, USUAL_DECIMALS)


def smallest_amount(currency: str) -> Decimal:
    """Return the smallest amount of `currency`: 1 for JPY, 0.01 for CNY, 0.001 for KWD."""
    return _UNITS[decimals_of(currency)]


def rounded(amount: Decimal, currency: str) -> Decimal:
    """Return `amount` with the decimals of `currency`, halves away from zero."""
    return amount.quantize(smallest_amount(currency), ROUND_HALF_UP)
