"""Whether two values can both be true, as far as they say enough to tell."""

from enum import StrEnum


class Match(StrEnum):
    """SAME and DIFFERENT are told from what both values say; UNKNOWN is for values that say too little."""

    SAME = "SAME"
    DIFFERENT = "DIFFERENT"
    UNKNOWN = "UNKNOWN"
