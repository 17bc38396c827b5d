"""
What can establish a verdict of a section: papers, recorded words, written words, photographs. A table of house rules.

What speaks against a borrower needs more than what speaks for them: "able" and "wilful" need a paper that was read and checked, or
words on the announced recording. A photograph of a street shows a place; it shows no income and no will.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

from cases.enums import Section, Verdict
from visits.enums import DocumentKind, EvidenceKind, SupportReason

IDENTITY_PAPERS = frozenset(
    {
        DocumentKind.IDENTITY_CARD,
        DocumentKind.HOUSEHOLD_REGISTER,
        DocumentKind.RESIDENCE_PERMIT,
        DocumentKind.SOCIAL_SECURITY,
        DocumentKind.HOUSING_FUND,
    }
)
INCOME_PAPERS = frozenset(
    {
        DocumentKind.INCOME_PROOF,
        DocumentKind.BANK_STATEMENT,
        DocumentKind.SOCIAL_SECURITY,
        DocumentKind.HOUSING_FUND,
    }
)
ASSET_PAPERS = frozenset({DocumentKind.PROPERTY_DEED, DocumentKind.VEHICLE_REGISTRATION})
HARDSHIP_PAPERS = INCOME_PAPERS | {DocumentKind.HARDSHIP_PROOF}
# Flows and registers that show what was done with money or property after it was due.
WILL_PAPERS = ASSET_PAPERS | {DocumentKind.BANK_STATEMENT}
HOME_PAPERS = frozenset(
    {
        DocumentKind.LEASE,
        DocumentKind.UTILITY_BILL,
        DocumentKind.RESIDENCE_PERMIT,
        DocumentKind.PROPERTY_DEED,
    }
)
PLACE = frozenset(
    {EvidenceKind.STREET, EvidenceKind.BUILDING, EvidenceKind.DOOR, EvidenceKind.BADGE_AND_MANDATE, EvidenceKind.VIDEO}
)
RECORDINGS = frozenset({EvidenceKind.AUDIO, EvidenceKind.VIDEO})


@dataclass(frozen=True, slots=True, kw_only=True)
class Admissible:
    """
    Kinds of proof of one verdict. Each by itself is enough.

    `recorded` are words of the borrower on the announced recording, `written` words as the crew wrote them down; with `free` no
    proof is needed.
    """

    papers: frozenset[DocumentKind] = frozenset()
    photographs: frozenset[EvidenceKind] = frozenset()
    recorded: bool = False
    written: bool = False
    free: bool = False


FREE = Admissible(free=True)
ADMISSIBLE: Mapping[tuple[str, str], Admissible] = MappingProxyType(
    {
        (Section.IDENTITY, Verdict.CONFIRMED): Admissible(papers=IDENTITY_PAPERS),
        # A borrower who says that the loan is not theirs.
        (Section.IDENTITY, Verdict.DOUBTFUL): FREE,
        (Section.IDENTITY, Verdict.REFUTED): Admissible(papers=IDENTITY_PAPERS, recorded=True),
        (Section.IDENTITY, Verdict.NOT_ESTABLISHED): FREE,
        (Section.CAPACITY, Verdict.ABLE): Admissible(papers=INCOME_PAPERS | ASSET_PAPERS, recorded=True),
        # What leads to a plan or to help rests on the borrower's own words, too.
        (Section.CAPACITY, Verdict.PARTLY_ABLE): Admissible(papers=INCOME_PAPERS | ASSET_PAPERS, written=True),
        (Section.CAPACITY, Verdict.UNABLE): Admissible(papers=HARDSHIP_PAPERS, written=True),
        (Section.CAPACITY, Verdict.NOT_ESTABLISHED): FREE,
        (Section.CAUSE, Verdict.FORCE_MAJEURE): Admissible(papers=HARDSHIP_PAPERS, written=True),
        (Section.CAUSE, Verdict.TEMPORARY): Admissible(papers=HARDSHIP_PAPERS, written=True),
        (Section.CAUSE, Verdict.WILFUL): Admissible(papers=WILL_PAPERS, recorded=True),
        (Section.CAUSE, Verdict.NOT_ESTABLISHED): FREE,
        (Section.RESIDENCE, Verdict.CONFIRMED): Admissible(papers=HOME_PAPERS, photographs=PLACE),
        (Section.RESIDENCE, Verdict.DOUBTFUL): FREE,
        (Section.RESIDENCE, Verdict.REFUTED): Admissible(papers=HOME_PAPERS, photographs=PLACE, written=True),
        (Section.RESIDENCE, Verdict.NOT_ESTABLISHED): FREE,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperProof:
    """One paper: its reference, the section it was shown for, and whether its checks let it establish anything."""

    ref: str
    section: str
    kind: str
    is_sound: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileProof:
    """One photograph or recording: the section it was given for ("" for all), its kind, and its trust score 0..100."""

    section: str
    kind: str
    score: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """Whether the verdict of a section can be written, why, and the references of the papers that it rests on."""

    is_supported: bool
    reason: SupportReason
    papers: tuple[str, ...] = ()


def support(
    *,
    section: str,
    verdict: str,
    confidence: Decimal,
    papers: Iterable[PaperProof],
    files: Iterable[FileProof],
    has_words: bool,
    is_recorded: bool,
    is_implied: bool = False,
) -> Support:
    """
    Return whether the report can establish this verdict, and by what.

    `has_words` says that the borrower was met and their words are in the report; `is_recorded` that an announced recording was
    not refused; `is_implied` that the finding says the same. Files with a trust of 0 prove nothing. A paper counts in the section
    for which it was shown.
    """
    admitted = ADMISSIBLE[section, verdict]
    if admitted.free:
        return Support(is_supported=True, reason=SupportReason.NOTHING_NEEDED)
    if confidence <= 0:
        return Support(is_supported=False, reason=SupportReason.NO_CONFIDENCE)
    shown = [paper for paper in papers if paper.section == section and paper.kind in admitted.papers]
    sound = tuple(paper.ref for paper in shown if paper.is_sound)
    if sound:
        return Support(is_supported=True, reason=SupportReason.PAPER, papers=sound)
    kinds = {file.kind for file in files if file.section in ("", section) and file.score > 0}
    if admitted.recorded and has_words and is_recorded and kinds & RECORDINGS:
        return Support(is_supported=True, reason=SupportReason.RECORDED_WORDS)
    if admitted.written and has_words:
        return Support(is_supported=True, reason=SupportReason.WRITTEN_WORDS)
    if kinds & admitted.photographs:
        return Support(is_supported=True, reason=SupportReason.PHOTOGRAPH)
    if is_implied:
        return Support(is_supported=True, reason=SupportReason.FINDING)
    return Support(is_supported=False, reason=SupportReason.PAPERS_IN_DOUBT if shown else SupportReason.NO_PROOF)
