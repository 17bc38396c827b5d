"""What a feature is: where a policy may use it."""

import pytest

from cases.rules.policy.feature import Place
from cases.rules.policy.features import FEATURES


def test_a_feature_that_no_part_may_use_is_in_no_rules() -> None:
    assert not FEATURES["territory_id"].in_rules
    assert FEATURES["days_past_due"].in_rules


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("verified_residence", {Place.GATE, Place.RULES}),
        ("verified_cause", {Place.GATE, Place.RULES}),
        ("verified_capacity", {Place.GATE, Place.RULES, Place.REWARDS}),
        ("verified_identity", {Place.GATE, Place.RULES, Place.REWARDS, Place.RESTRICTIONS}),
        ("false_statements", {Place.GATE, Place.RULES, Place.REWARDS, Place.RESTRICTIONS}),
        ("suspicion_signals", {Place.GATE, Place.RULES, Place.REWARDS}),
    ],
)
def test_where_somebody_lives_and_what_they_cannot_pay_is_no_ground_to_take_anything(name, places) -> None:
    assert FEATURES[name].places == places
