"""The policy of a new installation is valid."""

import pytest

from cases.rules.policy.default_policy import DEFAULT_POLICY, HOUSE_PROPOSAL_PARAMETERS, with_house_settings
from cases.rules.policy.default_proposals import DEFAULT_PROPOSALS
from cases.rules.policy.faults import faults_of
from cases.rules.policy.parser import parse_policy


def test_parse_policy_reads_the_shipped_one() -> None:
    policy = parse_policy(DEFAULT_POLICY)

    assert [rule.code for rule in policy.rules] == [
        "LARGE_ARREARS",
        "LONG_OVERDUE_UNREACHABLE",
        "FALSE_INFORMATION",
        "STRATEGY_UPGRADE",
    ]


def test_a_new_draft_begins_with_the_house_settings_that_its_version_lacks():
    body = {"currency": "CNY", "parameters": {"grade_a_amount": "9"}}

    assert with_house_settings(body) == {
        "currency": "CNY",
        "parameters": {"grade_a_amount": "9", "max_figures_age_days": 3, **HOUSE_PROPOSAL_PARAMETERS},
        "caps": {"max_exposure_share": "0.002"},
        "proposals": DEFAULT_PROPOSALS,
    }
    assert with_house_settings({"proposals": DEFAULT_PROPOSALS[-1:]})["proposals"] == DEFAULT_PROPOSALS[-1:]
    assert with_house_settings({"caps": {"max_exposure_share": "0.01"}})["caps"] == {"max_exposure_share": "0.01"}
    assert with_house_settings({"parameters": {"max_figures_age_days": 9}})["parameters"] == {
        "max_figures_age_days": 9,
        **HOUSE_PROPOSAL_PARAMETERS,
    }
    assert body == {"currency": "CNY", "parameters": {"grade_a_amount": "9"}}


@pytest.mark.parametrize("days", [0, 366, "x", True, None])
def test_an_age_of_figures_that_is_no_number_of_days_is_named(days):
    body = DEFAULT_POLICY | {"parameters": {"max_figures_age_days": days}}

    assert [fault.path for fault in faults_of(body)] == ["parameters.max_figures_age_days"]
