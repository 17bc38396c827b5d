"""Prolonging: an evaluation of the last 12 months, one of the 90 days before the end, and a score that is not too poor."""

from datetime import date, timedelta

import pytest
from django.utils.translation import override

from visits.rules.agencies.renewal import Evaluated, prolonging_gaps, renewal_gaps

ENDS = date(2026, 8, 31)
BEGINS = date(2026, 6, 2)
YEARLY = "The agency has no evaluation of the last twelve months; evaluate it first."
BEFORE = "The evaluation before the contract's end is missing; it is made from 2026-06-02 to 2026-08-31."


@pytest.fixture(autouse=True)
def _english(settings):
    """Compare words in English."""
    settings.LANGUAGE_CODE = "en"
    with override("en"):
        yield


def gaps(*evaluations, day=BEGINS):
    found = prolonging_gaps(evaluations=evaluations, contract_ends_on=ENDS, day=day)
    return [str(each) for each in found]


def on(day, score=80):
    return Evaluated(on=day, score=score)


def test_one_evaluation_before_the_end_meets_both():
    assert gaps(on(BEGINS)) == []


def test_without_any_both_are_missing():
    assert gaps() == [YEARLY, BEFORE]


@pytest.mark.parametrize(("day", "missing"), [(BEGINS - timedelta(days=1), [BEFORE]), (BEGINS, [])])
def test_an_evaluation_counts_for_the_end_from_ninety_days_before(day, missing):
    assert gaps(on(day)) == missing


@pytest.mark.parametrize(("after", "missing"), [(0, []), (1, [BEFORE])])
def test_an_evaluation_after_the_end_is_too_late(after, missing):
    assert gaps(on(ENDS + timedelta(days=after)), day=ENDS + timedelta(days=10)) == missing


@pytest.mark.parametrize(("back", "missing"), [(364, []), (365, [YEARLY])])
def test_the_yearly_evaluation_is_younger_than_a_year(back, missing):
    day = BEGINS - timedelta(days=1)

    assert gaps(on(day - timedelta(days=back)), day=day) == missing


def test_an_evaluation_of_tomorrow_does_not_count():
    assert gaps(on(BEGINS + timedelta(days=1))) == [YEARLY, BEFORE]


@pytest.mark.parametrize(("score", "refused"), [(60, False), (59, True)])
def test_below_sixty_nothing_is_prolonged(score, refused):
    assert bool(gaps(on(BEGINS, score))) is refused
    # The last one decides.
    assert gaps(on(BEGINS, score), on(BEGINS + timedelta(days=1), 90), day=BEGINS + timedelta(days=1)) == []


@pytest.mark.parametrize(
    ("until", "day", "count"),
    [
        (ENDS + timedelta(days=1), BEGINS, 0),
        (ENDS, BEGINS, 1),
        (ENDS + timedelta(days=1098), BEGINS, 0),
        (ENDS + timedelta(days=1099), BEGINS, 1),
        (ENDS + timedelta(days=400), BEGINS - timedelta(days=1), 1),
        (ENDS + timedelta(days=5), ENDS + timedelta(days=5), 1),
    ],
)
def test_the_new_end_is_later_within_three_years_and_not_asked_for_too_early(until, day, count):
    evaluations = [on(BEGINS - timedelta(days=30)), on(BEGINS)]

    assert len(renewal_gaps(evaluations=evaluations, contract_ends_on=ENDS, until=until, day=day)) == count
