"""How long a verified fact counts, and when it is firm."""

from datetime import date
from decimal import Decimal

import pytest

from cases.enums import Section
from cases.rules.verification import COUNTS_FOR_DAYS, SectionFact, certainty_of, counts_until


def test_every_section_has_a_length():
    assert set(COUNTS_FOR_DAYS) == set(Section)


@pytest.mark.parametrize(
    ("section", "last_day"),
    [
        ("IDENTITY", date(2027, 3, 2)),
        ("RESIDENCE", date(2026, 8, 29)),
        ("CAPACITY", date(2026, 5, 31)),
        ("CAUSE", date(2026, 5, 31)),
    ],
)
def test_counts_until_the_last_day(section, last_day):
    assert counts_until(section=section, verified_on=date(2026, 3, 2)) == last_day


@pytest.mark.parametrize(
    ("confidence", "evidence", "firm"), [("0.80", True, True), ("0.79", True, False), ("1", False, False)]
)
def test_a_fact_is_firm_with_evidence_and_enough_confidence(confidence, evidence, firm):
    fact = SectionFact(confidence=Decimal(confidence), has_evidence=evidence)

    assert fact.is_firm(confidence=Decimal("0.80")) is firm


@pytest.mark.parametrize(
    ("confidence", "evidence", "word"),
    [
        ("0.80", True, "FIRM"),
        ("0.95", False, "LIKELY"),
        ("0.79", True, "LIKELY"),
        ("0.50", True, "LIKELY"),
        ("0.49", True, "WEAK"),
    ],
)
def test_certainty_in_words(confidence, evidence, word):
    fact = SectionFact(confidence=Decimal(confidence), has_evidence=evidence)

    assert certainty_of(fact=fact, firm=Decimal("0.80")) == word
