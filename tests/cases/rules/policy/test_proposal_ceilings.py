"""The strongest restriction by finding: every verdict has a ceiling, and only firm wilful default lifts it."""

from itertools import product

from cases.enums import ADVERSE_KINDS, Certainty
from cases.rules.policy.proposal_ceilings import CEILINGS, STRENGTH
from cases.rules.policy.verified_facts import FACT_WORDS


def test_every_verdict_that_a_restriction_may_rest_on_has_exactly_one_ceiling() -> None:
    words = [(each.finding.feature, each.finding.value) for each in CEILINGS]
    sections = ("identity", "capacity", "cause")

    expected = {(name, word) for name in sections for word in FACT_WORDS[name]}
    expected |= set(product(("capacity_certainty", "cause_certainty"), Certainty.values))
    assert len(words) == len(set(words))
    assert set(words) == expected | {("hardship_told", True)}


def test_only_a_confirmed_able_and_wilful_borrower_on_firm_facts_can_be_restricted() -> None:
    allowing = {(each.finding.feature, each.finding.value) for each in CEILINGS if each.strongest}

    assert allowing == {
        ("identity", "CONFIRMED"),
        ("capacity", "ABLE"),
        ("capacity_certainty", "FIRM"),
        ("cause", "WILFUL"),
        ("cause_certainty", "FIRM"),
    }


def test_a_ceiling_allows_what_is_milder() -> None:
    assert set(STRENGTH) == set(ADVERSE_KINDS)
    for ceiling in CEILINGS:
        allowed = [ceiling.allows(kind) for kind in STRENGTH]
        assert allowed == sorted(allowed, reverse=True)
        assert any(allowed) is (ceiling.strongest is not None)
        assert ceiling.source
