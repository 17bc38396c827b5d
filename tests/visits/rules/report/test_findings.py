from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from visits.enums import (
    AddressVerdict,
    Attitude,
    Disclosure,
    DocumentKind,
    DocumentVerdict,
    EvidenceKind,
    Finding,
    MediaScope,
    PersonMet,
    Protection,
    Recommendation,
    VisitPurpose,
)
from visits.rules.conduct.contact import CheckIn
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.report.findings import (
    FINDINGS,
    MediaItem,
    ReportDraft,
    ShownDocument,
    check_report,
    implied_address_verdict,
    protections_called,
    strictest_disclosure,
    strictest_media,
)

CN = ConductPolicy()
AT = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
METRE = 1 / 111_195


def check_in(ref: str, *, seconds: int = 0, metres: float = 0) -> CheckIn:
    return CheckIn(
        crew_ref=ref,
        at=AT + timedelta(seconds=seconds),
        latitude=30.25 + metres * METRE,
        longitude=120.15,
        accuracy_m=20,
    )


def media(*kinds: EvidenceKind) -> tuple[MediaItem, ...]:
    return tuple(MediaItem(kind=kind, evidence_ref=f"e{n}") for n, kind in enumerate(kinds))


OUTSIDE = (EvidenceKind.STREET, EvidenceKind.BUILDING, EvidenceKind.DOOR, EvidenceKind.BADGE_AND_MANDATE)

MET = ReportDraft(
    findings=(Finding.F01,),
    purposes=(VisitPurpose.VERIFY_IDENTITY, VisitPurpose.CONFIRM_RESIDENCE),
    persons_met=(PersonMet.BORROWER,),
    disclosed=Disclosure.FULL,
    crew_refs=("c1", "c2"),
    signed_by=frozenset({"c1", "c2"}),
    check_ins=(check_in("c1"), check_in("c2", seconds=30)),
    checked_out_at=AT + timedelta(minutes=40),
    sections=frozenset({"IDENTITY", "RESIDENCE"}),
    identity_factors=2,
    address_verdict=AddressVerdict.VALID,
    contact_started_at=AT + timedelta(minutes=2),
    contact_ended_at=AT + timedelta(minutes=32),
    window=(AT, AT + timedelta(hours=2)),
    recording_announced=True,
    recording_gap_seconds=0,
    media=media(*OUTSIDE),
    recommendation=Recommendation.OFFER_PLAN,
    recommendation_reason="Has work again since March and asked for twelve months.",
)
# A talk that begins once both are there.
LATE_TALK = {"contact_started_at": AT + timedelta(minutes=12)}
FAMILY = replace(
    MET,
    findings=(Finding.F10,),
    persons_met=(PersonMet.FAMILY_ADULT,),
    disclosed=Disclosure.NONE,
    sections=frozenset(),
    identity_factors=0,
    address_verdict=None,
    checked_out_at=AT + timedelta(minutes=10),
    contact_started_at=AT + timedelta(minutes=2),
    contact_ended_at=AT + timedelta(minutes=4),
    recommendation=Recommendation.REMOTE_CONTACT,
)
MINOR = replace(FAMILY, findings=(Finding.F13,), persons_met=(PersonMet.MINOR,), media=())
NOBODY = replace(FAMILY, findings=(Finding.F20,), persons_met=(PersonMet.NOBODY,))


def codes(draft: ReportDraft, **changes: Any) -> list[str]:
    return [problem.code for problem in check_report(policy=CN, draft=replace(draft, **changes))]


@pytest.mark.parametrize("draft", [MET, FAMILY, MINOR, NOBODY])
def test_check_report_passes_sound_reports(draft: ReportDraft) -> None:
    assert codes(draft) == []


@pytest.mark.parametrize(
    ("draft", "changes", "expected"),
    [
        (MET, {"findings": ()}, ["FINDING_MISSING"]),
        (FAMILY, {"disclosed": Disclosure.FULL, "identity_factors": 2}, ["DISCLOSURE_TOO_WIDE"]),
        (FAMILY, {"disclosed": Disclosure.OWN_OBLIGATION}, ["DISCLOSURE_TOO_WIDE"]),
        (FAMILY, {"persons_met": (PersonMet.MINOR,)}, ["PERSON_MISMATCH"]),
        (MINOR, {"media": media(EvidenceKind.DOOR)}, ["MEDIA_FORBIDDEN"]),
        (MET, {"sections": frozenset({"RESIDENCE"})}, ["SECTION_MISSING_IDENTITY"]),
        (MET, {"sections": frozenset({"IDENTITY"})}, ["SECTION_MISSING_RESIDENCE"]),
        (MET, {"identity_factors": 1}, ["IDENTITY_NOT_CONFIRMED", "TOO_FEW_FACTORS"]),
        (MET, {"identity_factors": 1, "disclosed": Disclosure.NONE}, ["TOO_FEW_FACTORS"]),
        (MET, {"signed_by": frozenset({"c1"})}, ["ATTESTATION_MISSING"]),
        (MET, {"entered_home": True}, ["ENTRY_WITHOUT_CONSENT"]),
        (MET, {"entered_home": True, "entry_consent_ref": "rec-1"}, []),
        (MET, {"took_payment": True}, ["PAYMENT_TAKEN"]),
        (MET, {"check_ins": (check_in("c1"),)}, ["NOT_TOGETHER"]),
        (MET, {"check_ins": (check_in("c1"), check_in("c2", seconds=600, metres=49))} | LATE_TALK, []),
        (MET, {"check_ins": (check_in("c1"), check_in("c2", seconds=601))} | LATE_TALK, ["NOT_TOGETHER"]),
        (MET, {"check_ins": (check_in("c1"), check_in("c2", metres=51))}, ["NOT_TOGETHER"]),
        (MET, {"checked_out_at": None}, ["NOT_CHECKED_OUT"]),
        (MET, {"media": media(*OUTSIDE[1:])}, ["TOO_FEW_PHOTOGRAPHS"]),
        (MET, {"media": media(*OUTSIDE, *[EvidenceKind.DOCUMENT] * 8)}, []),
        (MET, {"media": media(*OUTSIDE, *[EvidenceKind.DOCUMENT] * 9)}, ["TOO_MANY_PHOTOGRAPHS"]),
        (MET, {"media": media(*OUTSIDE[:3], EvidenceKind.AUDIO, EvidenceKind.DOOR)}, ["BADGE_MISSING"]),
        (NOBODY, {"media": media(*OUTSIDE, EvidenceKind.DOCUMENT)}, ["MEDIA_TOO_WIDE"]),
        (MET, {"recording_gap_seconds": 30}, []),
        (MET, {"recording_gap_seconds": 31}, ["RECORDING_GAP"]),
        (MET, {"recording_gap_seconds": None}, ["RECORDING_MISSING"]),
        (MET, {"recording_gap_seconds": None, "recording_refused": True}, []),
        (MET, {"address_verdict": AddressVerdict.INVALID}, ["ADDRESS_MISMATCH"]),
        (MET, {"recommendation": None}, ["RECOMMENDATION_MISSING"]),
        (MET, {"recommendation": Recommendation.FRAUD_REVIEW}, ["RECOMMENDATION_UNSUPPORTED"]),
        (MET, {"recommendation_reason": " "}, ["REASON_MISSING"]),
    ],
)
def test_check_report_names_the_problem(draft: ReportDraft, changes: dict[str, Any], expected: list[str]) -> None:
    assert codes(draft, **changes) == expected


def test_check_report_lets_a_protecting_finding_decide_the_recommendation() -> None:
    findings = (Finding.F01, Finding.F50)

    assert codes(MET, findings=findings) == ["RECOMMENDATION_UNSUPPORTED"]
    assert codes(MET, findings=findings, recommendation=Recommendation.FRAUD_REVIEW) == []


def test_check_report_wants_hearsay_marked_and_the_address_in_agreement() -> None:
    moved = {"findings": (Finding.F22,), "persons_met": (PersonMet.NEIGHBOUR,)}

    assert codes(FAMILY, **moved) == ["ADDRESS_MISMATCH", "HEARSAY_UNMARKED"]
    assert codes(FAMILY, **moved, is_hearsay_marked=True, address_verdict=AddressVerdict.INVALID) == []


def test_check_report_wants_the_incident_of_an_unsafe_door() -> None:
    unsafe = {"findings": (Finding.F40,), "media": ()}

    assert codes(FAMILY, **unsafe) == ["INCIDENT_MISSING"]
    assert codes(FAMILY, **unsafe, incident_ref="I-1") == []


def test_check_report_asks_no_check_in_of_a_crew_that_was_called_back() -> None:
    called_back = {
        "findings": (Finding.F41,),
        "persons_met": (PersonMet.NOBODY,),
        "check_ins": (),
        "checked_out_at": None,
        "media": (),
        "recommendation": Recommendation.CLOSE,
    }

    assert codes(FAMILY, **called_back) == []


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (ShownDocument(kind=DocumentKind.LEASE, verdict=DocumentVerdict.CONSISTENT), ["NOT_COPIED"]),
        (ShownDocument(kind=DocumentKind.LEASE, verdict=DocumentVerdict.NOT_SHOWN), []),
        (
            ShownDocument(kind=DocumentKind.LEASE, verdict=DocumentVerdict.CONSISTENT, no_copy_reason="Seen is enough"),
            [],
        ),
        (ShownDocument(kind=DocumentKind.LEASE, verdict=DocumentVerdict.CONSISTENT, copy_ref="e0"), []),
        (
            ShownDocument(kind=DocumentKind.LEASE, verdict=DocumentVerdict.CONSISTENT, copy_ref="gone"),
            ["COPY_NOT_ATTACHED"],
        ),
        (
            ShownDocument(kind=DocumentKind.HARDSHIP_PROOF, verdict=DocumentVerdict.GENUINE_SEEN, copy_ref="e0"),
            ["COPY_WITHOUT_CONSENT"],
        ),
    ],
)
def test_check_report_looks_at_each_document(document: ShownDocument, expected: list[str]) -> None:
    assert codes(MET, documents=(document,)) == expected


def test_check_report_refuses_papers_of_others() -> None:
    paper = ShownDocument(kind=DocumentKind.LEASE, verdict=DocumentVerdict.CONSISTENT, no_copy_reason="seen")

    assert codes(FAMILY, documents=(paper,)) == ["DOCUMENTS_OF_OTHERS"]


def test_what_cannot_be_undone_by_words_is_an_incident() -> None:
    draft = replace(
        FAMILY, disclosed=Disclosure.FULL, entered_home=True, took_payment=True, check_ins=(), signed_by=frozenset()
    )

    incidents = {p.code for p in check_report(policy=CN, draft=draft) if p.is_incident}

    assert incidents == {
        "DISCLOSURE_TOO_WIDE",
        "IDENTITY_NOT_CONFIRMED",
        "ENTRY_WITHOUT_CONSENT",
        "PAYMENT_TAKEN",
        "NOT_TOGETHER",
    }


def test_every_finding_has_consequences() -> None:
    assert set(FINDINGS) == set(Finding)
    assert all(rule.follow_up and rule.persons for rule in FINDINGS.values())


@pytest.mark.parametrize(
    ("disclosure", "expected"),
    [
        (Disclosure.FULL, {"F01", "F02", "F03", "F04", "F50"}),
        (Disclosure.OWN_OBLIGATION, {"F11"}),
    ],
)
def test_only_the_person_who_owes_hears_of_the_debt(disclosure: Disclosure, expected: set[str]) -> None:
    assert {f.value for f, rule in FINDINGS.items() if rule.disclosure == disclosure} == expected


def test_the_borrower_is_met_under_the_findings_that_say_so() -> None:
    met = {f.value for f, rule in FINDINGS.items() if rule.is_right_party_contact}

    assert met == {"F01", "F02", "F03", "F04", "F05", "F50"}


def test_cooperation_is_said_and_evasion_never() -> None:
    assert {rule.attitude for rule in FINDINGS.values()} == {Attitude.COOPERATIVE, Attitude.NEUTRAL}
    assert not [attitude for attitude in Attitude if "EVAS" in attitude.value]


def test_visits_stop_under_the_findings_that_protect() -> None:
    stopping = {f.value: rule.protection for f, rule in FINDINGS.items() if rule.stops_visits}

    assert stopping == {
        "F02": Protection.HARDSHIP_PENDING,
        "F03": Protection.DISPUTED,
        "F05": Protection.SPECIAL_CARE,
        "F30": Protection.DECEASED,
        "F31": Protection.SPECIAL_CARE,
        "F50": Protection.FRAUD_CLAIM,
    }


def test_the_strictest_of_several_findings_counts() -> None:
    findings = (Finding.F01, Finding.F13, Finding.F24)

    assert strictest_disclosure(findings=findings) == Disclosure.NONE
    assert strictest_media(findings=findings) == MediaScope.NONE
    assert implied_address_verdict(findings=findings) == AddressVerdict.INVALID
    assert protections_called(findings=(Finding.F02, Finding.F03)) == {
        Protection.HARDSHIP_PENDING,
        Protection.DISPUTED,
    }


def test_no_finding_allows_nothing() -> None:
    assert strictest_disclosure(findings=()) == Disclosure.NONE
    assert strictest_media(findings=()) == MediaScope.NONE
    assert implied_address_verdict(findings=()) is None
