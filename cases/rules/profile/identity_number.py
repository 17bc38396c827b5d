"""The structure of Chinese resident identity numbers: length, date of birth and check character (GB 11643)."""

from datetime import date
from functools import lru_cache
from operator import mul

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
_OFFSET = 48 * sum(_WEIGHTS)


def check_character(*, digits: str) -> str:
    """
    Return the 18th character for the first 17 digits of a resident's number (GB 11643, ISO 7064 MOD 11-2).

    :raises ValueError: if there are not 17 digits.
    """
    if len(digits) != len(_WEIGHTS):
        raise ValueError("A check character follows 17 digits.")
    # The byte of an ASCII digit is its value plus 48.
    return _CHECKS[(sum(map(mul, digits.encode(), _WEIGHTS)) - _OFFSET) % 11]


def is_sound(*, number: str) -> bool:
    """
    Return whether `number` has 18 characters, a date that exists and the right check character.

    A number of 15 digits (issued before 1999) needs only a date that exists. The region code is not checked: numbers
    keep the code of districts that were dissolved, and test data uses 999999.
    """
    number = number.upper()
    if len(number) == 15 and number.isascii() and number.isdigit():
        return _date_exists("19" + number[6:12])
    if len(number) != 18 or not number.isascii() or not number[:17].isdigit():
        return False
    return _date_exists(number[6:14]) and check_character(digits=number[:17]) == number[17]


@lru_cache(maxsize=1 << 15)
def _date_exists(digits: str) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return 1850 < born.year < 2100
