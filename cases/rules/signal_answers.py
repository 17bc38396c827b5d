"""Which suspicion signals a verification answers, and how."""

from collections.abc import Collection, Mapping
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Final

from cases.enums import Section, SignalKind, Verdict
from cases.rules.verification import Established, SectionFact, counts_until
from cases.signal_enums import SignalAnswer

# A verdict on a section answers signs about what it establishes. Of capacity and cause no verdict does: that somebody can
# pay does not say that the stated employer is true.
_BY_VERDICT: Final[Mapping[Section, Mapping[str, Mapping[SignalKind, SignalAnswer]]]] = MappingProxyType(
    {
        Section.IDENTITY: {
            Verdict.CONFIRMED: {
                SignalKind.FALSE_IDENTITY: SignalAnswer.CLEARED,
                # Several people of one household apply on one telephone: the one who was met is who they say.
                SignalKind.DEVICE_SHARED: SignalAnswer.CLEARED,
            },
            Verdict.REFUTED: {SignalKind.FALSE_IDENTITY: SignalAnswer.CONFIRMED},
        },
        Section.RESIDENCE: {
            Verdict.CONFIRMED: {SignalKind.FALSE_ADDRESS: SignalAnswer.CLEARED},
            Verdict.REFUTED: {SignalKind.FALSE_ADDRESS: SignalAnswer.CONFIRMED},
        },
    }
)
_ANSWERED_BY: Final = {
    kind: section for section, by_verdict in _BY_VERDICT.items() for answers in by_verdict.values() for kind in answers
}
# Kinds whose confirmation says that a statement was false. An address that does not fit is none, nor is evasion: people move
# and change numbers, and absence is no evasion (domain 5.1, list c, 8 and 13).
FALSE_STATEMENTS: Final = frozenset(
    {
        SignalKind.FALSE_IDENTITY,
        SignalKind.FALSE_EMPLOYER,
        SignalKind.FALSE_INCOME,
        SignalKind.DOCUMENT_DOUBTFUL,
    }
)
# Days that an answer counts which a person gave: as long as a verified identity. House value.
PERSON_COUNTS_FOR: Final = timedelta(days=365)


def answers_of(
    *, established: Established, papers_agree: Collection[SignalKind], firm: Decimal
) -> dict[SignalKind, SignalAnswer]:
    """
    Return which kinds of signs a verification answers, and how.

    Verdicts count that are firm: with evidence, and at least as sure as `firm` (a share, the policy's threshold).
    `papers_agree` are kinds about which sound papers say what was stated: these are cleared. A borrower who was met and
    cooperated evades nobody.
    """
    found: dict[SignalKind, SignalAnswer] = dict.fromkeys(papers_agree, SignalAnswer.CLEARED)
    if established.right_party_met and established.cooperative:
        found[SignalKind.EVASION] = SignalAnswer.CLEARED
    for section, fact in _sections(established).items():
        if fact.is_firm(confidence=firm):
            found |= _BY_VERDICT[section].get(fact.verdict, {})
    return found


def answer_counts_until(*, kind: SignalKind, verified_on: date) -> date:
    """Return the last day on which the confirmation of a sign by a verification counts: that of the verdict that answered it."""
    return counts_until(section=_ANSWERED_BY[kind], verified_on=verified_on)


def _sections(established: Established) -> dict[Section, SectionFact]:
    return {Section.IDENTITY: established.identity, Section.RESIDENCE: established.residence}
