"""Call-backs and second reviews on the pages of reviewers: home page, list, report, buttons; and through REST."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse

from tests.factories.evidence import make_reported
from tests.factories.requests import post, signed_in
from tests.factories.visits import VISIT_AT, make_agency, make_case, make_coordinator, make_member, make_placement
from visits.models import CallBack, Evidence, Review, VisitOrder
from visits.services.review.review import review_report

DONE = VISIT_AT + timedelta(hours=3)


@pytest.fixture
def agency(shanghai):
    return make_agency(territory=shanghai)


@pytest.fixture
def report(shanghai, agency, approver):
    case = make_case(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    placement = make_placement(case=case, agency=agency)
    report = make_reported(case=case, placement=placement, approver=approver, pair=pair)
    Evidence.objects.create(
        report=report,
        external_ref="E1",
        kind="DOOR",
        media_type="image/jpeg",
        byte_count=1,
        sha256="0" * 64,
        trust_score=50,
        signals=[{"signal": "LOOKALIKE", "weight": -50}],
        state="READ",
        read_at=DONE,
        updated_at=DONE,
        received_at=DONE,
    )
    return report


def page(name, *args):
    return reverse(f"admin:visits_{name}", args=args)


def press(client, name, record, **values):
    return client.post(page(name, record.pk), {"_form_submitted": "on", **values}, follow=True)


@time_machine.travel(DONE, tick=False)
def test_a_doubtful_report_goes_to_a_second_reviewer_and_its_borrower_is_called_back(client, reviewer, person, report):
    client.force_login(reviewer)
    press(client, "visitreport_accept_report", report, quality_score="90", note="好")
    assert VisitOrder.objects.get().state == "SECOND_REVIEW"
    shown = client.get(page("visitreport_change", report.pk)).content.decode()
    assert any(title in shown for title in ("Trust in this report", "本报告的可信程度"))
    assert page("visitreport_agree", report.pk) in shown
    assert page("visitreport_accept_report", report.pk) not in shown
    assert f"{page('callback_changelist')}?state__exact=OPEN" in client.get("/admin/").content.decode()
    assert str(CallBack.objects.get()) in client.get(page("callback_changelist")).content.decode()

    press(client, "visitreport_agree", report, reason="门不同")
    assert VisitOrder.objects.get().state == "SECOND_REVIEW"
    client.force_login(person("REVIEWER", name="other"))
    press(client, "visitreport_agree", report, reason="门不同")

    assert VisitOrder.objects.get().state == "VERIFIED"
    assert "门不同" in client.get(page("visitreport_change", report.pk)).content.decode()


@time_machine.travel(DONE, tick=False)
def test_the_agency_sees_neither_trust_nor_call_backs(client, reviewer, agency, report):
    client.force_login(reviewer)
    press(client, "visitreport_accept_report", report, quality_score="90", note="")
    coordinator = make_coordinator(agency=agency)
    client.force_login(coordinator)

    shown = client.get(page("visitreport_change", report.pk)).content.decode()
    assert page("callback_changelist") not in client.get("/admin/").content.decode()
    assert not any(title in shown for title in ("Trust in this report", "本报告的可信程度"))
    assert client.get(page("callback_changelist")).status_code == 403
    answer = signed_in(coordinator).get(f"/api/v1/visit-reports/{report.pk}/").json()
    assert answer["trust"] is None


def test_a_call_back_is_answered_and_its_fee_settled_through_rest(reviewer, person, report):
    with time_machine.travel(DONE, tick=False):
        client = signed_in(reviewer)
        review_report(report=report, verdict="ACCEPTED", quality_score=90, note="", actor=reviewer, at=DONE)
        (row,) = client.get("/api/v1/call-backs/", {"state": "OPEN"}).json()["results"]
        door = f"/api/v1/call-backs/{row['id']}/"
        assert (row["cause"], row["fee"], row["case"]) == ("LOW_TRUST", "WAITS", report.order.case_id)
        assert post(reviewer, f"{door}answer/", {"answer": "VISITED"}).status_code == 400
    with time_machine.travel(DONE + timedelta(days=5), tick=False):
        answered = post(reviewer, f"{door}answer/", {"answer": "NOT_REACHED"})
        again = post(reviewer, f"{door}answer/", {"answer": "NOT_REACHED"})
        assert (answered.status_code, answered.json()["fee"], again.status_code) == (200, "EARNED", 409)
        CallBack.objects.update(answer="NOT_VISITED", fee="WAITS")
        refused = post(reviewer, f"{door}settle/", {"is_paid": True, "reason": "x"})
        settled = post(person("REVIEWER", name="other"), f"{door}settle/", {"is_paid": False, "reason": "查过"})

    assert (refused.status_code, settled.status_code, settled.json()["fee"]) == (403, 200, "WITHHELD")
    assert Review.objects.get().needs_second
