"""Contradictions on the pages of a case and of a report, in their list, settled by a button and through REST."""

from decimal import Decimal

import pytest
import time_machine
from django.db import transaction
from django.urls import reverse

from cases.models import Case
from tests.factories.casework import make_policy_version
from tests.factories.evidence import make_reported
from tests.factories.papers import make_paper
from tests.factories.requests import post, signed_in
from tests.factories.visits import VISIT_AT, make_agency, make_case, make_coordinator, make_member, make_placement
from visits.models import Contradiction, ReportSection
from visits.services.doorstep.contradictions import note_contradictions


@pytest.fixture
def agency(shanghai):
    return make_agency(territory=shanghai)


@pytest.fixture
def case(shanghai):
    case = make_case(territory=shanghai)
    Case.objects.filter(pk=case.pk).update(policy_version=make_policy_version(body={"rules": []}))
    return case


@pytest.fixture
def report(case, agency, approver):
    pair = make_member(agency=agency), make_member(agency=agency)
    placement = make_placement(case=case, agency=agency)
    report = make_reported(case=case, placement=placement, approver=approver, pair=pair)
    section = ReportSection.objects.create(
        report=report, section="IDENTITY", verdict="NOT_ESTABLISHED", confidence=Decimal("0.5")
    )
    make_paper(section=section, kind="SOCIAL_SECURITY", name="王小五", employer="样本物流有限公司")
    make_paper(section=section, kind="INCOME_PROOF", monthly_income="4000.00", gross=None, deductions=None)
    with transaction.atomic():
        note_contradictions(borrower=case.borrower, actor=None, at=VISIT_AT)
    return report


def page(name, *args):
    return reverse(f"admin:{name}", args=args)


@time_machine.travel(VISIT_AT, tick=False)
def test_case_and_report_show_both_values_masked_and_what_would_decide(client, reviewer, officer, report, case):
    for user, address in (
        (officer, page("cases_case_change", case.pk)),
        (reviewer, page("visits_visitreport_change", report.pk)),
    ):
        client.force_login(user)
        shown = client.get(address).content.decode()
        assert "信息矛盾" in shown
        for words in ("张*三", "王*五", "示例***", "样本***", "4,***", "8,***", "相差 2.0 倍", "居民身份证"):
            assert words in shown, words
        assert "王小五" not in shown
        assert "样本物流" not in shown


@time_machine.travel(VISIT_AT, tick=False)
def test_an_officer_settles_one_from_the_case(client, officer, report):
    client.force_login(officer)
    row = Contradiction.objects.get(subject="NAME", left_source="APPLICATION")
    address = page("visits_contradiction_settle", row.pk)

    asked = client.get(address).content.decode()
    for words in ("不实的是：申请资料: 张*三", "不实的是：社保记录", "王*五"):
        assert words in asked, words
    client.post(address, {"_form_submitted": "on", "wrong": "BOTH", "reason": "曾用名，户口本已核对"}, follow=True)

    row.refresh_from_db()
    assert (row.state, row.settled_by) == ("CLEARED", officer)
    shown = client.get(page("visits_contradiction_change", row.pk)).content.decode()
    assert "曾用名" in shown
    # What is settled has no button.
    assert address not in shown


@time_machine.travel(VISIT_AT, tick=False)
def test_people_of_the_agency_and_dispatchers_see_none(client, dispatcher, agency, report, case):
    client.force_login(dispatcher)
    assert "信息矛盾" not in client.get(page("cases_case_change", case.pk)).content.decode()
    client.force_login(make_coordinator(agency=agency))
    assert "信息矛盾" not in client.get(page("visits_visitreport_change", report.pk)).content.decode()
    assert client.get(page("visits_contradiction_changelist")).status_code == 403


@time_machine.travel(VISIT_AT, tick=False)
def test_a_program_reads_and_settles_them(officer, report):
    row = Contradiction.objects.get(subject="NAME", left_source="APPLICATION")
    listed = signed_in(officer).get("/api/v1/contradictions/", {"subject": "NAME", "state": "OPEN"}).json()["results"]
    assert row.pk in [each["id"] for each in listed]
    assert "王*五" in {each["right_shown"] for each in listed}
    assert "王小五" not in str(listed)

    answer = post(officer, f"/api/v1/contradictions/{row.pk}/settle/", {"wrong": "RIGHT", "reason": "社保记录写错"})

    assert answer.status_code == 200, answer.json()
    assert (answer.json()["state"], answer.json()["wrong_side"]) == ("CONFIRMED", "RIGHT")
