"""
How far a whole report may be trusted: its worst photograph and what speaks against the report, as one score and one level.

The level is LOW only with a serious reason. What happens to honest crews lowers the score and never makes the level LOW by itself,
however much of it comes together: no camera data (a forwarded photograph, an old telephone), an inaccurate position, none at
all, a clock that is off, one picture taken twice. A LOW report is not held to be false: it is checked before it counts.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from visits.enums import TrustSignal
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.report.evidence import BASE_SCORE, WEIGHTS
from visits.rules.report.report_signals import REPORT_WEIGHTS
from visits.trust_enums import ReportSignal, TrustLevel

# From here on nothing needs a closer look.
HIGH_FROM: Final = 80
# What happens to honest crews as well: never enough for LOW.
ORDINARY: Final = frozenset(
    {
        TrustSignal.POSITION_INACCURATE,
        TrustSignal.POSITION_ZERO,
        # In a large estate both the check-in and the photograph may be near the door, and far from each other.
        TrustSignal.AWAY_FROM_CHECK_IN,
        TrustSignal.CLOCK_DRIFT,
        TrustSignal.NO_METADATA,
        TrustSignal.REPEATED_IN_REPORT,
    }
)
SERIOUS: Final = frozenset({signal for signal, weight in WEIGHTS.items() if weight < 0} - ORDINARY)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoTrust:
    """One file of the report: its score of 0 to 100 and the signals that led to it."""

    score: int
    signals: frozenset[TrustSignal]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason that speaks against a report; `count` is how many photographs have it, 0 for the report as a whole."""

    signal: str
    weight: int
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Score (0 to 100), level and reasons of one report, the heaviest reason first."""

    score: int
    level: TrustLevel
    reasons: tuple[Reason, ...]


def report_trust(*, policy: ConductPolicy, photos: Iterable[PhotoTrust], signals: Iterable[ReportSignal]) -> Trust:
    """
    Return how far a report may be trusted: the score of its worst file, less the weights of what speaks against the report.

    Without a file it starts at 50, unknown.
    """
    files, of_report = tuple(photos), tuple(signals)
    score = min((each.score for each in files), default=BASE_SCORE) + sum(REPORT_WEIGHTS[each] for each in of_report)
    score = max(0, min(100, score))
    counted = Counter(signal for each in files for signal in each.signals if WEIGHTS[signal] < 0)
    reasons = [Reason(signal=str(each), weight=REPORT_WEIGHTS[each], count=0) for each in of_report]
    reasons += [Reason(signal=str(each), weight=WEIGHTS[each], count=n) for each, n in counted.items()]
    is_serious = bool(of_report) or bool(SERIOUS.intersection(counted))
    return Trust(
        score=score,
        level=_level(score, is_serious=is_serious, low_below=policy.trust_low_below),
        reasons=tuple(sorted(reasons, key=lambda each: (each.weight, each.signal))),
    )


def _level(score: int, *, is_serious: bool, low_below: int) -> TrustLevel:
    if is_serious and score < low_below:
        return TrustLevel.LOW
    return TrustLevel.HIGH if score >= HIGH_FROM else TrustLevel.MEDIUM
