"""How an experiment draws its arms, and how sure its shares are."""

from math import sqrt

# A borrower's arm follows from the first eight digits of md5("<experiment>:<borrower id>"), compared as text: the same
# draw every time, spread evenly, and nobody chooses. 80 % and 90 % of ffffffff.
DIGITS = 8
CHAMPION_BELOW = "cccccccd"
CHALLENGER_BELOW = "e6666667"
# 95 % of a normal distribution lie within this many standard deviations.
Z = 1.959964


def interval(*, part: int, whole: int) -> tuple[float, float] | None:
    """
    Return the 95 % interval of the share `part` of `whole`, as fractions; None if `whole` is 0.

    Wilson (1927): it stays within 0 and 1 and holds for few cases, where the usual formula does not.
    """
    if whole == 0:
        return None
    share, square = part / whole, Z * Z
    middle = share + square / (2 * whole)
    half = Z * sqrt(share * (1 - share) / whole + square / (4 * whole * whole))
    scale = 1 + square / whole
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)
