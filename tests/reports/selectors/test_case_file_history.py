"""What was done, in a case file: codes, days and references of accepted visits and approved decisions, no typed text."""

from typing import Any

import pytest
from django.utils.translation import override

from cases.models import Decision
from reports.selectors.case_file_history import accepted_reports, history_sections
from tests.factories.casework import make_decision
from tests.factories.legal import NOTE, make_accepted_visit, make_history, make_recovery
from tests.factories.portfolio import make_overdue
from visits.models import VisitReport


@pytest.fixture
def decision(shanghai: Any, approver: Any) -> Any:
    made = make_recovery(account=make_overdue(territory=shanghai), approver=approver)
    return Decision.objects.select_related("account", "borrower").get(pk=made.pk)


def rows(decision: Any) -> dict[str, Any]:
    with override("en"):
        return {section.heading: section.rows for section in history_sections(decision=decision)}


def test_every_kind_of_record_has_its_rows(decision, officer, approver):
    make_history(decision=decision, officer=officer)
    evidence = make_accepted_visit(decision=decision, approver=approver)

    found = rows(decision)

    order = evidence.report.order
    crew = f"{order.lead.external_ref}, {order.second.external_ref}"
    assert found["Contacts"] == (("2026-02-21 10:00", "Voice call", "Outbound", "No answer"),)
    assert [row[2:] for row in found["Promises to pay"]] == [("1,000.00", "Open", "")]
    agency = order.placement.agency.name
    assert found["Visits"] == ((str(order), "2026-03-04", agency, crew, "F01 Borrower met, cooperative"),)
    assert [(row[2], row[3], row[5]) for row in found["Verifications"]] == [
        ("Repayment capacity", "Able to pay", "PAYSLIP-0")
    ]
    assert [(row[0], row[1], row[5]) for row in found["Decisions"]] == [
        (str(decision), "Legal recovery", str(approver)),
        (str(Decision.objects.get(kind="GRACE")), "Grace", str(decision.policy_version)),
    ]
    assert [row[4] for row in found["Letters about decisions"]][-1] == "Delivered 2026-03-02 (Post)"
    assert [row[1:] for row in found["Complaints and appeals"]] == [
        ("Complaint", "2026-03-02", "2026-03-02", "Rejected")
    ]
    assert [row[:2] for row in found["Legal steps"]] == [
        ("2026-03-02", "Mediation offered"),
        ("2026-03-03", "Mediation failed"),
    ]
    assert NOTE not in str(found)


def test_only_accepted_reports_and_approved_decisions_count(decision, approver):
    make_accepted_visit(decision=decision, approver=approver, verdict="RETURNED")
    make_decision(account=decision.account, kind="FREEZE")

    assert (rows(decision)["Visits"], len(rows(decision)["Decisions"])) == ((), 1)
    assert not VisitReport.objects.filter(accepted_reports(decision=decision)).exists()


@pytest.mark.parametrize("count", [1, 3])
def test_reading_costs_the_same_for_one_row_and_three(decision, officer, approver, count, django_assert_num_queries):
    make_history(decision=decision, officer=officer, count=count)
    for _one in range(count):
        make_accepted_visit(decision=decision, approver=approver)

    # Contacts, promises, visits, verifications and their facts, decisions, letters and their deliveries, complaints, steps.
    with django_assert_num_queries(10):
        assert len(rows(decision)["Visits"]) == count
