"""The values of a contradiction as they are shown: masked, so that they can be told apart and not read."""

from decimal import Decimal
from typing import Final

from backoffice.core.sealed.sealing import masked_address, masked_name, masked_tail
from visits.contradiction_enums import Subject
from visits.rules.contradictions.claims import Claim

_NAMES: Final = frozenset({Subject.NAME, Subject.TITLE})
_ADDRESSES: Final = frozenset({Subject.HOME, Subject.REGISTERED, Subject.PROPERTY})
_TAILS: Final = frozenset({Subject.ID_NUMBER, Subject.VEHICLE})
# Codes of a closed list: they are no personal data, and pages say them in words.
CODES: Final = frozenset(
    {
        Subject.WORK,
        Subject.LIFE,
        Subject.IDENTITY_VERDICT,
        Subject.RESIDENCE_VERDICT,
        Subject.CAPACITY_VERDICT,
    }
)
HIDDEN: Final = "***"
_EMPLOYER_SHOWN: Final = 2


def shown(*, claim: Claim) -> str:
    """
    Return the value of a claim, masked: "张*三", "*******1234", "浙江省杭州市***", "示例***", "8,***"; a code as it is.

    Of an amount the first digit and the size are shown.
    """
    if claim.amount is not None and not claim.value:
        return masked_amount(claim.amount)
    if claim.subject in _NAMES:
        return masked_name(claim.value)
    if claim.subject in _ADDRESSES:
        return masked_address(claim.value)
    if claim.subject in _TAILS:
        return masked_tail(claim.value)
    if claim.subject == Subject.EMPLOYER:
        return claim.value[:_EMPLOYER_SHOWN] + HIDDEN
    return claim.value if claim.subject in CODES else HIDDEN


def masked_amount(amount: Decimal) -> str:
    """Return an amount of which only the first digit and the size can be read: 12,500.00 is "1*,***"."""
    text = f"{abs(int(amount)):,}"
    return text[0] + "".join("*" if letter.isdigit() else letter for letter in text[1:])
