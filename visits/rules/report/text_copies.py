"""Pieces of a report's text by which two texts are compared without keeping either."""

import unicodedata
from collections.abc import Iterable
from typing import Final

# Characters of a piece; long enough that ordinary phrases do not make two texts alike.
PIECE: Final = 8
# A text with fewer pieces is a phrase, and phrases are shared: nobody at home, a notice was left.
PIECES_MIN: Final = 40
# How many pieces of a text are kept: those with the smallest digests, which are the same for the same text (Broder 1997).
KEPT: Final = 32
# Of the kept pieces so many are shared where one text is nearly the other.
SHARED_MIN: Final = 26


def pieces(*, text: str) -> frozenset[str]:
    """Return every run of 8 letters or digits of a text, without case, spaces and marks; nothing for a short text."""
    plain = "".join(each for each in unicodedata.normalize("NFKC", text).casefold() if each.isalnum())
    found = frozenset(plain[at : at + PIECE] for at in range(len(plain) - PIECE + 1))
    return found if len(found) >= PIECES_MIN else frozenset()


def kept_digests(*, digests: Iterable[bytes]) -> list[int]:
    """Return the digests that stand for a text: the smallest 32, each as a signed number of 64 bits, ascending."""
    return sorted({int.from_bytes(digest[:8], signed=True) for digest in digests})[:KEPT]
