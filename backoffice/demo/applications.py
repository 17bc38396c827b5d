"""What simulated borrowers stated when applying: what their papers show, but for borrowers who gave false data."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from backoffice.demo.characters import Character

EMPLOYER: Final = "示例制造有限公司"
_OTHER_EMPLOYER: Final = "样本贸易有限公司"
RENT: Final = Decimal("3200.00")
LIVING: Final = Decimal("1450.30")


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticApplication:
    """An application of a synthetic borrower; amounts in CNY a month."""

    employer: str
    monthly_income: Decimal
    monthly_expenses: Decimal


def wage_of(*, borrower_ref: str) -> Decimal:
    """Return what a borrower earns in a month, CNY 6,000 to 9,000, by the digits of their reference."""
    number = int("".join(character for character in borrower_ref if character.isdigit()) or "0")
    return Decimal(6000 + number % 7 * 500)


def application_of(*, borrower_ref: str, character: Character) -> SyntheticApplication:
    """Return what a borrower stated when applying."""
    wage = wage_of(borrower_ref=borrower_ref)
    if character == Character.FALSE_DATA:
        return SyntheticApplication(employer=_OTHER_EMPLOYER, monthly_income=wage * 3, monthly_expenses=RENT)
    return SyntheticApplication(employer=EMPLOYER, monthly_income=wage, monthly_expenses=RENT + LIVING)
