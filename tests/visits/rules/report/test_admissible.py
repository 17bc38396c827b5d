"""What can establish a verdict: papers, words on a recording, words as written, photographs of a place."""

from decimal import Decimal

import pytest

from cases.enums import SECTION_VERDICTS
from visits.enums import EvidenceKind
from visits.rules.report.admissible import ADMISSIBLE, FileProof, PaperProof, support

STREET = tuple(FileProof(section="", kind=kind, score=100) for kind in ("STREET", "BUILDING", "DOOR", "DOCUMENT"))
AUDIO = (FileProof(section="", kind="AUDIO", score=80),)


def found(section, verdict, *, papers=(), files=(), words=False, recorded=False, confidence="0.9", implied=False):
    return support(
        section=section,
        verdict=verdict,
        confidence=Decimal(confidence),
        papers=papers,
        files=files,
        has_words=words,
        is_recorded=recorded,
        is_implied=implied,
    )


def shown(kind, *, section, sound=True):
    return PaperProof(ref="paper:1", section=section, kind=kind, is_sound=sound)


def test_each_verdict_of_each_section_has_its_row():
    assert set(ADMISSIBLE) == {(section, verdict) for section, those in SECTION_VERDICTS.items() for verdict in those}


@pytest.mark.parametrize(
    ("section", "verdict"),
    [
        ("IDENTITY", "CONFIRMED"),
        ("IDENTITY", "REFUTED"),
        ("CAPACITY", "ABLE"),
        ("CAPACITY", "PARTLY_ABLE"),
        ("CAPACITY", "UNABLE"),
        ("CAUSE", "WILFUL"),
        ("CAUSE", "TEMPORARY"),
        ("CAUSE", "FORCE_MAJEURE"),
    ],
)
def test_photographs_establish_no_person_no_income_and_no_will(section, verdict):
    every = tuple(
        FileProof(section="", kind=kind, score=100) for kind in EvidenceKind if kind not in ("AUDIO", "VIDEO")
    )

    given = found(section, verdict, files=every)

    assert (given.is_supported, given.reason) == (False, "NO_PROOF")


@pytest.mark.parametrize("verdict", ["CONFIRMED", "REFUTED"])
def test_photographs_establish_a_place(verdict):
    assert found("RESIDENCE", verdict, files=STREET).reason == "PHOTOGRAPH"


def test_a_photograph_without_any_trust_establishes_nothing():
    worthless = tuple(FileProof(section="", kind=file.kind, score=0) for file in STREET)

    assert not found("RESIDENCE", "CONFIRMED", files=worthless).is_supported


def test_a_photograph_given_for_another_section_does_not_count():
    elsewhere = (FileProof(section="IDENTITY", kind="DOOR", score=100),)

    assert not found("RESIDENCE", "CONFIRMED", files=elsewhere).is_supported


def test_a_place_follows_from_the_finding_too():
    assert found("RESIDENCE", "CONFIRMED", implied=True).reason == "FINDING"


@pytest.mark.parametrize(
    ("section", "verdict", "kind"),
    [
        ("IDENTITY", "CONFIRMED", "IDENTITY_CARD"),
        ("CAPACITY", "ABLE", "BANK_STATEMENT"),
        ("CAPACITY", "ABLE", "PROPERTY_DEED"),
        ("CAPACITY", "PARTLY_ABLE", "INCOME_PROOF"),
        ("CAPACITY", "UNABLE", "HARDSHIP_PROOF"),
        ("CAUSE", "WILFUL", "BANK_STATEMENT"),
        ("CAUSE", "FORCE_MAJEURE", "HARDSHIP_PROOF"),
        ("RESIDENCE", "CONFIRMED", "LEASE"),
    ],
)
def test_a_sound_paper_of_the_section_establishes_and_is_named(section, verdict, kind):
    given = found(section, verdict, papers=[shown(kind, section=section)])

    assert (given.is_supported, given.reason, given.papers) == (True, "PAPER", ("paper:1",))


@pytest.mark.parametrize(
    ("section", "verdict", "kind"),
    [
        ("IDENTITY", "CONFIRMED", "LEASE"),
        ("IDENTITY", "CONFIRMED", "MARRIAGE_CERTIFICATE"),
        ("CAPACITY", "ABLE", "UTILITY_BILL"),
        ("CAPACITY", "ABLE", "HARDSHIP_PROOF"),
        ("CAUSE", "WILFUL", "SOCIAL_SECURITY"),
        ("CAUSE", "WILFUL", "HARDSHIP_PROOF"),
        ("RESIDENCE", "CONFIRMED", "IDENTITY_CARD"),
    ],
)
def test_a_paper_of_another_kind_does_not(section, verdict, kind):
    assert found(section, verdict, papers=[shown(kind, section=section)]).reason == "NO_PROOF"


def test_a_paper_in_doubt_or_of_another_section_does_not():
    doubted = found("CAPACITY", "ABLE", papers=[shown("BANK_STATEMENT", section="CAPACITY", sound=False)])
    elsewhere = found("CAPACITY", "ABLE", papers=[shown("BANK_STATEMENT", section="CAUSE")])

    assert (doubted.reason, elsewhere.reason) == ("PAPERS_IN_DOUBT", "NO_PROOF")


@pytest.mark.parametrize(("section", "verdict"), [("CAPACITY", "ABLE"), ("CAUSE", "WILFUL")])
def test_words_against_the_borrower_need_the_announced_recording(section, verdict):
    assert found(section, verdict, words=True, recorded=True, files=AUDIO).reason == "RECORDED_WORDS"
    for less in (
        {"words": True},
        {"words": True, "recorded": True},
        {"words": True, "files": AUDIO},
        {"recorded": True, "files": AUDIO},
    ):
        assert not found(section, verdict, **less).is_supported


@pytest.mark.parametrize(
    ("section", "verdict"),
    [("CAPACITY", "PARTLY_ABLE"), ("CAPACITY", "UNABLE"), ("CAUSE", "TEMPORARY"), ("CAUSE", "FORCE_MAJEURE")],
)
def test_words_that_speak_for_the_borrower_need_no_recording(section, verdict):
    assert found(section, verdict, words=True).reason == "WRITTEN_WORDS"


def test_a_confidence_of_nothing_establishes_nothing_whatever_was_shown():
    given = found("CAPACITY", "ABLE", confidence="0", papers=[shown("BANK_STATEMENT", section="CAPACITY")])

    assert (given.is_supported, given.reason) == (False, "NO_CONFIDENCE")


def test_doubt_and_nothing_established_need_no_proof():
    assert {
        found(section, verdict).reason for section, verdict in ADMISSIBLE if verdict in ("DOUBTFUL", "NOT_ESTABLISHED")
    } == {"NOTHING_NEEDED"}
