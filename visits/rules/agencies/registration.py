"""The unified social credit code of a firm, checked as GB 32100-2015 says: 18 characters, the last one a check character."""

from typing import Final

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

LENGTH: Final = 18
# Digits and capital letters without I, O, S, V and Z; the place of a character is its value.
CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
MODULUS: Final = 31


def canonical_code(*, text: str) -> str:
    """Return a typed code without spaces and hyphens, in capital letters."""
    return "".join(text.split()).replace("-", "").upper()


def check_character(*, body: str) -> str:
    """
    Return the check character of the first 17 characters.

    The sum of value times 3 to the power of the place, from 0, is brought up to a multiple of 31.

    :raises ValueError: if a character is not of the alphabet.
    """
    total = sum(CHARACTERS.index(each) * pow(3, place, MODULUS) for place, each in enumerate(body))
    return CHARACTERS[-total % MODULUS]


def code_problem(*, code: str) -> str | Promise | None:
    """Return what is wrong with a code in canonical form and how to mend it, None if it may be one."""
    if len(code) != LENGTH:
        return format_lazy(
            _(
                "A unified social credit code has {n} characters, this one has {found}. Copy it from the business licence."
            ),
            n=LENGTH,
            found=len(code),
        )
    strange = sorted({each for each in code if each not in CHARACTERS})
    if strange:
        return format_lazy(
            _(
                "A unified social credit code has digits and capital letters without I, O, S, V and Z; not allowed here: {found}."
            ),
            found=", ".join(strange),
        )
    if check_character(body=code[:-1]) != code[-1]:
        return _(
            "The check character of the unified social credit code does not fit: one or more characters are mistyped. Compare it with the business licence."
        )
    return None
