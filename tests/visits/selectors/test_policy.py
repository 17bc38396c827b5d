"""The conduct limits in force: an operator may only tighten them."""

import pytest

from visits.rules.conduct.policy import ConductPolicy, PolicyLoosened
from visits.selectors.policy import conduct_policy


def test_without_own_values_the_shipped_limits_hold(settings):
    settings.CONDUCT = {}
    assert conduct_policy() == ConductPolicy()


def test_an_operators_value_tightens_and_a_looser_one_is_refused(settings):
    settings.CONDUCT = {"notice_min_hours": 48}
    assert conduct_policy().notice_min_hours == 48

    settings.CONDUCT = {"notice_min_hours": 12}
    with pytest.raises(PolicyLoosened):
        conduct_policy()
