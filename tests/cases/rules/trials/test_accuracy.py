"""Precision, recall and lift, and what may be said about them from few accounts."""

import math
import random

import pytest

from cases.rules.policy.features import FEATURES
from cases.rules.policy.parser import parse_policy
from cases.rules.trials.accuracy import Confusion, differ, wilson
from cases.rules.trials.trial_figures import TrialFigures, figures_from, total
from tests.factories.policy import make_rule, policy_body
from tests.factories.portfolio import TODAY


def test_shares_and_lift_follow_from_the_four_counts() -> None:
    found = Confusion(observed=1000, bad=200, flagged=100, both=60)

    assert found.precision is not None
    assert found.recall is not None
    assert found.lift is not None
    assert (found.precision.value, found.recall.value, found.lift.value) == (0.6, 0.3, 3.0)
    # Wilson's interval of 60 of 100, as published tables give it.
    assert (round(found.precision.low, 4), round(found.precision.high, 4)) == (0.5020, 0.6906)
    assert found.lift.low < 3 < found.lift.high


def test_nothing_is_said_where_nothing_was_seen() -> None:
    nobody = Confusion(observed=0, bad=0, flagged=0, both=0)
    missed = Confusion(observed=10, bad=2, flagged=3, both=0)

    assert (nobody.base_rate, nobody.precision, nobody.recall, nobody.lift) == (None,) * 4
    assert missed.lift is None
    assert missed.recall is not None
    assert missed.recall.value == 0


def test_flagging_everybody_lifts_nothing_and_is_sure_of_it() -> None:
    lift = Confusion(observed=500, bad=50, flagged=500, both=50).lift

    assert lift is not None
    assert (round(lift.value, 9), round(lift.low, 9), round(lift.high, 9)) == (1.0, 1.0, 1.0)


@pytest.mark.parametrize(("bad", "flagged", "both", "observed"), [(1, 1, 2, 5), (5, 5, 0, 9), (-1, 0, 0, 5)])
def test_counts_that_contradict_each_other_are_refused(bad: int, flagged: int, both: int, observed: int) -> None:
    with pytest.raises(ValueError, match="contradict"):
        Confusion(observed=observed, bad=bad, flagged=flagged, both=both)


def test_the_interval_of_the_lift_holds_as_often_as_it_says() -> None:
    dice = random.Random(4)
    cells = (0.06, 0.10, 0.14, 0.70)
    truth = cells[0] / ((cells[0] + cells[1]) * (cells[0] + cells[2]))
    held = 0
    for _draw in range(600):
        drawn = dice.choices(range(4), cells, k=800)
        both, only_flagged, only_bad = (drawn.count(cell) for cell in range(3))
        lift = Confusion(observed=800, bad=both + only_bad, flagged=both + only_flagged, both=both).lift
        assert lift is not None
        held += lift.low <= truth <= lift.high

    assert 0.93 <= held / 600 <= 0.97


def test_two_versions_differ_only_where_their_intervals_do_not_touch() -> None:
    few, more = Confusion(observed=50, bad=20, flagged=10, both=6), Confusion(observed=50, bad=20, flagged=10, both=8)
    sure = Confusion(observed=5000, bad=2000, flagged=1000, both=900)
    assert few.precision
    assert more.precision
    assert sure.precision

    assert not differ(one=few.precision, other=more.precision)
    assert differ(one=few.precision, other=sure.precision)
    assert wilson(part=0, whole=0) is None
    within = wilson(part=0, whole=10)
    assert within is not None
    assert within[0] == 0
    assert math.isclose(within[1], 0.2775, abs_tol=1e-3)


def test_figures_survive_their_json_and_add_up() -> None:
    one = TrialFigures(
        business_date=TODAY,
        accounts=2,
        hits={"new": {"A": 2}},
        borrowers={"opened": 1},
        differences={"unfounded": {"A": [1]}},
        seconds=0.5,
    )
    other = TrialFigures(
        business_date=TODAY,
        accounts=3,
        hits={"new": {"A": 1, "B": 1}, "old": {"B": 4}},
        differences={"unfounded": {"A": [7]}},
    )

    summed = one.plus(other)

    assert figures_from(summed.as_json() | {"of_a_later_program": 1}) == summed
    assert (summed.accounts, summed.hits) == (5, {"new": {"A": 3, "B": 1}, "old": {"B": 4}})
    assert summed.differences == {"unfounded": {"A": [1, 7]}}
    assert total([one, other]) == summed
    assert total([]) is None


@pytest.mark.parametrize("name", ["outcome", "outcomes", "is_bad", "observed_outcome", "observedoutcome", "default"])
def test_no_rule_can_read_what_happened_later(name: str) -> None:
    from backoffice.core.errors import InvalidInput

    assert not [each for each in FEATURES.values() if name in each.name or "observedoutcome" in each.expression]
    with pytest.raises(InvalidInput):
        parse_policy(policy_body(rules=[make_rule(feature=name, op="is", value=True)]))
