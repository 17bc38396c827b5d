"""Papers of a report that is handed in: values sealed, checks stored as codes, all wrong values refused at once."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection

from backoffice.audit.models import AuditEntry
from cases.models import CaseEvent
from tests.factories.papers import DOOR, ID_NUMBER, NAME, PAPERS, fields_of, make_paper
from tests.factories.visits import VISIT_AT, draft, make_order, photos, position
from visits.models import CheckIn, DocumentSeen, ReportSection, VisitReport
from visits.rules.report.paper_values import values_of
from visits.services.doorstep.attendance import check_out
from visits.services.doorstep.papers import keep_review_checks, paper_problems
from visits.services.doorstep.report_draft import Document, SectionDraft
from visits.services.doorstep.reports import ReportRefused, submit_report

SENT = VISIT_AT + timedelta(hours=1)


@pytest.fixture
def order(case, placement, pair, approver):
    address = case.borrower.addresses.get()
    address.line = DOOR
    address.save(update_fields=["line"])
    order = make_order(case=case, placement=placement, state="CHECKED_IN", approver=approver, pair=pair)
    for member in pair:
        CheckIn.objects.create(
            order=order,
            member=member,
            moment="IN",
            external_ref=f"CI{member.pk}",
            point="31.230400,121.473700",
            distance_m=5,
            device_at=VISIT_AT,
            received_at=VISIT_AT,
            happened_at=VISIT_AT,
        )
    left = VISIT_AT + timedelta(minutes=25)
    for member in pair:
        check_out(order=order, member=member, position=position(at=left), actor=member.user, at=left)
    return order


def sections(*documents):
    return (
        SectionDraft(section="IDENTITY", verdict="CONFIRMED", confidence=Decimal("0.90"), documents=documents),
        SectionDraft(section="RESIDENCE", verdict="CONFIRMED", confidence=Decimal("0.90")),
    )


def shown(kind, **changes):
    return Document(kind=kind, verdict="GENUINE_SEEN", no_copy_reason="当面核对", fields=fields_of(kind, **changes))


def submitted(order, actor, *documents):
    media = [each for each, _content in photos()]
    return submit_report(order=order, draft=draft(media=media, sections=sections(*documents)), actor=actor, at=SENT)


def test_values_are_sealed_and_checks_are_codes(order, coordinator):
    submitted(order, coordinator, shown("IDENTITY_CARD"), shown("LEASE", tenant_name="张大三"))

    card, lease = DocumentSeen.objects.order_by("pk")
    assert values_of(text=card.fields) == PAPERS["IDENTITY_CARD"]
    assert card.computed == [
        {"field": "id_number", "verdict": "CONSISTENT", "reason": "NUMBER_ADDS_UP"},
        {"field": "valid_until", "verdict": "CONSISTENT", "reason": "IN_FORCE"},
        {"field": "valid_until", "verdict": "CONSISTENT", "reason": "TERM_FITS_AGE"},
        {"field": "name", "verdict": "CONSISTENT", "reason": "AS_STATED"},
        {"field": "id_number", "verdict": "CONSISTENT", "reason": "AS_STATED"},
    ]
    assert lease.computed[1:] == [
        {"field": "address", "verdict": "CONSISTENT", "reason": "AS_STATED"},
        {"field": "tenant_name", "verdict": "DIFFERENT", "reason": "UNLIKE_STATED"},
    ]
    assert (card.computed_at_review, str(card)) == (None, f"{card.section_id} IDENTITY_CARD")


def test_no_value_stands_in_clear_in_the_database_the_events_or_the_audit(order, coordinator):
    submitted(order, coordinator, shown("LEASE", landlord_name="金丝雀房东"))

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(d)::text FROM visits_documentseen d")
        (at_rest,) = cursor.fetchone()
    # The table holds it, sealed.
    assert values_of(text=DocumentSeen.objects.get().fields)["landlord_name"] == "金丝雀房东"
    told = [at_rest, *map(str, CaseEvent.objects.values_list("body", flat=True))]
    told += map(str, AuditEntry.objects.values_list("body", flat=True))
    assert len(told) >= 3
    for text in told:
        assert not any(value in text for value in ("金丝雀", "房东", "3200.00", NAME, ID_NUMBER, DOOR))
    assert "金丝雀" not in repr(shown("LEASE", landlord_name="金丝雀房东"))


def test_a_paper_of_which_nothing_was_read_is_taken_and_says_so(order, coordinator):
    submitted(order, coordinator, Document(kind="IDENTITY_CARD", verdict="UNREADABLE", no_copy_reason="破损"))

    paper = DocumentSeen.objects.get()
    assert (paper.fields, paper.fields_ref) == (None, None)
    assert paper.computed == [{"field": "", "verdict": "NOT_SHOWN", "reason": "NOTHING_READ"}]


def test_a_report_with_wrong_values_is_refused_with_all_of_them_and_none_is_repeated(order, coordinator):
    with pytest.raises(ReportRefused) as refused:
        submitted(
            order,
            coordinator,
            shown("IDENTITY_CARD", valid_from="06.05.2020", id_number="金丝雀"),
            shown("LEASE", colour="金丝雀黄"),
        )

    assert {(problem.field, problem.code) for problem in refused.value.problems} == {
        ("IDENTITY.IDENTITY_CARD.valid_from", "PAPER_FIELD"),
        ("IDENTITY.IDENTITY_CARD.id_number", "PAPER_FIELD"),
        ("IDENTITY.LEASE.colour", "PAPER_FIELD"),
    }
    assert "金丝雀" not in str(refused.value)
    assert not VisitReport.objects.exists()


def test_papers_in_order_have_no_problem():
    assert paper_problems(sections=sections(*(shown(kind) for kind in PAPERS))) == ()


def test_the_review_judges_on_its_own_day_and_keeps_what_was_found_before(order, coordinator):
    report = submitted(order, coordinator, shown("RESIDENCE_PERMIT"))
    before = DocumentSeen.objects.get().computed

    keep_review_checks(report=report, order=order, on=(SENT + timedelta(days=400)).date())

    paper = DocumentSeen.objects.get()
    assert paper.computed == before
    assert {"field": "endorsed_until", "verdict": "CONSISTENT", "reason": "IN_FORCE"} in paper.computed
    assert {"field": "endorsed_until", "verdict": "OUT_OF_DATE", "reason": "LAPSED"} in paper.computed_at_review


def test_the_review_keeps_nothing_of_a_report_without_papers(order, coordinator):
    report = submitted(order, coordinator)

    keep_review_checks(report=report, order=order, on=SENT.date())

    assert (ReportSection.objects.filter(report=report).count(), DocumentSeen.objects.count()) == (2, 0)


def test_the_name_of_the_borrower_counts_as_the_lender_has_it_at_the_review(order, coordinator):
    report = submitted(order, coordinator)
    make_paper(section=report.sections.get(section="IDENTITY"), kind="IDENTITY_CARD")
    borrower = order.case.borrower
    borrower.name = "张改名"
    borrower.save(update_fields=["name", "name_index"])

    keep_review_checks(report=report, order=order, on=SENT.date())

    assert {
        "field": "name",
        "verdict": "DIFFERENT",
        "reason": "UNLIKE_STATED",
    } in DocumentSeen.objects.get().computed_at_review
