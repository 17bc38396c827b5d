"""Lines of a paper: masked for the page, in clear for who gave a purpose."""

from dataclasses import replace
from datetime import date

import pytest
from django.utils.translation import override

from tests.factories.papers import DOOR, ID_NUMBER, NAME, PAPERS, values_of
from visits.models import DocumentSeen
from visits.rules.report.paper_checks import Known, Paper, check_papers
from visits.selectors.paper_lines import clear_lines, paper_lines
from visits.selectors.papers import ReadPaper

KNOWN = Known(name=NAME, id_number=ID_NUMBER, address=DOOR)


def read(kind, **changes):
    paper = Paper(section="IDENTITY", kind=kind, verdict="CONSISTENT", values=values_of(kind, **changes))
    (checks,) = check_papers(papers=[paper], known=KNOWN, on=date(2026, 3, 4)).checks
    return ReadPaper(document=DocumentSeen(), section="IDENTITY", paper=paper, checks=checks, is_sound=True)


def shown(kind, **changes):
    with override("en"):
        return [
            (line.name, str(line.stated), str(line.seen), [check.reason.value for check in line.checks])
            for line in paper_lines(read=read(kind, **changes), known=KNOWN)
        ]


def test_a_card_is_shown_beside_what_the_lender_states_and_what_the_rules_find():
    assert shown("IDENTITY_CARD", name="张大三") == [
        ("name", "张*三", "张*三", ["UNLIKE_STATED"]),
        ("id_number", "**************123X", "**************123X", ["NUMBER_ADDS_UP", "AS_STATED"]),
        ("valid_from", "", "2020-**-**", []),
        ("valid_until", "", "2040-**-**", ["IN_FORCE", "TERM_FITS_AGE"]),
    ]


def test_amounts_and_addresses_are_hidden_and_lists_are_counted():
    assert [line[:3] for line in shown("LEASE")][:1] == [("address", "上海市黄浦区***", "上海市黄浦区***")]
    assert [line[:3] for line in shown("BANK_STATEMENT")][3:6] == [
        ("opening", "", "***"),
        ("amounts", "", "6 entries"),
        ("wages", "", "3 entries"),
    ]
    assert shown("HARDSHIP_PROOF")[0][:3] == ("type", "", "***")


def test_a_field_that_must_be_read_and_was_not_has_a_line():
    assert ("monthly_rent", "", "", ["FIELD_MISSING"]) in shown("LEASE", monthly_rent=None)


@pytest.mark.parametrize("kind", PAPERS)
def test_no_value_of_any_paper_shows_through_its_mask(kind):
    short = 4
    told = str(shown(kind))

    for value in PAPERS[kind].values():
        for each in value if isinstance(value, list) else [value]:
            assert len(each) <= short or each not in told, each


def test_clear_lines_are_all_values_with_choices_in_words():
    with override("en"):
        lines = {line.name: line.value for line in clear_lines(read=read("HARDSHIP_PROOF"))}

    assert lines == {"type": "Registered unemployment", "name": NAME, "issued_on": "2026-01-15"}
    assert {line.name: line.value for line in clear_lines(read=read("BANK_STATEMENT"))}["wages"] == (
        "8000.00, 8000.00, 8000.00"
    )


def test_the_employer_stands_beside_the_one_stated_when_applying_and_is_no_fault_of_the_paper():
    known = replace(KNOWN, employer="样本物流有限公司")
    (line,) = (each for each in paper_lines(read=read("INCOME_PROOF"), known=known) if each.name == "employer")

    assert (line.stated, line.seen, line.checks) == ("样******司", "示******司", ())
