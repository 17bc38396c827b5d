"""Reports that wait for a review."""

from datetime import timedelta

import pytest

from tests.factories.visits import VISIT_AT, make_order
from visits.models import Evidence, ReportSection, VisitReport

DONE = VISIT_AT + timedelta(hours=3)


@pytest.fixture
def make_report(case, placement, approver, pair, coordinator):
    def make(*, findings=("F01",), person="BORROWER", verdict="VALID", sections=(), trust=None, **fields):
        order = make_order(case=case, placement=placement, state="REPORTED", approver=approver, pair=pair)
        report = VisitReport.objects.create(
            **{
                "order": order,
                "external_ref": f"R{order.pk}",
                "findings": list(findings),
                "person_met": person,
                "address_verdict": verdict,
                "recommendation": "CLOSE",
                "submitted_by": coordinator,
                "submitted_at": DONE,
                "created_at": DONE,
                "contact_started_at": VISIT_AT,
                "contact_ended_at": VISIT_AT + timedelta(minutes=9),
            }
            | fields
        )
        for section, fact, confidence in sections:
            ReportSection.objects.create(report=report, section=section, verdict=fact, confidence=confidence)
        if trust is not None:
            Evidence.objects.create(
                report=report,
                external_ref=f"E{order.pk}",
                kind="DOOR",
                media_type="image/jpeg",
                byte_count=1,
                sha256="0" * 64,
                trust_score=trust,
                state="READ",
                read_at=DONE,
                updated_at=DONE,
                received_at=DONE,
            )
        return report

    return make
