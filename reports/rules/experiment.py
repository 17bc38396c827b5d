"""How an experiment draws its arms, and how sure its shares are."""

from cases.rules.trials.accuracy import wilson

# A borrower's arm follows from the first eight digits of md5("<experiment>:<borrower id>"), compared as text: the same
# draw every time, spread evenly, and nobody chooses. 80 % and 90 % of ffffffff.
DIGITS = 8
CHAMPION_BELOW = "cccccccd"
CHALLENGER_BELOW = "e6666667"


def interval(*, part: int, whole: int) -> tuple[float, float] | None:
    """Return the 95 % interval of the share `part` of `whole`, as fractions; None if `whole` is 0."""
    return wilson(part=part, whole=whole)
