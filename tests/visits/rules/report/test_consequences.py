"""What an accepted report changes in the case: one value from findings, sections, evidence and promise."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from visits.enums import AddressVerdict, Finding, PersonMet
from visits.rules.report.consequences import (
    AcceptedReport,
    EvidenceTrust,
    Fact,
    Observation,
    Promise,
    report_consequences,
)

VISITED_AT = datetime(2026, 3, 4, 2, 30, 0, 7, tzinfo=UTC)


def accepted(*findings, person="BORROWER", verdict="VALID", **fields):
    return AcceptedReport(
        findings=tuple(Finding(each) for each in findings),
        person_met=PersonMet(person),
        address_verdict=AddressVerdict(verdict),
        visited_at=VISITED_AT,
        **fields,
    )


def test_a_crew_that_turned_back_establishes_nothing():
    assert report_consequences(report=accepted("F41", person="NOBODY", verdict="DOUBTFUL")) is None


@pytest.mark.parametrize(
    ("findings", "person", "verdict", "outcome", "address", "flags"),
    [
        (("F01",), "BORROWER", "VALID", "RIGHT_PARTY", "VALID", ()),
        (("F02",), "BORROWER", "VALID", "RIGHT_PARTY", "VALID", ("HARDSHIP",)),
        (("F02", "F03"), "BORROWER", "VALID", "RIGHT_PARTY", "VALID", ("DISPUTED", "HARDSHIP")),
        (("F10",), "FAMILY_ADULT", "DOUBTFUL", "THIRD_PARTY", None, ()),
        (("F10",), "FAMILY_ADULT", "VALID", "THIRD_PARTY", "VALID", ()),
        (("F20",), "NOBODY", "INVALID", "NO_ANSWER", None, ()),
        (("F21",), "NOBODY", "VALID", "NO_ANSWER", "DOUBTFUL", ()),
        (("F22",), "NEIGHBOUR", "INVALID", "THIRD_PARTY", "INVALID", ()),
    ],
)
def test_findings_decide_contact_address_and_flags(findings, person, verdict, outcome, address, flags):
    found = report_consequences(report=accepted(*findings, person=person, verdict=verdict))

    assert (found.outcome, found.address, found.flags) == (outcome, address, flags)
    assert found.right_party_met == (outcome == "RIGHT_PARTY")
    assert found.cooperative == bool({"F01", "F02"} & set(findings))
    assert found.visited_at == VISITED_AT


@pytest.mark.parametrize(
    ("evidence", "confidence", "refs"),
    [
        ((), "0.45", ()),
        ((("E1", "", 100),), "0.90", ("E1",)),
        ((("E1", "", 100), ("E2", "CAPACITY", 50)), "0.68", ("E1", "E2")),
        ((("E1", "IDENTITY", 100),), "0.45", ()),
        ((("E1", "CAPACITY", 0),), "0.00", ("E1",)),
    ],
)
def test_confidence_is_scaled_by_the_mean_trust_of_the_evidence_of_its_section(evidence, confidence, refs):
    report = accepted(
        "F06",
        person="UNCONFIRMED",
        verdict="DOUBTFUL",
        observations=(Observation(section="CAPACITY", verdict="ABLE", confidence=Decimal("0.90")),),
        evidence=tuple(EvidenceTrust(ref=ref, section=section, score=score) for ref, section, score in evidence),
    )

    found = report_consequences(report=report)

    assert found.facts == (Fact(section="CAPACITY", verdict="ABLE", confidence=Decimal(confidence), evidence=refs),)


@pytest.mark.parametrize(
    ("finding", "person", "verdict", "confidence"),
    [
        ("F23", "NOBODY", "REFUTED", "0.40"),
        ("F22", "NEIGHBOUR", "REFUTED", "0.25"),
        ("F01", "BORROWER", "CONFIRMED", "0.40"),
    ],
)
def test_without_a_residence_section_the_finding_establishes_the_address_and_hearsay_less(
    finding, person, verdict, confidence
):
    found = report_consequences(report=accepted(finding, person=person))

    assert found.facts == (Fact(section="RESIDENCE", verdict=verdict, confidence=Decimal(confidence)),)


def test_a_residence_section_of_the_crew_stands_instead_of_the_finding():
    seen = Observation(section="RESIDENCE", verdict="CONFIRMED", confidence=Decimal("1.00"))

    found = report_consequences(report=accepted("F01", observations=(seen,)))

    assert found.facts == (Fact(section="RESIDENCE", verdict="CONFIRMED", confidence=Decimal("0.50")),)


def test_a_promise_is_passed_on_as_it_was_given():
    promise = Promise(amount=Decimal("3000.00"), due_on=date(2026, 3, 12))

    assert report_consequences(report=accepted("F01", promise=promise)).promise == promise
