"""What an accepted report changes in the case: one value from findings, sections, evidence and promise."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from visits.enums import AddressVerdict, Finding, PersonMet
from visits.rules.report.admissible import PaperProof
from visits.rules.report.consequences import (
    AcceptedReport,
    EvidenceTrust,
    Fact,
    Observation,
    Promise,
    report_consequences,
    supports,
)

VISITED_AT = datetime(2026, 3, 4, 2, 30, 0, 7, tzinfo=UTC)


ABLE = Observation(section="CAPACITY", verdict="ABLE", confidence=Decimal("0.90"))
HOME = Observation(section="RESIDENCE", verdict="CONFIRMED", confidence=Decimal("0.90"))
FLOW = PaperProof(ref="paper:1", section="CAPACITY", kind="BANK_STATEMENT", is_sound=True)


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
        ((), "0.45", ("paper:1",)),
        ((("E1", "", 100),), "0.90", ("E1", "paper:1")),
        ((("E1", "", 100), ("E2", "CAPACITY", 50)), "0.68", ("E1", "E2", "paper:1")),
        ((("E1", "IDENTITY", 100),), "0.45", ("paper:1",)),
    ],
)
def test_confidence_is_scaled_by_the_mean_trust_of_the_evidence_of_its_section(evidence, confidence, refs):
    report = accepted(
        "F06",
        person="UNCONFIRMED",
        verdict="DOUBTFUL",
        observations=(ABLE,),
        papers=(FLOW,),
        evidence=tuple(EvidenceTrust(ref=ref, section=section, score=score) for ref, section, score in evidence),
    )

    found = report_consequences(report=report)

    assert found.facts == (Fact(section="CAPACITY", verdict="ABLE", confidence=Decimal(confidence), evidence=refs),)


@pytest.mark.parametrize(
    ("observation", "papers", "score"),
    [
        (ABLE, (), 100),
        (ABLE, (replace(FLOW, is_sound=False),), 100),
        (replace(ABLE, confidence=Decimal(0)), (FLOW,), 100),
        # The trust in the photographs leaves nothing of the confidence.
        (ABLE, (FLOW,), 0),
    ],
)
def test_a_section_without_admissible_proof_or_confidence_is_no_fact(observation, papers, score):
    evidence = (EvidenceTrust(ref="E1", section="", score=score, kind="DOOR"),)
    report = accepted(
        "F10", person="FAMILY_ADULT", verdict="DOUBTFUL", observations=(observation,), papers=papers, evidence=evidence
    )

    assert report_consequences(report=report).facts == ()


@pytest.mark.parametrize(("finding", "person", "reason"), [
    ("F01", "BORROWER", "WRITTEN_WORDS"), ("F10", "FAMILY_ADULT", "NO_PROOF"),
])  # fmt: skip
def test_words_count_where_the_borrower_was_met(finding, person, reason):
    unable = Observation(section="CAPACITY", verdict="UNABLE", confidence=Decimal("0.80"))
    report = accepted(finding, person=person, observations=(unable,), has_statement=True)

    assert {section: found.reason for section, found in supports(report=report).items()} == {"CAPACITY": reason}


def test_a_finding_that_says_so_supports_the_residence_of_the_crew_but_not_its_opposite():
    told = {
        verdict: supports(report=accepted("F22", person="NEIGHBOUR", observations=(replace(HOME, verdict=verdict),)))[
            "RESIDENCE"
        ].reason
        for verdict in ("REFUTED", "CONFIRMED")
    }

    assert told == {"REFUTED": "FINDING", "CONFIRMED": "NO_PROOF"}


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
