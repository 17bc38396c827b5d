from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visits.enums import AgencyState, FeeBasis
from visits.rules.case_mix import Stratum
from visits.rules.scorecard import (
    AgencyCounts,
    FeeConfig,
    Scorecard,
    ScoreWeights,
    fee_problems,
    score_agencies,
    standing_for,
    weight_problems,
)

WEIGHTS = ScoreWeights()
KIND = Stratum(1, "C", "TO_90")
OTHER_KIND = Stratum(1, "A", "OVER_180")
FLAWLESS = AgencyCounts(
    visits=100,
    reports=100,
    reports_accepted_first=100,
    reports_on_time=100,
    verdicts_checked=10,
    verdicts_confirmed=10,
    recovered=Decimal("5000.00"),
    expected_recovery=Decimal("5000.00"),
)


def card(counts: AgencyCounts) -> Scorecard:
    """Return the card of an agency that is the only one: all agencies together are as it is."""
    return score_agencies(counts={1: {KIND: counts}}, weights=WEIGHTS)[1]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        (FLAWLESS, 100),
        (replace(FLAWLESS, recovered=Decimal(0)), 80),
        (replace(FLAWLESS, recovered=Decimal(99999)), 100),
        (replace(FLAWLESS, complaints_upheld=1), 83),  # ten per 1,000: half of conduct's 35 is gone
        (replace(FLAWLESS, conduct_breaches=100), 65),
        (replace(FLAWLESS, reports_accepted_first=50), 93),
        (replace(FLAWLESS, reports_on_time=0), 85),
        (replace(FLAWLESS, expected_recovery=Decimal(0)), 100),
        (replace(FLAWLESS, red_lines=1), 65),
    ],
)
def test_a_score_weighs_the_parts(counts: AgencyCounts, expected: int) -> None:
    found = card(counts)

    assert found.score == expected
    assert found.low is not None
    assert found.high is not None
    assert 0 <= found.low <= expected <= found.high <= 100


def test_an_agency_that_is_better_with_every_kind_of_case_has_the_higher_score() -> None:
    """Over all the first has 64 of 100 reports accepted at once, the second 86 of 100."""

    def counts(first: int, reports: int) -> AgencyCounts:
        return AgencyCounts(visits=reports, reports=reports, reports_accepted_first=first, reports_on_time=reports)

    cards = score_agencies(
        counts={
            1: {KIND: counts(10, 10), OTHER_KIND: counts(54, 90)},
            2: {KIND: counts(81, 90), OTHER_KIND: counts(5, 10)},
        },
        weights=WEIGHTS,
    )

    assert [(cards[n].score, cards[n].low, cards[n].high) for n in (1, 2)] == [(91, 79, 94), (90, 77, 92)]


@pytest.mark.parametrize("visits", [0, 1, 19])
def test_too_little_is_not_scored_and_changes_nothing_but_a_red_line_suspends(visits: int) -> None:
    counts = AgencyCounts(visits=visits, reports=visits)
    found = card(counts)

    assert (found.score, found.low, found.high, found.standing) == (None, None, None, None)
    assert card(replace(counts, red_lines=1)).standing == AgencyState.SUSPENDED
    assert card(AgencyCounts(visits=20, reports=20)).score is not None


@settings(deadline=None)
@given(
    breaches=st.integers(min_value=0, max_value=300),
    complaints=st.integers(min_value=0, max_value=300),
    recovered=st.decimals(min_value=0, max_value=10_000, places=2),
)
def test_a_score_is_bounded_and_falls_with_breaches(breaches: int, complaints: int, recovered: Decimal) -> None:
    counts = replace(FLAWLESS, conduct_breaches=breaches, complaints_upheld=complaints, recovered=recovered)

    before, after = card(counts).score, card(replace(counts, conduct_breaches=breaches + 10)).score

    assert before is not None
    assert after is not None
    assert 0 <= after <= before <= 100


@pytest.mark.parametrize(
    ("value", "red_lines", "expected"),
    [
        (70, 0, AgencyState.ACTIVE),
        (69, 0, AgencyState.RESTRICTED),
        (60, 0, AgencyState.RESTRICTED),
        (59, 0, AgencyState.EXITED),
        (100, 1, AgencyState.SUSPENDED),
        (None, 1, AgencyState.SUSPENDED),
        (None, 0, None),
    ],
)
def test_standing_for(value: int | None, red_lines: int, expected: AgencyState | None) -> None:
    assert standing_for(score=value, red_lines=red_lines) == expected


@pytest.mark.parametrize(
    ("weights", "codes"),
    [
        (WEIGHTS, []),
        (ScoreWeights(conduct=25, quality=25, timeliness=0, recovery=50), []),
        (ScoreWeights(conduct=25, quality=24, timeliness=0, recovery=51), ["RECOVERY_TOO_HIGH", "CONDUCT_TOO_LOW"]),
        (ScoreWeights(conduct=20, quality=20, timeliness=40, recovery=20), ["CONDUCT_TOO_LOW"]),
        (ScoreWeights(conduct=35, quality=30, timeliness=15, recovery=21), ["NOT_100"]),
        (ScoreWeights(conduct=60, quality=60, timeliness=-20, recovery=0), ["NOT_100"]),
    ],
)
def test_weight_problems(weights: ScoreWeights, codes: list[str]) -> None:
    assert [problem.code for problem in weight_problems(weights=weights)] == codes


def test_score_agencies_refuses_forbidden_weights() -> None:
    with pytest.raises(ValueError, match="weights"):
        score_agencies(counts={}, weights=ScoreWeights(conduct=0, quality=0, timeliness=0, recovery=100))


@pytest.mark.parametrize(
    ("fees", "codes"),
    [
        (FeeConfig(weights={FeeBasis.PER_VISIT: 50, FeeBasis.RECOVERY_SHARE: 50}), []),
        (FeeConfig(weights={"PER_VISIT": 49, "RECOVERY_SHARE": 51}), ["RECOVERY_TOO_HIGH"]),
        (FeeConfig(weights={"RECOVERY_SHARE": 100}), ["RECOVERY_TOO_HIGH"]),
        (FeeConfig(weights={"PER_VISIT": 80, "PER_BORROWER_MET": 20}), ["UNKNOWN_BASIS"]),
        (FeeConfig(weights={"PER_VISIT": 100}, conditions=["finding == F01"]), ["DEPENDS_ON_FINDING"]),
        (FeeConfig(weights={"PER_VISIT": 90}), ["NOT_100"]),
    ],
)
def test_fee_problems(fees: FeeConfig, codes: list[str]) -> None:
    assert [problem.code for problem in fee_problems(fees=fees)] == codes
