"""
An agency's score, 0..100, and what may be paid for (domain a 35 and table b, agency).

Agencies are compared at the mix of cases of all of them (`case_mix`), so that hard cases do not count against whoever takes
them. Conduct and quality weigh at least half together; recovery never more than half (a house value behind
art. 66 of the credit-card measures, which forbids appraisal by recovery alone). Nothing depends on what a
visit finds: an agency earns the same for a borrower met and for an address that does not exist.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from visits.enums import AgencyState, FeeBasis
from visits.rules.case_mix import PRIOR_CASES, Rate, Stratum, Tally, standardised_rates

ONE, ZERO = Decimal(1), Decimal(0)
CERTAINLY_ZERO = Rate(rate=ZERO, low=ZERO, high=ZERO)
RECOVERY_WEIGHT_MAX = 50
CONDUCT_AND_QUALITY_MIN = 50
RESTRICT_BELOW = 70
EXIT_BELOW = 60
# Upheld complaints for 1,000 visits at which the complaints part of conduct reaches zero.
COMPLAINTS_AT_ZERO = Decimal(20)
# How many visits the complaints of all agencies count for; more than `PRIOR_CASES`, because a complaint is rare.
PRIOR_VISITS = 200
# With fewer visits in the period an agency has no score: chance would say more than its work.
ENOUGH_VISITS = 20
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
    What an agency did in the period with cases of one kind. Amounts are in the lender's currency.

    `expected_recovery` is what comparable cases brought in elsewhere. `complaints_upheld` are those about its own visits.
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

    `low` and `high` hold the score with 90 % certainty. All three are None while the agency did too little to be scored;
    the standing is then unchanged, said by None.
    """

    score: int | None
    low: int | None
    high: int | None
    parts: Mapping[str, Rate | None]
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


def score_agencies(
    *, counts: Mapping[int, Mapping[Stratum, AgencyCounts]], weights: ScoreWeights
) -> dict[int, Scorecard]:
    """
    Return the scorecard of each agency (by its number) for a period, compared with all that are given.

    Parts: conduct = visits without a breach, and upheld complaints per 1,000 visits (20 bring it to zero), the worse of the
    two; quality = reports accepted at first review, averaged with address verdicts later confirmed; timeliness = reports on
    time; recovery = recovered over expected, at most 1. Every rate is standardised to the cases of all agencies. A part that
    cannot be measured gives its weight to the others in proportion. One red line makes conduct zero and suspends at once,
    whatever the score; below 70 no new cases; below 60 exit. The score decides, not the ends of its interval.

    :raises ValueError: if the weights are refused by `weight_problems`.
    """
    if weight_problems(weights=weights):
        raise ValueError("The weights of the scorecard are not allowed.")
    rates = {
        "clean": _rates(counts, lambda c: (c.visits - min(c.visits, c.conduct_breaches), c.visits)),
        "content": _rates(
            counts, lambda c: (c.visits - min(c.visits, c.complaints_upheld), c.visits), prior_cases=PRIOR_VISITS
        ),
        "first": _rates(counts, lambda c: (c.reports_accepted_first, c.reports)),
        "confirmed": _rates(counts, lambda c: (c.verdicts_confirmed, c.verdicts_checked)),
        "on_time": _rates(counts, lambda c: (c.reports_on_time, c.reports)),
    }
    return {
        agency: _card(
            rates={name: of.get(agency) for name, of in rates.items()}, own=list(own.values()), weights=weights
        )
        for agency, own in counts.items()
    }


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


def _rates(
    counts: Mapping[int, Mapping[Stratum, AgencyCounts]],
    of: Callable[[AgencyCounts], tuple[int, int]],
    prior_cases: int = PRIOR_CASES,
) -> dict[int, Rate]:
    tallies: dict[int, dict[Stratum, Tally]] = {}
    for agency, own in counts.items():
        found = {stratum: of(count) for stratum, count in own.items()}
        tallies[agency] = {
            stratum: Tally(good=min(good, count), count=count) for stratum, (good, count) in found.items()
        }
    return standardised_rates(tallies=tallies, prior_cases=prior_cases)


def _card(*, rates: Mapping[str, Rate | None], own: Sequence[AgencyCounts], weights: ScoreWeights) -> Scorecard:
    red_lines = sum(count.red_lines for count in own)
    parts = {
        "conduct": CERTAINLY_ZERO if red_lines else _conduct(clean=rates["clean"], content=rates["content"]),
        "quality": _mean([rate for rate in (rates["first"], rates["confirmed"]) if rate is not None]),
        "timeliness": rates["on_time"],
        "recovery": _recovery(own),
    }
    measured = {name: part for name, part in parts.items() if part is not None}
    total = sum(getattr(weights, name) for name in measured)
    if not total or sum(count.visits for count in own) < ENOUGH_VISITS:
        return Scorecard(
            score=None, low=None, high=None, parts=parts, standing=standing_for(score=None, red_lines=red_lines)
        )
    # The interval of a weighted sum from those of its parts: the distances to an end add up as squares do.
    exact = below = above = ZERO
    for name, part in measured.items():
        weight = Decimal(100 * getattr(weights, name)) / total
        exact += weight * part.rate
        below += (weight * (part.rate - part.low)) ** 2
        above += (weight * (part.high - part.rate)) ** 2
    score = _points(exact)
    return Scorecard(
        score=score,
        low=_points(max(ZERO, exact - below.sqrt())),
        high=_points(min(Decimal(100), exact + above.sqrt())),
        parts=parts,
        standing=standing_for(score=score, red_lines=red_lines),
    )


def _points(exact: Decimal) -> int:
    return int(exact.quantize(ONE, rounding=ROUND_HALF_UP))


def _conduct(*, clean: Rate | None, content: Rate | None) -> Rate | None:
    if clean is None or content is None:
        return None

    def kept(share: Decimal) -> Decimal:
        return max(ZERO, ONE - (ONE - share) * 1000 / COMPLAINTS_AT_ZERO)

    return Rate(
        rate=min(clean.rate, kept(content.rate)),
        low=min(clean.low, kept(content.low)),
        high=min(clean.high, kept(content.high)),
    )


def _mean(rates: Sequence[Rate]) -> Rate | None:
    if not rates:
        return None
    n = len(rates)
    return Rate(
        rate=sum((rate.rate for rate in rates), ZERO) / n,
        low=sum((rate.low for rate in rates), ZERO) / n,
        high=sum((rate.high for rate in rates), ZERO) / n,
    )


def _recovery(own: Sequence[AgencyCounts]) -> Rate | None:
    expected = sum((count.expected_recovery for count in own), ZERO)
    if expected <= 0:
        return None
    share = max(ZERO, min(ONE, sum((count.recovered for count in own), ZERO) / expected))
    return Rate(rate=share, low=share, high=share)
