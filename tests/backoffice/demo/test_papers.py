"""Papers of the demo: of every kind that crews are shown, all of them in order."""

from datetime import date
from typing import Any

import pytest

from backoffice.demo.papers import fields_of, with_contradiction
from backoffice.demo.visit_outcomes import OUTCOMES
from tests.factories.portfolio import make_address, make_borrower
from visits.contradiction_enums import Subject
from visits.enums import DocumentKind
from visits.rules.contradictions.claims import ShownPaper, Stated, claims_of_application, claims_of_papers
from visits.rules.contradictions.conflicts import find_conflicts
from visits.rules.report.paper_checks import Known, Paper, check_papers, is_sound
from visits.rules.report.paper_values import read_fields

SHOWN = sorted(
    {
        kind
        for outcomes in OUTCOMES.values()
        for outcome, _weight in outcomes
        for found in outcome.sections.values()
        for kind, _verdict in found.papers
    }
)


@pytest.mark.parametrize("has_wages", [True, False])
@pytest.mark.parametrize("on", [date(2026, 2, 28), date(2026, 3, 1), date(2026, 12, 31)])
def test_every_paper_that_crews_are_shown_is_in_order(on: date, has_wages: bool, shanghai: Any) -> None:
    borrower = make_borrower(territory=shanghai)
    address = make_address(borrower=borrower)
    known = Known(name=str(borrower.name), id_number=str(borrower.id_number), address=str(address.line))
    papers = []
    for kind in SHOWN:
        given = fields_of(kind=DocumentKind(kind), borrower=borrower, address=address, on=on, has_wages=has_wages)
        read = read_fields(kind=kind, given=given)
        assert not read.problems, (kind, dict(read.problems))
        papers.append(Paper(section="IDENTITY", kind=kind, verdict="CONSISTENT", values=read.values))

    found = check_papers(papers=papers, known=known, on=on)

    unsound = {
        paper.kind: checks
        for paper, checks in zip(papers, found.checks, strict=True)
        if not is_sound(verdict=paper.verdict, checks=checks)
    }
    assert unsound == {}
    assert found.confirmed_independently


def test_the_papers_of_some_borrowers_contradict_each_other(shanghai: Any) -> None:
    on = date(2026, 3, 1)
    subjects = set()
    for _one in range(9):
        borrower = make_borrower(territory=shanghai)
        address = make_address(borrower=borrower)
        shown = []
        for kind in SHOWN:
            given = fields_of(kind=DocumentKind(kind), borrower=borrower, address=address, on=on)
            given = with_contradiction(fields=given, kind=DocumentKind(kind), borrower=borrower)
            read = read_fields(kind=kind, given=given)
            assert not read.problems, (kind, dict(read.problems))
            paper = Paper(section="IDENTITY", kind=kind, verdict="CONSISTENT", values=read.values)
            shown.append(ShownPaper(ref=f"paper:{borrower.pk}-{kind}", paper=paper, on=on))
        stated = Stated(ref=f"borrower:{borrower.pk}", name=str(borrower.name), homes=(str(address.line),))
        claims = (*claims_of_application(stated=stated), *claims_of_papers(papers=shown))
        subjects.add(frozenset(each.subject for each in find_conflicts(claims=claims)))
    assert subjects == {
        frozenset(),
        frozenset({Subject.INCOME}),
        frozenset({Subject.HOME}),
        frozenset({Subject.EMPLOYER}),
    }
