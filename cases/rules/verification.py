"""How long a verified fact counts, and the four sections as the decision table reads them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

from cases.enums import Certainty, Section, Verdict

# Days that a verified fact counts. House values: table b gives an address twelve months; the means of a borrower and the
# cause of the arrears change faster.
COUNTS_FOR_DAYS: Mapping[str, int] = {
    Section.IDENTITY: 365,
    Section.RESIDENCE: 180,
    Section.CAPACITY: 90,
    Section.CAUSE: 90,
}


# A verdict at least this sure is likely. House value.
LIKELY_FROM = Decimal("0.50")


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionFact:
    """One section's verdict, its confidence (a share 0..1), and whether there is evidence for it."""

    verdict: str = Verdict.NOT_ESTABLISHED
    confidence: Decimal = Decimal(0)
    has_evidence: bool = False

    def is_firm(self, *, confidence: Decimal) -> bool:
        """Return whether there is evidence for the verdict and its confidence is at least `confidence`."""
        return self.has_evidence and self.confidence >= confidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Established:
    """What one visit or desk check established about a borrower."""

    identity: SectionFact = field(default_factory=SectionFact)
    capacity: SectionFact = field(default_factory=SectionFact)
    cause: SectionFact = field(default_factory=SectionFact)
    residence: SectionFact = field(default_factory=SectionFact)
    right_party_met: bool = False
    cooperative: bool = False


def counts_until(*, section: str, verified_on: date) -> date:
    """Return the last day on which a fact of this section counts."""
    return verified_on + timedelta(days=COUNTS_FOR_DAYS[section])


def certainty_of(*, fact: SectionFact, firm: Decimal) -> Certainty:
    """Return how sure a fact is in words; `firm` is the confidence from which it is firm where there is evidence for it."""
    if fact.is_firm(confidence=firm):
        return Certainty.FIRM
    return Certainty.LIKELY if fact.confidence >= LIKELY_FROM else Certainty.WEAK
