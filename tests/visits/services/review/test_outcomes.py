"""What follows from a verdict: facts and a draw, another version, or nothing at all."""

from backoffice.audit.models import AuditEntry
from cases.models import Verification
from tests.visits.services.review.conftest import DONE
from visits.models import CallBack, VisitOrder
from visits.services.review.call_backs import open_call_back
from visits.services.review.outcomes import accept, discard, send_back
from visits.trust_enums import CallBackCause


def in_review(report):
    VisitOrder.objects.update(state="UNDER_REVIEW")
    return VisitOrder.objects.select_related(
        "case__borrower", "case__territory", "address", "placement__agency", "lead", "second"
    ).get(pk=report.order_id)


def test_an_accepted_report_counts_and_may_be_drawn(make_report, reviewer, settings):
    settings.CONDUCT = {"CN": {"call_back_share_percent": 100}}
    report = make_report(trust=90)

    accept(order=in_review(report), report=report, actor=reviewer, at=DONE)

    assert (VisitOrder.objects.get().state, Verification.objects.count()) == ("VERIFIED", 1)
    assert CallBack.objects.get().cause == "DRAWN"


def test_a_report_that_does_not_count_withdraws_its_call_back(make_report, reviewer, agency):
    for end, state in ((send_back, "RETURNED"), (discard, "ABORTED")):
        report = make_report() if not VisitOrder.objects.exists() else VisitOrder.objects.get().reports.get()
        order = in_review(report)
        open_call_back(order=order, report=report, cause=CallBackCause.LOW_TRUST, at=DONE)

        end(order=order, actor=reviewer, at=DONE)

        assert VisitOrder.objects.get().state == state
        assert set(CallBack.objects.values_list("state", flat=True)) == {"WITHDRAWN"}
    assert AuditEntry.objects.filter(action="callback.withdrawn").count() == 2
    assert not Verification.objects.exists()
