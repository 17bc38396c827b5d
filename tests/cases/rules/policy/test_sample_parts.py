"""The samples are valid, so that a fault is always that of the part beside them."""

import pytest

from cases.rules.policy.parser import parse_policy
from cases.rules.policy.placed_rules import SECTIONS
from cases.rules.policy.proposal_parser import TERMS
from cases.rules.policy.sample_parts import AMOUNTS, DAYS, DECISIONS, EFFECTS, TAKEN, TOP, sample_rule


@pytest.mark.parametrize("section", SECTIONS)
def test_a_sample_of_each_section_is_valid(section: str) -> None:
    assert len(getattr(parse_policy({**TOP, section: [sample_rule(section)]}), section)) == 1


def test_samples_of_effects_decisions_and_parameters_are_valid() -> None:
    for kind, effect in EFFECTS.items():
        section = "rewards" if kind in ("LIMIT_INCREASE", "RATE_REDUCTION") else "restrictions"
        parse_policy({**TOP, section: [sample_rule(section) | {"effect": effect}]})
    for decision in DECISIONS.values():
        parse_policy({**TOP, "proposals": [sample_rule("proposals") | {"result": {**TAKEN, "decisions": [decision]}}]})
    policy = parse_policy({**TOP, "parameters": {"sla_days": DAYS, **dict.fromkeys(AMOUNTS, "1")}})

    assert set(DECISIONS) == set(TERMS)
    assert policy.parameters.grade_a_amount == 1
