"""
What an accepted report changes in the case, as one value. Nothing here depends on what a visit cost.

A section becomes a fact only where an admissible proof supports its verdict and its confidence is above 0; any other section
was not established.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from types import MappingProxyType

from cases.enums import ContactOutcome, ContactVerdict, FlagKind, Section, SignalKind, Verdict
from cases.rules.plans.affordability import UNKNOWN_MEANS, Means
from visits.enums import AddressVerdict, Attitude, Finding, PersonMet, Protection
from visits.rules.conduct.contact import PROTECTION_OF_FLAG
from visits.rules.report.admissible import FileProof, PaperProof, Support, support
from visits.rules.report.finding_table import FINDINGS, implied_address_verdict, protections_called

CENT = Decimal("0.01")
# Without any photograph an observation counts half (house value).
TRUST_WITHOUT_EVIDENCE = Decimal("0.5")
# Confidence of an address verdict that follows from the finding alone (house values).
IMPLIED_CONFIDENCE = Decimal("0.8")
HEARSAY_CONFIDENCE = Decimal("0.5")
FLAG_OF_PROTECTION: Mapping[Protection, FlagKind] = MappingProxyType(
    {protection: flag for flag, protection in PROTECTION_OF_FLAG.items()}
)
ADDRESS_VERDICTS: Mapping[AddressVerdict, tuple[ContactVerdict, Verdict]] = MappingProxyType(
    {
        AddressVerdict.VALID: (ContactVerdict.VALID, Verdict.CONFIRMED),
        AddressVerdict.INVALID: (ContactVerdict.INVALID, Verdict.REFUTED),
        AddressVerdict.DOUBTFUL: (ContactVerdict.DOUBTFUL, Verdict.DOUBTFUL),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One section as the crew filled it. `confidence` is a share 0..1, before the evidence counts."""

    section: str
    verdict: str
    confidence: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceTrust:
    """One file of the visit: its reference, its kind, the section it was given for ("" for all), its trust score 0..100."""

    ref: str
    section: str
    score: int
    kind: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promise:
    """What the borrower promised to pay, in the account's currency, and by when."""

    amount: Decimal
    due_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedReport:
    """
    What an accepted report says, as far as the case depends on it. `observations` are in order of their section.

    `means` are income and expenses by papers found sound, `papers_agree` the kinds of signals about which these say what was
    stated. `has_statement` says that what was said is in the report, `is_recorded` that an announced recording was not refused.
    """

    findings: tuple[Finding, ...]
    person_met: PersonMet
    address_verdict: AddressVerdict
    visited_at: datetime
    observations: tuple[Observation, ...] = ()
    evidence: tuple[EvidenceTrust, ...] = ()
    papers: tuple[PaperProof, ...] = ()
    has_statement: bool = False
    is_recorded: bool = False
    promise: Promise | None = None
    means: Means = UNKNOWN_MEANS
    papers_agree: frozenset[SignalKind] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One section as the case shall hold it. `confidence` is a share 0..1; `evidence` holds references."""

    section: str
    verdict: str
    confidence: Decimal
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportConsequences:
    """
    Everything that an accepted report changes in the case.

    `address` is what the visit says of the visited address, None if nothing. `flags` are the circumstances to note
    for the borrower at once; how long each counts is decided on the ground floor.
    """

    visited_at: datetime
    outcome: ContactOutcome
    right_party_met: bool
    cooperative: bool
    findings: tuple[Finding, ...]
    facts: tuple[Fact, ...]
    address: ContactVerdict | None
    flags: tuple[FlagKind, ...]
    promise: Promise | None
    means: Means = UNKNOWN_MEANS
    papers_agree: frozenset[SignalKind] = frozenset()


def report_consequences(*, report: AcceptedReport) -> ReportConsequences | None:
    """Return what the report changes in the case; None if the crew turned back (F41 alone): nothing was established."""
    if report.findings == (Finding.F41,):
        return None
    rules = [FINDINGS[finding] for finding in report.findings]
    right_party_met = any(rule.is_right_party_contact for rule in rules)
    verdict = _address_verdict(report=report)
    return ReportConsequences(
        visited_at=report.visited_at,
        outcome=_outcome(
            person_met=report.person_met,
            right_party_met=right_party_met,
            talk_refused=any(rule.cools_off for rule in rules),
        ),
        right_party_met=right_party_met,
        cooperative=any(rule.attitude == Attitude.COOPERATIVE for rule in rules),
        findings=report.findings,
        facts=_facts(report=report, verdict=verdict),
        address=ADDRESS_VERDICTS[verdict][0] if verdict is not None else None,
        flags=tuple(FLAG_OF_PROTECTION[each] for each in sorted(protections_called(findings=report.findings))),
        promise=report.promise,
        means=report.means,
        papers_agree=report.papers_agree,
    )


def supports(*, report: AcceptedReport) -> dict[str, Support]:
    """Return for each section that the crew filled whether its verdict can be written, and why."""
    met = any(FINDINGS[finding].is_right_party_contact for finding in report.findings)
    verdict = _address_verdict(report=report)
    implied = ADDRESS_VERDICTS[verdict][1] if verdict is not None else None
    files = [FileProof(section=each.section, kind=each.kind, score=each.score) for each in report.evidence]
    return {
        each.section: support(
            section=each.section,
            verdict=each.verdict,
            confidence=each.confidence,
            papers=report.papers,
            files=files,
            has_words=met and report.has_statement,
            is_recorded=report.is_recorded,
            is_implied=each.section == Section.RESIDENCE and each.verdict == implied,
        )
        for each in report.observations
    }


def _outcome(*, person_met: PersonMet, right_party_met: bool, talk_refused: bool) -> ContactOutcome:
    if right_party_met:
        return ContactOutcome.TALK_REFUSED if talk_refused else ContactOutcome.RIGHT_PARTY
    return ContactOutcome.NO_ANSWER if person_met == PersonMet.NOBODY else ContactOutcome.THIRD_PARTY


def _address_verdict(*, report: AcceptedReport) -> AddressVerdict | None:
    # Where no finding implies a verdict, only what the crew positively saw counts.
    seen = AddressVerdict.VALID if report.address_verdict == AddressVerdict.VALID else None
    return implied_address_verdict(findings=report.findings) or seen


def _facts(*, report: AcceptedReport, verdict: AddressVerdict | None) -> tuple[Fact, ...]:
    supported = supports(report=report)
    observations = [each for each in report.observations if supported[each.section].is_supported]
    if verdict is not None and Section.RESIDENCE not in supported:
        # The crew filled no residence section: the finding alone says something of the address.
        hearsay = any(FINDINGS[finding].is_hearsay for finding in report.findings)
        observations.append(
            Observation(
                section=Section.RESIDENCE,
                verdict=ADDRESS_VERDICTS[verdict][1],
                confidence=HEARSAY_CONFIDENCE if hearsay else IMPLIED_CONFIDENCE,
            )
        )
    facts = (
        _fact(
            observation=each,
            evidence=report.evidence,
            papers=supported[each.section].papers if each.section in supported else (),
        )
        for each in observations
    )
    return tuple(fact for fact in facts if fact.confidence > 0)


def _fact(*, observation: Observation, evidence: Iterable[EvidenceTrust], papers: tuple[str, ...]) -> Fact:
    """Return the observation with its confidence scaled by the mean trust of the evidence for its section."""
    behind = [each for each in evidence if each.section in ("", observation.section)]
    trust = Decimal(sum(each.score for each in behind)) / (100 * len(behind)) if behind else TRUST_WITHOUT_EVIDENCE
    return Fact(
        section=observation.section,
        verdict=observation.verdict,
        confidence=(observation.confidence * trust).quantize(CENT, rounding=ROUND_HALF_UP),
        evidence=(*(each.ref for each in behind), *papers),
    )
