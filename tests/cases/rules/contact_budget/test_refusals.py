"""Refusals: their clause, their words, and how they are kept."""

from datetime import UTC, datetime

import pytest
from django.utils import translation

from cases.enums import ContactRule, FlagKind
from cases.rules.contact_budget.jurisdictions import AUSTRALIA, CHINA
from cases.rules.contact_budget.refusals import SOURCES, WORDS, as_kept, from_kept, refusal

UNTIL = datetime(2026, 3, 2, 16, tzinfo=UTC)


def test_hours_and_caps_have_the_text_of_the_jurisdiction_as_clause() -> None:
    assert [refusal(rule=ContactRule.QUIET_HOURS, policy=policy).source for policy in (CHINA, AUSTRALIA)] == [
        "GB/T 45251-2025; CBA 2026 guideline",
        "ASIC/ACCC RG 96 (13 April 2021)",
    ]
    assert refusal(rule=ContactRule.AFTER_PROMISE, policy=CHINA).source == SOURCES[ContactRule.AFTER_PROMISE]


@pytest.mark.parametrize("rule", [rule for rule in ContactRule if rule != ContactRule.CIRCUMSTANCE])
def test_every_rule_says_what_to_do(rule: ContactRule) -> None:
    assert str(refusal(rule=rule, policy=CHINA).words) == str(WORDS[rule])


def test_a_circumstance_is_named() -> None:
    refused = refusal(rule=ContactRule.CIRCUMSTANCE, policy=CHINA, about=FlagKind.DECEASED)

    with translation.override("en"):
        assert str(refused.words) == "Deceased: no contact for this purpose."


@pytest.mark.parametrize(("until", "about"), [(UNTIL, None), (None, FlagKind.CEASE)])
def test_what_is_kept_gives_the_same_refusal_again(until: datetime | None, about: FlagKind | None) -> None:
    refused = refusal(rule=ContactRule.CIRCUMSTANCE, policy=CHINA, until=until, about=about)

    assert from_kept(as_kept(refused)) == refused
