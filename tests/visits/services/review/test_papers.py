"""What the reviewer sees of each section before the verdict."""

from datetime import date
from decimal import Decimal

from tests.factories.papers import make_paper
from visits.services.review.papers import report_papers

ON = date(2026, 3, 4)
SHARE = Decimal("0.90")


def test_each_section_says_whether_it_can_be_written_and_shows_its_own_papers(make_report):
    report = make_report(
        sections=[("IDENTITY", "CONFIRMED", SHARE), ("CAPACITY", "ABLE", SHARE), ("RESIDENCE", "CONFIRMED", SHARE)],
        trust=100,
    )
    make_paper(section=report.sections.get(section="IDENTITY"), kind="SOCIAL_SECURITY")
    make_paper(section=report.sections.get(section="CAPACITY"), kind="BANK_STATEMENT", closing="1.00")

    found = report_papers(report=report, on=ON).sections

    assert {name: (each.support.is_supported, each.support.reason.value) for name, each in found.items()} == {
        "IDENTITY": (True, "PAPER"),
        "CAPACITY": (False, "PAPERS_IN_DOUBT"),
        "RESIDENCE": (True, "PHOTOGRAPH"),
    }
    assert {name: [(paper.paper.kind, paper.is_sound) for paper in each.papers] for name, each in found.items()} == {
        "IDENTITY": [("SOCIAL_SECURITY", True)],
        "CAPACITY": [("BANK_STATEMENT", False)],
        "RESIDENCE": [],
    }
    assert {each.confirmed_independently for each in found.values()} == {True}


def test_a_report_that_filled_no_section_has_none(make_report):
    assert report_papers(report=make_report(trust=100), on=ON).sections == {}


def test_what_is_said_of_a_paper_as_a_whole_stands_beside_its_lines(make_report):
    report = make_report(sections=[("IDENTITY", "CONFIRMED", SHARE)])
    paper = make_paper(section=report.sections.get(), kind="IDENTITY_CARD")
    paper.fields = None
    paper.save(update_fields=["fields"])

    (shown,) = report_papers(report=report, on=ON).sections["IDENTITY"].papers

    assert (shown.lines, [check.reason.value for check in shown.checks]) == ((), ["NOTHING_READ"])
