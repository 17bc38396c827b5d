"""The conduct limits in force, by the territory's jurisdiction: an operator may only tighten them."""

from datetime import time

import pytest

from backoffice.access.models import Territory
from visits.rules.conduct.jurisdictions import SHIPPED
from visits.rules.conduct.policy import ConductPolicy, PolicyLoosened
from visits.selectors.policy import conduct_policy, problems_of_own_limits


def territory(code, zone):
    return Territory(code="T1", name="T1", jurisdiction=code, time_zone=zone)


def test_without_own_values_the_shipped_limits_hold(settings):
    settings.CONDUCT = {}
    assert conduct_policy() == ConductPolicy()
    # China has one official time, in Xinjiang too.
    assert conduct_policy(territory=territory("CN", "Asia/Urumqi")) == ConductPolicy()


def test_a_territory_has_the_limits_of_its_jurisdiction_by_its_own_clock():
    found = conduct_policy(territory=territory("AU", "Australia/Perth"))

    assert (found.jurisdiction, found.permission_first, found.official_time_zone) == ("AU", True, "Australia/Perth")
    assert found.version == SHIPPED["AU"].policy.version


def test_an_operators_value_tightens_one_jurisdiction_and_a_looser_one_is_refused(settings):
    settings.CONDUCT = {"UK": {"notice_min_hours": 48, "visit_until": "18:30"}}
    found = conduct_policy(territory=territory("UK", "Europe/London"))
    assert (found.notice_min_hours, found.visit_until) == (48, time(18, 30))
    assert conduct_policy().notice_min_hours == 24

    settings.CONDUCT = {"CN": {"notice_min_hours": 12}}
    with pytest.raises(PolicyLoosened):
        conduct_policy()


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ({}, []),
        ({"CN": {"visit_until": "19:00"}}, []),
        ({"notice_min_hours": 48}, ["CONDUCT holds limits by the code"]),
        ({"FR": {}}, ["CONDUCT names no jurisdiction with FR."]),
        (
            {"CN": {"visit_until": "7 pm"}, "IN": {"visit_until": "20:00"}},
            ["CONDUCT of CN:", "CONDUCT of IN:"],
        ),
        ({"CN": {"visits_a_day": 1}}, ["CONDUCT of CN:"]),
    ],
)
def test_what_is_wrong_with_an_operators_limits_is_said(own, expected):
    problems = problems_of_own_limits(own=own)

    assert len(problems) == len(expected)
    assert all(problem.startswith(start) for problem, start in zip(problems, expected, strict=True))
