"""SQL of the features that are computed from the periods of an account: columns of statements, and `ago`, months back."""

from typing import Final

from cases.rules.standing_ladder import (
    HIGHEST,
    LATE_POINTS,
    LONG_LATE_DAYS,
    LONG_LATE_POINTS,
    ON_TIME_POINTS,
    START,
    WEIGHTS,
)


def bits_of(mask: str) -> str:
    """Return SQL that counts the bits of a 64-bit mask, 0 for NULL. Counting distinct days or months so needs no sort."""
    return f"COALESCE(bit_count(({mask})::bit(64)), 0)"


_LATE: Final = "days_past_due > 0 AND NOT is_idle"
ON_TIME_MONTHS: Final = bits_of(
    "COALESCE(bit_or(1::bigint << ago) FILTER (WHERE days_past_due = 0 AND NOT is_idle), 0) &"
    f" (CASE WHEN count(*) FILTER (WHERE {_LATE}) = 0 THEN -1::bigint ELSE"
    f" (1::bigint << min(ago) FILTER (WHERE {_LATE})) - 1 END)"
)

# cases.rules.standing_ladder.score_of as SQL; a test compares the two. `ago` counts from 0, arrays from 1.
_POINTS: Final = (
    f"CASE WHEN days_past_due = 0 THEN {ON_TIME_POINTS} WHEN days_past_due < {LONG_LATE_DAYS} THEN {LATE_POINTS}"
    f" ELSE {LONG_LATE_POINTS} END"
)
STANDING_SCORE: Final = (
    f"LEAST(GREATEST({START} + round(COALESCE(sum(({_POINTS}) * (ARRAY{list(WEIGHTS)})[ago + 1])"
    f" FILTER (WHERE NOT is_idle), 0) / 10000.0), 0), {HIGHEST})"
)

# Of six months and the one that is not closed. LEAST ignores nulls: without a period with use the value is unknown.
MONTHLY_PAID: Final = (
    "CASE WHEN max(credit_limit) > 0 AND bool_or(ago < 7 AND NOT is_idle) THEN LEAST(round(avg(paid_amount) FILTER (WHERE ago < 7 AND NOT is_idle) * 100"
    " / max(credit_limit), 2), 9999999.99) END"
)
