"""Contradictions are settled by the document that decides, or by a person with a reason, once."""

from datetime import timedelta

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from cases.models import DueEvaluation, SuspicionSignal
from tests.factories.papers import make_paper
from tests.visits.services.review.conftest import DONE
from visits.models import Contradiction, VisitOrder
from visits.services.doorstep.contradictions import note_contradictions
from visits.services.review.contradictions import settle_contradiction
from visits.services.review.outcomes import accept, discard, send_back

ELSEWHERE = "上海市徐汇区漕溪北路5号2幢301室"


@pytest.fixture
def show(make_report, case):
    def file(*papers):
        report = make_report(sections=[("IDENTITY", "CONFIRMED", "0.90")], trust=90)
        section = report.sections.get()
        for kind, changes in papers:
            make_paper(section=section, kind=kind, **changes)
        note_contradictions(borrower=case.borrower, actor=None, at=DONE)
        return report

    return file


def in_review(report):
    VisitOrder.objects.filter(pk=report.order_id).update(state="UNDER_REVIEW")
    return VisitOrder.objects.select_related(
        "case__borrower", "case__territory", "address", "placement__agency", "lead", "second"
    ).get(pk=report.order_id)


def is_open():
    return SuspicionSignal.objects.filter(cleared_on__isnull=True).exists()


def test_an_accepted_report_with_the_deciding_document_settles_it(show, reviewer, case):
    line = str(case.borrower.addresses.get().line)
    report = show(("UTILITY_BILL", {"address": ELSEWHERE}), ("RESIDENCE_PERMIT", {"address": line}))
    bill = Contradiction.objects.get(left_source="APPLICATION", right_source="UTILITY_BILL")
    assert (bill.state, bill.decided_by) == ("OPEN", "RESIDENCE_PERMIT")

    accept(order=in_review(report), report=report, actor=reviewer, at=DONE)

    bill.refresh_from_db()
    assert (bill.state, bill.wrong_side, bill.settled_by) == ("CONFIRMED", "RIGHT", None)
    assert bill.settled_ref.startswith("paper:")
    assert bill.signal.cleared_on is not None


def test_a_document_that_its_checks_doubt_decides_nothing(show, reviewer, case):
    line = str(case.borrower.addresses.get().line)
    # Lapsed long before the visit, but not so long ago that it says nothing of where they live.
    permit = ("RESIDENCE_PERMIT", {"address": line, "endorsed_until": "2026-01-31"})
    report = show(("UTILITY_BILL", {"address": ELSEWHERE}), permit)

    accept(order=in_review(report), report=report, actor=reviewer, at=DONE)

    assert Contradiction.objects.get(left_source="APPLICATION", right_source="UTILITY_BILL").state == "OPEN"


@pytest.mark.parametrize("end", [send_back, discard])
def test_what_a_returned_or_discarded_report_says_contradicts_nobody(show, reviewer, end):
    report = show(("SOCIAL_SECURITY", {"name": "王小五"}))
    assert is_open()

    end(order=in_review(report), actor=reviewer, at=DONE)

    assert Contradiction.objects.get().state == "GONE"
    assert not is_open()


@pytest.mark.parametrize(("wrong", "state"), [("", "CLEARED"), ("LEFT", "CONFIRMED"), ("RIGHT", "CONFIRMED")])
def test_a_person_settles_it_with_a_reason_and_it_stays_settled(show, officer, case, wrong, state):
    show(("SOCIAL_SECURITY", {"name": "王小五"}))
    row = Contradiction.objects.get()
    DueEvaluation.objects.all().delete()

    settle_contradiction(contradiction=row, wrong=wrong, reason="户口本已核对，曾用名", actor=officer, at=DONE)
    note_contradictions(borrower=case.borrower, actor=None, at=DONE + timedelta(days=1))

    row.refresh_from_db()
    assert (row.state, row.wrong_side, row.settled_by) == (state, wrong, officer)
    assert not is_open()
    assert DueEvaluation.objects.filter(borrower=case.borrower).exists()
    assert AuditEntry.objects.get(action="contradiction.settled").body["wrong"] == wrong
    with pytest.raises(StateConflict):
        settle_contradiction(contradiction=row, wrong="", reason="再次核对", actor=officer, at=DONE)


@pytest.mark.parametrize(
    ("given", "field"),
    [({"reason": " "}, "reason"), ({"reason": "长" * 301}, "reason"), ({"wrong": "MIDDLE"}, "wrong")],
)
def test_a_side_and_a_reason_are_needed(show, officer, given, field):
    show(("SOCIAL_SECURITY", {"name": "王小五"}))
    with pytest.raises(InvalidInput) as refused:
        settle_contradiction(
            contradiction=Contradiction.objects.get(),
            **({"wrong": "LEFT", "reason": "核对"} | given),
            actor=officer,
            at=DONE,
        )
    assert refused.value.field == field


def test_who_may_not_or_does_not_see_the_borrower_settles_nothing(show, person, dispatcher, chengdu):
    show(("SOCIAL_SECURITY", {"name": "王小五"}))
    row = Contradiction.objects.get()
    for actor in (dispatcher, person("CASE_OFFICER", name="elsewhere", territories=(chengdu,)), None):
        with pytest.raises(NotAllowed):
            settle_contradiction(contradiction=row, wrong="LEFT", reason="核对", actor=actor, at=DONE)
    # Who may not is told that, and not what is wrong with the reason.
    with pytest.raises(NotAllowed):
        settle_contradiction(contradiction=row, wrong="LEFT", reason="", actor=dispatcher, at=DONE)
    row.refresh_from_db()
    assert row.state == "OPEN"


@pytest.mark.parametrize(
    ("wrong", "answer"),
    # That a paper or a visit is wrong says nothing of what the borrower stated.
    [("LEFT", "CONFIRMED"), ("RIGHT", ""), ("", "CLEARED")],
)
def test_a_person_who_settles_it_answers_its_signal(show, officer, wrong, answer):
    show(("UTILITY_BILL", {"address": ELSEWHERE}))
    row = Contradiction.objects.get(left_source="APPLICATION", right_source="UTILITY_BILL")

    settle_contradiction(contradiction=row, wrong=wrong, reason="已核对", actor=officer, at=DONE)

    signal = SuspicionSignal.objects.get(pk=row.signal_id)
    assert (signal.answer, signal.answered_by) == (answer, officer if answer else None)
    assert (signal.counts_until is not None) == (answer == "CONFIRMED")
    assert signal.cleared_on is not None
