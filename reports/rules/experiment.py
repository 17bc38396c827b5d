"""How an experiment draws its arms, and the confidence interval of its shares."""

from cases.rules.trials.accuracy import wilson

# A borrower's arm follows from the first eight hexadecimal digits of md5("<experiment>:<borrower id>"), compared as text:
# the same arm at every draw, evenly spread, and chosen by nobody. The bounds are 80 % and 90 % of ffffffff.
DIGITS = 8
CHAMPION_BELOW = "cccccccd"
CHALLENGER_BELOW = "e6666667"


def interval(*, part: int, whole: int) -> tuple[float, float] | None:
    """Return the 95 % interval (Wilson) of the share `part` / `whole`, both ends 0..1; None if `whole` is 0."""
    return wilson(part=part, whole=whole)
