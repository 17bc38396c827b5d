"""Which doubts about stated facts the sound papers of a report clear."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from cases.enums import SignalKind
from cases.models import Borrower
from cases.selectors.casework.applications import application_of
from visits.contradiction_enums import Subject
from visits.rules.comparison.matching import Match
from visits.rules.contradictions.claims import (
    Claim,
    ShownPaper,
    Stated,
    claims_of_application,
    claims_of_papers,
)
from visits.rules.contradictions.conflicts import compare_claims
from visits.selectors.papers import ReadPaper

_KINDS: Final = {Subject.EMPLOYER: SignalKind.FALSE_EMPLOYER, Subject.INCOME: SignalKind.FALSE_INCOME}


def agreeing_kinds(*, borrower: Borrower, papers: Iterable[ReadPaper], on: date) -> frozenset[SignalKind]:
    """
    Return the kinds of signals about which the sound ones among `papers` say what the borrower stated when applying.

    Employer and income each agree where at least one sound paper says the same and none says otherwise. A paper that says
    otherwise confirms nothing: an employer of two years ago may have been true; it makes a contradiction.
    """
    application = application_of(borrower=borrower)
    if application is None:
        return frozenset()
    stated = claims_of_application(
        stated=Stated(
            ref="application",
            employer=str(application.employer),
            monthly_income=application.income,
            stated_on=application.stated_on,
        )
    )
    shown = claims_of_papers(
        papers=[ShownPaper(ref=each.ref, paper=each.paper, on=on) for each in papers if each.is_sound]
    )
    return frozenset(kind for subject, kind in _KINDS.items() if _agree(subject, stated, shown))


def _agree(subject: Subject, stated: Iterable[Claim], shown: Iterable[Claim]) -> bool:
    said = {
        compare_claims(left=left, right=right)
        for left in stated
        if left.subject == subject
        for right in shown
        if right.subject == subject
    }
    return Match.SAME in said and Match.DIFFERENT not in said
