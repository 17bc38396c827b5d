"""The papers of a decision for legal recovery: case file, letters, photographs of accepted visits, and nobody else's data."""

from typing import Any

import pytest

from cases.models import Decision, DecisionLetter
from reports.selectors.legal_papers import LeftOut, legal_papers, photographs
from tests.factories.legal import CONTACT_PHONE, NOTE, make_accepted_visit, make_history, make_recovery
from tests.factories.portfolio import make_overdue
from tests.factories.visits import stored
from tests.pdf_text import pdf_text
from visits.models import Evidence, VisitReport


@pytest.fixture
def decision(shanghai: Any, approver: Any) -> Any:
    made = make_recovery(account=make_overdue(territory=shanghai), approver=approver)
    return Decision.objects.select_related("account", "borrower").get(pk=made.pk)


def test_the_papers_by_name_and_what_they_may_not_hold(decision, officer, approver):
    make_history(decision=decision, officer=officer)
    evidence = make_accepted_visit(decision=decision, approver=approver)

    papers, left_out = legal_papers(decision=decision, language="zh-hans")

    letters = [f"letters/{letter}.pdf" for letter in DecisionLetter.objects.order_by("pk")]
    photo = f"visits/{evidence.report.order}/door-{evidence.pk}.jpg"
    contents = {paper.name: paper.content for paper in papers}
    assert (list(contents), left_out) == (["case-file.pdf", *letters, photo], [])
    assert contents[photo] == stored(evidence.file.name)
    text = pdf_text(contents["case-file.pdf"])
    assert [word for word in ("张小三", "99999919850101123X", "赵担保0", "PAYSLIP-0") if word not in text] == []
    everything = text + "".join(pdf_text(contents[name]) for name in letters)
    kept_out = (CONTACT_PHONE, "王五", NOTE.replace(" ", ""), "neighbour")
    assert [word for word in kept_out if word in everything] == []


def test_the_same_facts_give_the_same_bytes(decision, officer, approver):
    make_history(decision=decision, officer=officer)
    make_accepted_visit(decision=decision, approver=approver)

    assert legal_papers(decision=decision, language="en") == legal_papers(decision=decision, language="en")


@pytest.mark.parametrize(
    ("model", "change"),
    [
        (VisitReport, {"person_met": "MINOR"}),
        (VisitReport, {"findings": ["F13"]}),
        (VisitReport, {"findings": ["F01", "F41"]}),
        (Evidence, {"state": "UNREADABLE"}),
        (Evidence, {"kind": "DOCUMENT"}),
        (Evidence, {"kind": "AUDIO", "media_type": "audio/mp4"}),
        (Evidence, {"media_type": "video/mp4"}),
    ],
)
def test_a_photograph_stays_out(decision, approver, model, change):
    make_accepted_visit(decision=decision, approver=approver)
    assert len(photographs(decision=decision)) == 1

    model.objects.update(**change)

    assert photographs(decision=decision) == []


@pytest.mark.parametrize("verdict", ["RETURNED", "RED_LINE"])
def test_a_photograph_of_a_report_that_was_not_accepted_stays_out(decision, approver, verdict):
    make_accepted_visit(decision=decision, approver=approver, verdict=verdict)

    assert photographs(decision=decision) == []


def test_a_photograph_of_another_borrower_stays_out(decision, approver, shanghai):
    other = make_recovery(account=make_overdue(territory=shanghai), approver=approver)
    make_accepted_visit(decision=other, approver=approver)

    assert photographs(decision=decision) == []


def test_a_lost_photograph_is_named(decision, approver):
    evidence = make_accepted_visit(decision=decision, approver=approver)
    evidence.file.storage.delete(evidence.file.name)

    papers, left_out = legal_papers(decision=decision, language="en")

    assert left_out == [LeftOut(reference=evidence.external_ref, problem="file_lost")]
    assert [paper.name for paper in papers if paper.name.startswith("visits/")] == []


@pytest.mark.parametrize("count", [1, 3])
def test_reading_costs_the_same_for_one_row_and_three(decision, officer, approver, count, django_assert_num_queries):
    make_history(decision=decision, officer=officer, count=count)
    for _one in range(count):
        make_accepted_visit(decision=decision, approver=approver)

    # Debt (6), history (10), letters with their decisions, photographs.
    with django_assert_num_queries(18):
        papers, _left_out = legal_papers(decision=decision, language="en")
    assert len(papers) == 1 + DecisionLetter.objects.count() + count
