"""Whether who answers a letter is the person addressed: four characters that the lender knows of them."""

import unicodedata
from datetime import datetime, timedelta
from hmac import compare_digest
from typing import Final

from cases.enums import ContactVerdict
from cases.models import Borrower
from visits.enums import LetterProof
from visits.models import LetterAnswer, VisitOrder

CHARACTERS: Final = 4
# After so many that were not known, nothing is compared for a day: 5 of 10,000 can be tried.
ATTEMPTS_MAX: Final = 5
LOCKED_FOR: Final = timedelta(days=1)


def proof_of(*, order: VisitOrder, borrower: Borrower, given: str, at: datetime) -> LetterProof:
    """
    Compare what was typed with the end of the borrower's identity number and of the telephone numbers on file.

    Of a longer text the last four digits or X count; fewer are taken as not given. Call it under the lock of the people,
    so that answers at the same moment count each other. A number that has a new owner, or is invalid, proves nothing.
    """
    typed = _end(given)
    if not typed:
        return LetterProof.NOT_GIVEN
    tried = LetterAnswer.objects.filter(order=order, proof=LetterProof.WRONG, received_at__gt=at - LOCKED_FOR)
    if tried.count() >= ATTEMPTS_MAX:
        return LetterProof.LOCKED
    phones = borrower.phones.exclude(verdict=ContactVerdict.INVALID).order_by("pk")
    known = [_end(text) for text in (borrower.id_number, *(phone.number for phone in phones))]
    # Every one is compared in full: how long it takes says nothing.
    same = [compare_digest(typed.encode(), end.encode()) for end in known]
    return LetterProof.RIGHT if any(same) else LetterProof.WRONG


def _end(text: str) -> str:
    """Return the last four digits or X of a text, in one form; an empty text if it has fewer."""
    signs = [sign for sign in unicodedata.normalize("NFKC", text).upper() if sign in "0123456789X"]
    return "".join(signs[-CHARACTERS:]) if len(signs) >= CHARACTERS else ""
