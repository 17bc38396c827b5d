"""What is established about a borrower at present: of each section what was verified last."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, When

from cases.enums import Certainty, Section, Verdict
from cases.models import Borrower, VerifiedFact
from cases.rules.verification import SectionFact, certainty_of


@dataclass(frozen=True, slots=True, kw_only=True)
class EstablishedFact:
    """The newest fact of one section. `certainty` is None where nothing was established; `counts` until its last day."""

    fact: VerifiedFact
    certainty: Certainty | None
    counts: bool


def established_facts(*, borrower: Borrower, user: Any, on: date, firm: Decimal) -> list[EstablishedFact]:
    """
    Return the newest fact of each section about a borrower that `user` may see, in the order of the sections. One query.

    A fact with evidence is firm from the confidence `firm` (0..1) on, as the policy of the case says.

    A section that the newest verification left open shows what an earlier one established.
    """
    left_open = Case(When(verdict=Verdict.NOT_ESTABLISHED, then=1), default=0)
    newest = (
        VerifiedFact.objects.visible_to(user)
        .filter(verification__borrower=borrower)
        .select_related("verification")
        .order_by("section", left_open, "-verification__verified_on", "-verification_id")
        .distinct("section")
    )
    order = Section.values
    return [_shown(fact, on=on, firm=firm) for fact in sorted(newest, key=lambda fact: order.index(fact.section))]


def _shown(fact: VerifiedFact, *, on: date, firm: Decimal) -> EstablishedFact:
    certainty = None
    if fact.verdict != Verdict.NOT_ESTABLISHED:
        read = SectionFact(verdict=fact.verdict, confidence=fact.confidence, has_evidence=bool(fact.evidence))
        certainty = certainty_of(fact=read, firm=firm)
    return EstablishedFact(fact=fact, certainty=certainty, counts=fact.expires_on >= on)
