"""
An agency's score, 0..100, and what may be paid for (domain a 35 and table b, agency).

Conduct and quality weigh at least half together; recovery never more than half (a house value behind
art. 66 of the credit-card measures, which forbids appraisal by recovery alone). Nothing depends on what a
visit finds: an agency earns the same for a borrower met and for an address that does not exist.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from visits.enums import AgencyState, FeeBasis

ONE, ZERO = Decimal(1), Decimal(0)
RECOVERY_WEIGHT_MAX = 50
CONDUCT_AND_QUALITY_MIN = 50
RESTRICT_BELOW = 70
EXIT_BELOW = 60
# Upheld complaints for 1,000 visits at which the complaints part of conduct reaches zero.
COMPLAINTS_AT_ZERO = Decimal(20)
PAYABLE = frozenset(FeeBasis)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreWeights:
    """Percent of the score, together 100."""

    conduct: int = 35
    quality: int = 30
    timeliness: int = 15
    recovery: int = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyCounts:
    """
    What an agency did in the period. Amounts are in the lender's currency.

    `expected_recovery` is what comparable cases brought in elsewhere, so that hard cases do not count
    against whoever takes them.
    """

    visits: int = 0
    reports: int = 0
    reports_accepted_first: int = 0
    reports_on_time: int = 0
    verdicts_checked: int = 0
    verdicts_confirmed: int = 0
    conduct_breaches: int = 0
    complaints_upheld: int = 0
    red_lines: int = 0
    recovered: Decimal = ZERO
    expected_recovery: Decimal = ZERO


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    """
    The score with its parts (0..1, None where nothing could be measured) and the standing it calls for.

    `score` is None while there is nothing to score; the standing is then unchanged, said by None.
    """

    score: int | None
    parts: Mapping[str, Decimal | None]
    standing: AgencyState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeConfig:
    """
    How an agency is paid. `weights` are percent of pay by basis; `conditions` name what a fee depends on.
    """

    weights: Mapping[str, int | Decimal]
    conditions: Collection[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigProblem:
    """One reason why a configuration is refused, with the field and the remedy."""

    field: str
    code: str
    message: str | Promise


def score_agency(*, counts: AgencyCounts, weights: ScoreWeights) -> Scorecard:
    """
    Return the agency's scorecard for a period.

    Parts: conduct = breaches per visit and upheld complaints per 1,000 visits (20 bring it to zero), the
    worse of the two; quality = reports accepted at first review, averaged with address verdicts later
    confirmed; timeliness = reports on time; recovery = recovered over expected, at most 1. A part that
    cannot be measured gives its weight to the others in proportion. One red line makes conduct zero and
    suspends at once, whatever the score; below 70 no new cases; below 60 exit.

    :raises ValueError: if the weights are refused by `weight_problems`.
    """
    if weight_problems(weights=weights):
        raise ValueError("The weights of the scorecard are not allowed.")
    parts = {
        "conduct": _conduct(counts=counts),
        "quality": _quality(counts=counts),
        "timeliness": _share(counts.reports_on_time, counts.reports),
        "recovery": _recovery(counts=counts),
    }
    measured = {name: part for name, part in parts.items() if part is not None}
    total = sum(getattr(weights, name) for name in measured)
    score: int | None = None
    if total and (counts.visits or counts.reports):
        exact = sum((part * getattr(weights, name) for name, part in measured.items()), ZERO) * 100 / total
        score = int(exact.quantize(ONE, rounding=ROUND_HALF_UP))
    return Scorecard(score=score, parts=parts, standing=standing_for(score=score, red_lines=counts.red_lines))


def standing_for(*, score: int | None, red_lines: int) -> AgencyState | None:
    """Return the standing that a score calls for; None if there is no score and no red line."""
    if red_lines:
        return AgencyState.SUSPENDED
    if score is None:
        return None
    if score < EXIT_BELOW:
        return AgencyState.EXITED
    return AgencyState.RESTRICTED if score < RESTRICT_BELOW else AgencyState.ACTIVE


def weight_problems(*, weights: ScoreWeights) -> tuple[ConfigProblem, ...]:
    """Return why score weights are refused: negative, not 100 together, too much recovery, too little conduct."""
    every = (weights.conduct, weights.quality, weights.timeliness, weights.recovery)
    problems: list[ConfigProblem] = []
    if min(every) < 0 or sum(every) != 100:
        message = _("Weights must be positive and add up to 100.")
        problems.append(ConfigProblem(field="weights", code="NOT_100", message=message))
    if weights.recovery > RECOVERY_WEIGHT_MAX:
        problems.append(_recovery_problem(field="recovery"))
    if weights.conduct + weights.quality < CONDUCT_AND_QUALITY_MIN:
        message = format_lazy(_("Conduct and quality must weigh at least {n} together."), n=CONDUCT_AND_QUALITY_MIN)
        problems.append(ConfigProblem(field="conduct", code="CONDUCT_TOO_LOW", message=message))
    return tuple(problems)


def fee_problems(*, fees: FeeConfig) -> tuple[ConfigProblem, ...]:
    """
    Return why a fee configuration is refused; empty means it may be used.

    Refused: a basis that is not in the closed list (a fee by finding is not), weights that are negative or
    not 100 together, a share of recovery above 50, and any condition at all, because a fee must not hang
    on what a visit finds.
    """
    problems: list[ConfigProblem] = []
    unknown = sorted(set(fees.weights) - set(PAYABLE))
    if unknown:
        message = format_lazy(_("{basis} cannot be paid for; choose from the list."), basis=", ".join(unknown))
        problems.append(ConfigProblem(field="weights", code="UNKNOWN_BASIS", message=message))
    if any(weight < 0 for weight in fees.weights.values()) or sum(fees.weights.values()) != 100:
        message = _("Weights must be positive and add up to 100.")
        problems.append(ConfigProblem(field="weights", code="NOT_100", message=message))
    if fees.weights.get(FeeBasis.RECOVERY_SHARE, 0) > RECOVERY_WEIGHT_MAX:
        problems.append(_recovery_problem(field=FeeBasis.RECOVERY_SHARE.value))
    if fees.conditions:
        message = _("A fee may not depend on what a visit finds; remove the condition.")
        problems.append(ConfigProblem(field="conditions", code="DEPENDS_ON_FINDING", message=message))
    return tuple(problems)


def _recovery_problem(*, field: str) -> ConfigProblem:
    message = format_lazy(_("Recovery may weigh at most {n} percent; lower it."), n=RECOVERY_WEIGHT_MAX)
    return ConfigProblem(field=field, code="RECOVERY_TOO_HIGH", message=message)


def _share(part: int, whole: int) -> Decimal | None:
    return min(ONE, Decimal(part) / whole) if whole else None


def _conduct(*, counts: AgencyCounts) -> Decimal | None:
    if counts.red_lines:
        return ZERO
    if not counts.visits:
        return None
    clean = ONE - min(ONE, Decimal(counts.conduct_breaches) / counts.visits)
    complaints = Decimal(counts.complaints_upheld) * 1000 / counts.visits
    return min(clean, max(ZERO, ONE - complaints / COMPLAINTS_AT_ZERO))


def _quality(*, counts: AgencyCounts) -> Decimal | None:
    shares = [
        share
        for share in (
            _share(counts.reports_accepted_first, counts.reports),
            _share(counts.verdicts_confirmed, counts.verdicts_checked),
        )
        if share is not None
    ]
    return sum(shares, ZERO) / len(shares) if shares else None


def _recovery(*, counts: AgencyCounts) -> Decimal | None:
    if counts.expected_recovery <= 0:
        return None
    return max(ZERO, min(ONE, counts.recovered / counts.expected_recovery))
