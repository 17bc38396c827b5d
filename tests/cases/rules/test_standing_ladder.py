"""The ladder of standing: payments move it, events fade, and the way up is always named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.policy.features import STATEMENT_WINDOW_MONTHS
from cases.rules.standing_ladder import (
    BAND_FROM,
    HALF_LIFE_MONTHS,
    MONTHS_COUNTED,
    WEIGHTS,
    Band,
    Period,
    band_of,
    next_step,
    points_left,
    points_of,
    score_of,
)

PERIODS = st.lists(
    st.builds(
        Period,
        months_ago=st.integers(0, 50),
        days_past_due=st.sampled_from([0, 0, 0, 1, 30, 31, 180]),
        is_idle=st.booleans(),
    ),
    max_size=40,
    unique_by=lambda period: period.months_ago,
)


def on_time(months: int, *, since: int = 1) -> list[Period]:
    return [Period(months_ago=ago, days_past_due=0) for ago in range(since, since + months)]


@pytest.mark.parametrize(
    ("days", "is_idle", "points"), [(0, False, 35), (1, False, -20), (30, False, -20), (31, False, -40), (31, True, 0)]
)
def test_points_of_a_period(days, is_idle, points):
    assert points_of(period=Period(months_ago=0, days_past_due=days, is_idle=is_idle)) == points


def test_points_halve_every_six_months():
    assert [str(points_left(period=Period(months_ago=ago, days_past_due=0))) for ago in (0, 6, 12, 35, 36)] == [
        "35.0",
        "17.5",
        "8.8",
        "0.6",
        "0.0",
    ]
    assert (HALF_LIFE_MONTHS, len(WEIGHTS), MONTHS_COUNTED) == (6, 36, STATEMENT_WINDOW_MONTHS)


# Worked by hand: 600 and 35 for each month, halved every six.
@pytest.mark.parametrize(("months", "score", "band"), [(1, 631, "C"), (3, 684, "C"), (6, 743, "B"), (12, 814, "A")])
def test_months_on_time_lead_up_the_ladder(months, score, band):
    found = score_of(periods=on_time(months))

    assert (found, band_of(score=found)) == (score, band)


def test_nothing_is_known_without_a_period():
    assert score_of(periods=[]) is None
    assert score_of(periods=[Period(months_ago=36, days_past_due=90)]) is None
    assert next_step(periods=[]) is None


@pytest.mark.parametrize(
    ("score", "band"), [(800, "A"), (799, "B"), (700, "B"), (600, "C"), (500, "D"), (499, "E"), (0, "E")]
)
def test_bands_begin_where_the_house_says(score, band):
    assert band_of(score=score) == band


def test_the_way_up_is_named():
    late = [Period(months_ago=1, days_past_due=45), *on_time(5, since=2)]

    step = next_step(periods=late)

    assert step is not None
    assert (score_of(periods=late), step.band, step.months) == (676, Band.B, 2)
    later = [*on_time(2), *(Period(months_ago=p.months_ago + 2, days_past_due=p.days_past_due) for p in late)]
    assert (
        score_of(periods=later)
        >= 700
        > score_of(
            periods=[*on_time(1), *(Period(months_ago=p.months_ago + 1, days_past_due=p.days_past_due) for p in late)]
        )
    )


@given(PERIODS)
def test_every_standing_has_a_way_up_and_stays_within_its_bounds(periods):
    score = score_of(periods=periods)
    step = next_step(periods=periods)

    if score is None:
        assert step is None
        return
    assert 0 <= score <= 1000
    if score >= BAND_FROM[0][1]:
        assert step is None
    else:
        assert step is not None
        assert 1 <= step.months <= 24


@given(PERIODS, st.integers(0, 35))
def test_a_late_period_never_helps_and_one_on_time_never_harms(periods, ago):
    others = [period for period in periods if period.months_ago != ago]
    kept, late, idle = (
        score_of(periods=[*others, Period(months_ago=ago, days_past_due=days, is_idle=is_idle)]) or 0
        for days, is_idle in ((0, False), (60, False), (0, True))
    )

    assert late <= idle <= kept
