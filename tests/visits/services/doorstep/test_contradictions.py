"""Contradictions are found when a report comes in and when the lender's data change; they end with their sources."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from backoffice.audit.models import AuditEntry
from cases.models import Address, Borrower, DueEvaluation, SuspicionSignal
from tests.factories.papers import make_paper
from tests.factories.portfolio import make_application, make_borrower
from tests.factories.visits import VISIT_AT, draft, make_order, photos, seen
from tests.visits.services.doorstep.test_reports import OPENED, at_door, knock, leave
from visits import tasks
from visits.models import Contradiction, ReportSection, VisitOrder, VisitReport
from visits.services.doorstep.contradictions import lock_contradictions, note_contradictions, recheck_contradictions
from visits.services.doorstep.report_draft import SectionDraft
from visits.services.doorstep.reports import submit_report

LATER = VISIT_AT + timedelta(hours=2)
OTHER_DOOR = "上海市徐汇区漕溪北路5号2幢301室"


@pytest.fixture
def order(case, placement, pair, approver):
    return make_order(case=case, placement=placement, state="EN_ROUTE", approver=approver, pair=pair)


@pytest.fixture
def show(case, placement, pair, approver):
    """Return what files a report with papers, given as (kind, changes), that waits for its review, and notes what it brings."""

    def file(*papers):
        order = make_order(case=case, placement=placement, state="REPORTED", approver=approver, pair=pair)
        report = VisitReport.objects.create(
            order=order,
            external_ref=f"R{order.pk}",
            findings=["F01"],
            person_met="BORROWER",
            recommendation="CLOSE",
            submitted_at=LATER,
            created_at=LATER,
        )
        section = ReportSection.objects.create(
            report=report, section="IDENTITY", verdict="NOT_ESTABLISHED", confidence=Decimal("0.5")
        )
        for kind, changes in papers:
            make_paper(section=section, kind=kind, **changes)
        note(case.borrower)
        return report

    return file


OTHER_NAME = ("SOCIAL_SECURITY", {"name": "王小五"})


def note(borrower, at=LATER):
    with transaction.atomic():
        return note_contradictions(borrower=borrower, actor=None, at=at)


def test_a_report_that_contradicts_the_lender_raises_a_signal_and_names_what_would_decide(order, pair, coordinator):
    knock(order, pair)
    leave(order, pair, at=OPENED + timedelta(minutes=30))
    media = [each for each, _content in photos()]
    section = SectionDraft(
        section="IDENTITY",
        verdict="NOT_ESTABLISHED",
        confidence=Decimal("0.5"),
        documents=(seen("SOCIAL_SECURITY", name="王小五"),),
    )
    whole = draft(**at_door(media=media))
    DueEvaluation.objects.all().delete()

    report = submit_report(
        order=order, draft=replace(whole, sections=(section, *whole.sections[2:])), actor=coordinator, at=LATER
    )

    row = Contradiction.objects.get()
    assert (row.subject, row.left_source, row.right_source) == ("NAME", "APPLICATION", "SOCIAL_SECURITY")
    assert (row.left_shown, row.right_shown, row.decided_by) == ("张*三", "王*五", "IDENTITY_CARD")
    assert (row.state, row.report, row.weight) == ("OPEN", report, Decimal("0.80"))
    signal = SuspicionSignal.objects.get()
    assert (signal.kind, signal.confidence, signal.cleared_on) == ("FALSE_IDENTITY", Decimal("0.80"), None)
    assert signal.source == "CONTRADICTION:APPLICATION/SOCIAL_SECURITY"
    assert row.signal == signal
    assert DueEvaluation.objects.filter(borrower=order.case.borrower).exists()
    body = AuditEntry.objects.get(action="contradictions.noted").body
    assert "王" not in str(body)


def test_papers_that_agree_raise_nothing(show):
    show(("SOCIAL_SECURITY", {}), ("INCOME_PROOF", {}), ("BANK_STATEMENT", {}))
    assert not Contradiction.objects.exists()
    assert not SuspicionSignal.objects.exists()


def test_noted_twice_it_stands_once(show, case):
    show(OTHER_NAME)
    entries = AuditEntry.objects.count()
    for _again in range(2):
        note(case.borrower)
    assert Contradiction.objects.count() == SuspicionSignal.objects.count() == 1
    assert AuditEntry.objects.count() == entries


def test_a_corrected_source_ends_it_and_the_old_value_brings_it_back(show, case):
    borrower = case.borrower
    show(OTHER_NAME, ("IDENTITY_CARD", {"name": "王小五"}))
    assert Contradiction.objects.filter(state="OPEN").count() == 2
    borrower.name = "王小五"
    borrower.save()

    note(borrower)

    assert set(Contradiction.objects.values_list("state", flat=True)) == {"GONE"}
    assert not SuspicionSignal.objects.filter(cleared_on__isnull=True).exists()

    borrower.name = "张小三"
    borrower.save()
    note(borrower)

    assert Contradiction.objects.filter(state="OPEN").count() == 2
    assert SuspicionSignal.objects.filter(cleared_on__isnull=True).count() == 2


def test_a_report_that_was_returned_or_is_of_somebody_else_is_no_source(show, case, shanghai):
    report = show(OTHER_NAME)
    assert note(make_borrower(territory=shanghai)) == {}
    VisitOrder.objects.filter(pk=report.order_id).update(state="RETURNED")
    assert note(case.borrower) == {}
    assert Contradiction.objects.get().state == "GONE"


def test_every_night_borrowers_whose_data_changed_are_compared_again(show, case, time_machine):
    address = Address.objects.get(borrower=case.borrower)
    show(("UTILITY_BILL", {"address": str(address.line)}))
    assert not Contradiction.objects.exists()
    address.line, address.updated_at = OTHER_DOOR, LATER
    address.save()
    time_machine.move_to(LATER + timedelta(days=1), tick=False)

    tasks.recheck_contradictions()

    assert Contradiction.objects.get().subject == "HOME"
    # Whose data rest for days is not looked at.
    Contradiction.objects.all().update(state="GONE")
    recheck_contradictions(at=LATER + timedelta(days=5))
    assert Contradiction.objects.get().state == "GONE"


def test_the_nightly_comparison_goes_on_where_it_stopped_and_past_a_borrower_that_fails(show, case, caplog):
    show(OTHER_NAME)
    borrower = case.borrower
    Borrower.objects.update(updated_at=LATER)
    Contradiction.objects.all().update(state="GONE")

    assert recheck_contradictions(at=LATER, number=1) == borrower.pk
    assert recheck_contradictions(at=LATER, after=borrower.pk, number=1) is None
    assert Contradiction.objects.get().state == "OPEN"

    # What was read from the paper cannot be opened any more.
    with connection.cursor() as cursor:
        cursor.execute("UPDATE visits_documentseen SET fields = '\\x00'")
    assert recheck_contradictions(at=LATER) is None
    assert [record.borrower for record in caplog.records if record.msg == "sources not compared"] == [borrower.pk]
    assert Contradiction.objects.get().state == "OPEN"


def test_what_was_stated_when_applying_is_compared_with_papers(show, case):
    make_application(borrower=case.borrower, employer="另一家商贸有限公司", monthly_income="26000.00")

    show(("INCOME_PROOF", {}))

    assert {(each.subject, each.left_source, each.right_source) for each in Contradiction.objects.all()} == {
        ("EMPLOYER", "APPLICATION", "INCOME_PROOF"),
        ("INCOME", "APPLICATION", "INCOME_PROOF"),
    }
    assert set(SuspicionSignal.objects.values_list("kind", flat=True)) == {"FALSE_EMPLOYER", "FALSE_INCOME"}


def test_an_application_that_changes_is_compared_the_next_night(show, case):
    application = make_application(borrower=case.borrower, employer="示例制造有限公司")
    show(("INCOME_PROOF", {}))
    assert not Contradiction.objects.exists()
    application.employer, application.updated_at = "另一家商贸有限公司", LATER
    application.save()
    long_ago = LATER - timedelta(days=60)
    Borrower.objects.update(updated_at=long_ago)
    Address.objects.update(updated_at=long_ago)

    recheck_contradictions(at=LATER + timedelta(hours=3))

    assert Contradiction.objects.get().subject == "EMPLOYER"


@pytest.mark.parametrize("number", [1, 3])
def test_it_takes_as_many_statements_for_three_papers_as_for_one(show, case, number, django_assert_num_queries):
    show(*(("SOCIAL_SECURITY", {}),) * number)
    with django_assert_num_queries(12), transaction.atomic():
        note_contradictions(borrower=case.borrower, actor=None, at=LATER)


@pytest.mark.django_db(transaction=True)
def test_it_needs_the_transaction_of_what_causes_it():
    with pytest.raises(RuntimeError, match="of what causes that"):
        lock_contradictions(borrower_id=1)
