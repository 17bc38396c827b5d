"""Sound papers clear doubts about employer and income where they say what was stated when applying."""

from datetime import date
from types import SimpleNamespace

import pytest

from tests.factories.papers import fields_of
from tests.factories.portfolio import make_application, make_borrower
from visits.rules.report.paper_checks import Paper
from visits.selectors.agreeing_papers import agreeing_kinds

ON = date(2026, 3, 4)


def paper(kind, *, is_sound=True, **changes):
    shown = Paper(section="CAPACITY", kind=kind, verdict="CONSISTENT", values=fields_of(kind, **changes))
    return SimpleNamespace(ref=f"paper:{kind}", paper=shown, is_sound=is_sound)


@pytest.fixture
def borrower(shanghai):
    borrower = make_borrower(territory=shanghai)
    make_application(borrower=borrower, employer="示例制造有限公司", monthly_income="8000.00")
    return borrower


def kinds(borrower, *papers):
    return {str(kind) for kind in agreeing_kinds(borrower=borrower, papers=papers, on=ON)}


def test_a_proof_of_income_that_agrees_clears_employer_and_income(borrower):
    assert kinds(borrower, paper("INCOME_PROOF")) == {"FALSE_EMPLOYER", "FALSE_INCOME"}


def test_a_paper_that_says_otherwise_clears_nothing_of_that_kind(borrower):
    other = paper("SOCIAL_SECURITY", employer="样本物流有限公司")
    assert kinds(borrower, paper("INCOME_PROOF"), other) == {"FALSE_INCOME"}


def test_what_is_not_sound_or_silent_clears_nothing(borrower):
    assert kinds(borrower, paper("INCOME_PROOF", is_sound=False), paper("UTILITY_BILL")) == set()


def test_without_an_application_nothing_is_cleared(shanghai):
    assert kinds(make_borrower(territory=shanghai), paper("INCOME_PROOF")) == set()
