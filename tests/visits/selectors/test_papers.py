"""The papers of a report as the rules see them: today's checks until it is accepted, afterwards those of the review."""

from datetime import date
from decimal import Decimal

import pytest

from cases.rules.plans.affordability import Means
from tests.factories.evidence import make_reported
from tests.factories.papers import ID_NUMBER, NAME, make_paper
from tests.factories.portfolio import make_application
from visits.models import DocumentSeen, ReportSection
from visits.rules.report.paper_checks import Known
from visits.selectors.papers import checks_of, known_of, means_by, read_papers, stored

ON = date(2026, 3, 4)


@pytest.fixture
def report(case, placement, approver, pair):
    return make_reported(case=case, placement=placement, approver=approver, pair=pair)


def section(report, name="IDENTITY"):
    return ReportSection.objects.create(report=report, section=name, verdict="CONFIRMED", confidence="0.9")


def test_known_of_is_the_borrower_as_the_lender_has_them(report):
    line = report.order.address.line

    assert known_of(order=report.order) == Known(name=NAME, id_number=ID_NUMBER, address=line, is_resident=True)


def test_known_of_names_the_employer_stated_when_applying(report):
    make_application(borrower=report.order.case.borrower, employer="示例制造有限公司")

    assert known_of(order=report.order).employer == "示例制造有限公司"


def test_means_come_from_sound_papers_and_the_application(report):
    where = section(report, "CAPACITY")
    make_paper(section=where, kind="BANK_STATEMENT", verdict="UNREADABLE")
    make_paper(section=where, kind="INCOME_PROOF", monthly_income="7000.00", gross="8200.00")
    make_application(borrower=report.order.case.borrower, employer="", monthly_expenses="4100.00")
    papers = read_papers(report=report, order=report.order, on=ON).papers

    found = means_by(papers=papers, order=report.order)

    # The statement, which the crew could not read, says nothing.
    assert found == Means(monthly_income=Decimal("7000.00"), monthly_expenses=Decimal("4100.00"))


def test_the_holder_of_a_passport_has_no_number_of_a_resident(report):
    report.order.case.borrower.id_document = "PASSPORT"

    assert known_of(order=report.order).is_resident is False


@pytest.mark.parametrize(("papers", "queries"), [(1, 1), (3, 1)])
def test_papers_cost_one_query(report, papers, queries, django_assert_num_queries):
    where = section(report)
    made = [make_paper(section=where, kind="IDENTITY_CARD") for _one in range(papers)]
    known_of(order=report.order)

    # The papers with their sections.
    with django_assert_num_queries(queries):
        read = read_papers(report=report, order=report.order, on=ON)

    assert [each.ref for each in read.papers] == [f"paper:{paper.pk}" for paper in made]
    assert all(each.is_sound for each in read.papers)


def test_papers_are_judged_anew_until_the_review_has_judged_them(report):
    paper = make_paper(section=section(report), kind="IDENTITY_CARD")
    late = date(2041, 1, 1)
    assert not read_papers(report=report, order=report.order, on=late).papers[0].is_sound

    kept = stored(checks=read_papers(report=report, order=report.order, on=ON).papers[0].checks)
    DocumentSeen.objects.filter(pk=paper.pk).update(computed_at_review=kept)

    (read,) = read_papers(report=report, order=report.order, on=late).papers
    assert (read.is_sound, stored(checks=read.checks)) == (True, kept)


def test_a_report_without_papers_has_none(report):
    found = read_papers(report=report, order=report.order, on=ON)

    assert (found.papers, found.confirmed_independently) == ((), False)


def test_an_independent_source_is_told(report):
    make_paper(section=section(report), kind="SOCIAL_SECURITY")

    assert read_papers(report=report, order=report.order, on=ON).confirmed_independently


def test_checks_come_back_as_they_were_stored():
    kept = [{"field": "name", "verdict": "CONSISTENT", "reason": "AS_STATED"}]

    assert stored(checks=checks_of(kept=kept)) == kept
