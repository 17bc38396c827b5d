"""A draft with faults keeps its valid parts."""

from cases.rules.policy.draft_reading import read_draft
from tests.factories.policy import make_rule, policy_body
from tests.factories.proposals import rest


def test_read_draft_keeps_the_sound_parts_of_a_body_with_faults() -> None:
    reading = read_draft(policy_body(rules=[make_rule(), make_rule(code=""), make_rule(code="X1", when={})]))

    assert reading.policy is None
    assert reading.is_countable
    assert [(p.path, p.when is not None, p.rule is not None) for p in reading.parts if p.path.startswith("rules")] == [
        ("rules[0]", True, True),
        ("rules[1]", True, False),
        ("rules[2]", False, False),
    ]


def test_read_draft_counts_nothing_without_rates_or_gate() -> None:
    assert not read_draft(policy_body(rates={})).is_countable
    assert not read_draft(policy_body(gate={"all": []})).is_countable
    assert not read_draft(None).is_countable


def test_read_draft_keeps_the_sound_rows_of_a_table_of_proposals() -> None:
    broken = rest("BROKEN")
    broken["result"] = {}

    reading = read_draft(policy_body(proposals=[broken, rest()]))

    parts = [part for part in reading.parts if part.path.startswith("proposals")]
    assert [(part.code, part.when is None, part.rule is None) for part in parts] == [
        ("BROKEN", False, True),
        ("REST", False, False),
    ]
