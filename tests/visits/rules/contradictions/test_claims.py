"""What papers claim, and from when."""

from datetime import date
from decimal import Decimal

from tests.factories.papers import PAPERS, values_of
from visits.contradiction_enums import Subject
from visits.rules.contradictions.claims import ShownPaper, Stated, claims_of_application, claims_of_papers, spouses
from visits.rules.contradictions.incomes import IncomeBasis
from visits.rules.report.paper_checks import Paper

ON = date(2026, 3, 4)


def claims(kind, **changes):
    paper = Paper(section="IDENTITY", kind=kind, verdict="CONSISTENT", values=values_of(kind, **changes))
    return {claim.subject: claim for claim in claims_of_papers(papers=[ShownPaper(ref="paper:1", paper=paper, on=ON)])}


def test_every_kind_of_paper_claims_something_but_an_illness():
    assert all(claims(kind) for kind in PAPERS)
    assert claims("HARDSHIP_PROOF", type="DIAGNOSIS") == {}


def test_the_wages_of_a_statement_are_income_and_without_them_what_came_in_bounds_it():
    paid = claims("BANK_STATEMENT")[Subject.INCOME]
    assert (paid.basis, paid.amount) == (IncomeBasis.PAID, Decimal("8000.00"))
    came_in = claims("BANK_STATEMENT", wages=None)[Subject.INCOME]
    assert (came_in.basis, came_in.amount) == (IncomeBasis.INFLOW, Decimal("8000.00"))


def test_a_claim_is_of_the_day_of_the_paper_or_of_the_day_on_which_it_was_shown():
    assert claims("INCOME_PROOF")[Subject.INCOME].on == date(2026, 2, 20)
    assert claims("SOCIAL_SECURITY")[Subject.EMPLOYER].on == date(2026, 2, 1)
    assert claims("LEASE")[Subject.HOME].on == ON


def test_a_lease_that_ended_and_an_account_that_was_closed_claim_no_home_and_no_employer():
    assert Subject.HOME not in claims("LEASE", ends_on="2026-03-03")
    assert Subject.EMPLOYER not in claims("HOUSING_FUND", account_state="SEALED")
    assert Subject.REGISTERED not in claims(
        "HOUSEHOLD_REGISTER", address="上海市黄浦区示范路8号", moved_out_on="2026-01-01"
    )


def test_an_application_claims_what_it_states_and_nothing_else():
    stated = Stated(ref="borrower:1", name="张小三", employer="示例制造", monthly_income=Decimal(9000), stated_on=ON)
    found = {claim.subject: claim for claim in claims_of_application(stated=stated)}
    assert set(found) == {Subject.NAME, Subject.EMPLOYER, Subject.INCOME}
    assert (found[Subject.INCOME].basis, found[Subject.INCOME].on) == (IncomeBasis.STATED, ON)


def test_spouses_are_read_from_marriage_certificates():
    paper = Paper(section="IDENTITY", kind="MARRIAGE_CERTIFICATE", verdict="", values=values_of("MARRIAGE_CERTIFICATE"))
    assert spouses(papers=[ShownPaper(ref="paper:1", paper=paper, on=ON)]) == {"李小四"}
