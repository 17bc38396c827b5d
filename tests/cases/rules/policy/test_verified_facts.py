"""The facts that a row of proposals may ask."""

import pytest

from cases.enums import SECTION_VERDICTS, Section
from cases.rules.decisions import DISPUTE_FINDINGS, FRAUD_FINDINGS, STOP_FINDINGS
from cases.rules.policy.feature import Place
from cases.rules.policy.features import FEATURES, PROTECTED_TRAITS
from cases.rules.policy.verified_facts import (
    FACT_LABELS,
    FACT_WORDS,
    FINDINGS,
    NEUTRAL_FACTS,
    VERIFIED_FACTS,
    feature_of,
    find_feature,
)


def test_no_fact_has_the_name_of_a_feature_of_accounts_or_is_a_protected_trait() -> None:
    assert not set(VERIFIED_FACTS) & set(FEATURES)
    assert not set(VERIFIED_FACTS) & PROTECTED_TRAITS


def test_each_section_has_its_verdict_and_how_sure_it_is() -> None:
    for section in Section.values:
        name = section.lower()
        assert {name, f"{name}_certainty", f"{name}_confidence"} <= set(VERIFIED_FACTS)
        assert FACT_WORDS[name] == tuple(map(str, SECTION_VERDICTS[section]))
        assert all(FACT_LABELS[name](word).label for word in FACT_WORDS[name])


def test_facts_belong_to_proposals_only_and_of_an_account_only_the_days_are_asked() -> None:
    assert {place for fact in VERIFIED_FACTS.values() for place in fact.places} == {Place.PROPOSALS}
    assert [name for name, feature in FEATURES.items() if Place.PROPOSALS in feature.places] == ["days_past_due"]


def test_no_finding_that_takes_precedence_can_be_asked() -> None:
    asked = frozenset().union(*FINDINGS.values())

    assert not asked & (DISPUTE_FINDINGS | FRAUD_FINDINGS | STOP_FINDINGS)
    assert set(FINDINGS) <= set(VERIFIED_FACTS)
    assert set(VERIFIED_FACTS) >= NEUTRAL_FACTS


def test_a_name_finds_a_feature_or_a_fact() -> None:
    assert feature_of("days_past_due") is FEATURES["days_past_due"]
    assert feature_of("cause") is VERIFIED_FACTS["cause"]
    assert find_feature("nothing") is None
    with pytest.raises(KeyError):
        feature_of("nothing")
