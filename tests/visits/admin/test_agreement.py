"""Agreements about visits on the pages of officers and dispatchers: recorded, seen where they matter, withdrawn."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils.timezone import localtime

from tests.factories.agreements import CLOSES, OPENS, SECOND, make_consent, make_office, make_time
from tests.factories.policy import make_version
from tests.factories.visits import AT, make_agency, make_case, make_member, make_order, make_placement
from visits.models import VisitAgreement, VisitOrder


@pytest.fixture
def case(shanghai):
    # The pages name the case's reasons by the titles of the policy's rules.
    return make_case(territory=shanghai, policy_version=make_version())


@pytest.fixture
def agency(shanghai):
    return make_agency(territory=shanghai)


@pytest.fixture
def pair(agency):
    return make_member(agency=agency), make_member(agency=agency)


@pytest.fixture
def order(case, agency, approver, pair):
    placement = make_placement(case=case, agency=agency)
    return make_order(case=case, placement=placement, state="ACCEPTED", approver=approver, pair=pair)


def page(name, *args):
    return reverse(f"admin:visits_{name}", args=args)


def typed(at):
    return f"{localtime(at):%Y-%m-%dT%H:%M:%S}"


def evening(**fields):
    values = {"opens_at": typed(OPENS), "closes_at": typed(CLOSES), "evidence_ref": "REC-1", "note": ""}
    return {"_form_submitted": "on"} | values | fields


def english(client, user):
    client.force_login(user)
    client.cookies["django_language"] = "en"


def test_an_officer_records_a_time_on_the_cases_page_and_withdraws_it(client, officer, case):
    english(client, officer)
    record = page("visitagreement_record", case.pk, "time")
    with time_machine.travel(AT, tick=False):
        assert record in client.get(reverse("admin:cases_case_change", args=[case.pk])).content.decode()
        assert "09:00 and 20:00" in client.get(record).content.decode()
        refused = client.post(record, evening(evidence_ref=""))
        assert "name the recording or letter that proves the wish" in refused.content.decode()
        assert VisitAgreement.objects.count() == 0
        client.post(record, evening(note="夜班"))

        made = VisitAgreement.objects.get()
        assert (made.case, made.opens_at, made.closes_at, made.recorded_by) == (case, OPENS, CLOSES, officer)
        own, case_page = page("visitagreement_change", made.pk), reverse("admin:cases_case_change", args=[case.pk])
        assert own in client.get(case_page).content.decode()
        assert "夜班" in client.get(own).content.decode()
        assert str(made) in client.get(page("visitagreement_changelist"), {"counts": "now"}).content.decode()
        client.post(page("visitagreement_withdraw", made.pk), {"_form_submitted": "on", "note": ""})

        made.refresh_from_db()
        assert (made.withdrawn_at, made.withdrawn_by) == (AT, officer)
        assert page("visitagreement_withdraw", made.pk) not in client.get(own).content.decode()
        assert str(made) not in client.get(page("visitagreement_changelist"), {"counts": "now"}).content.decode()
        assert str(made) in client.get(page("visitagreement_changelist"), {"counts": "withdrawn"}).content.decode()


def test_an_officer_records_the_consent_to_a_place_on_the_cases_page(client, officer, case):
    office = make_office(borrower=case.borrower)
    english(client, officer)
    record = page("visitagreement_record", case.pk, "place")
    home = case.borrower.addresses.get(kind="RESIDENCE")

    client.post(record, {"address": home.pk, "evidence_ref": "REC-2"})
    client.post(record, {"address": office.pk, "evidence_ref": ""})
    assert VisitAgreement.objects.count() == 0
    client.post(record, {"address": office.pk, "evidence_ref": "REC-2", "last_day": "", "note": ""})

    made = VisitAgreement.objects.get()
    assert (made.kind, made.address, made.evidence_ref) == ("PLACE", office, "REC-2")


def test_a_dispatcher_notes_a_wish_on_a_planned_visit_which_is_planned_anew(client, dispatcher, order):
    english(client, dispatcher)
    with time_machine.travel(AT, tick=False):
        assert (
            page("visitorder_note_wish", order.pk) in client.get(page("visitorder_change", order.pk)).content.decode()
        )
        client.post(page("visitorder_note_wish", order.pk), evening())

        order.refresh_from_db()
        assert (order.state, VisitAgreement.objects.get().order) == ("APPROVED", order)
        shown = client.get(page("visitorder_change", order.pk)).content.decode()
        assert "21:00–23:00" in shown
        plan = client.post(page("visitorder_changelist"), {"action": "plan_selected", "_selected_action": [order.pk]})
        assert "21:00–23:00" in plan.content.decode()


@pytest.mark.parametrize(
    ("starts_at", "state"),
    [
        (OPENS - timedelta(minutes=1), "APPROVED"),
        (OPENS - SECOND, "SCHEDULED"),
        (CLOSES - timedelta(minutes=30), "SCHEDULED"),
        (CLOSES - timedelta(minutes=30) + SECOND, "APPROVED"),
    ],
)
def test_a_dispatcher_plans_inside_the_agreed_time_alone(starts_at, state, client, dispatcher, officer, order, pair):
    VisitOrder.objects.update(state="APPROVED", notice_sent_at=None, window_start=None, window_end=None)
    make_time(case=order.case, actor=officer)
    order.case.stage = "IN_WORK"
    order.case.save(update_fields=["stage"])
    english(client, dispatcher)

    with time_machine.travel(AT, tick=False):
        client.post(
            page("visitorder_assign_crew", order.pk),
            {"_form_submitted": "on", "lead": pair[0].pk, "second": pair[1].pk, "starts_at": typed(starts_at)},
        )

    assert VisitOrder.objects.get(pk=order.pk).state == state


def test_a_dispatcher_records_the_consent_to_the_place_of_a_visit(client, dispatcher, case, approver):
    office = make_office(borrower=case.borrower)
    home = case.borrower.addresses.get(kind="RESIDENCE")
    order = make_order(case=case, placement=None, state="DRAFT", approver=approver, address=home)
    english(client, dispatcher)
    button = page("visitorder_record_consent", order.pk)
    assert button not in client.get(page("visitorder_change", order.pk)).content.decode()
    VisitOrder.objects.update(address=office)

    shown = client.get(page("visitorder_change", order.pk)).content.decode()
    assert button in shown
    assert "reception only" in shown
    client.post(button, {"_form_submitted": "on", "evidence_ref": "REC-2", "last_day": "", "note": ""})

    assert VisitAgreement.objects.get().address == office


@pytest.mark.parametrize("role", ["REVIEWER", "AUDITOR", "APPROVER"])
def test_who_may_not_record_is_offered_nothing_and_refused(role, client, person, officer, order):
    made = make_time(case=order.case, actor=officer, note="夜班")
    reader = person(role, name="reader")
    english(client, reader)

    assert client.post(page("visitorder_note_wish", order.pk), evening()).status_code == 403
    assert client.post(page("visitagreement_withdraw", made.pk), {"_form_submitted": "on"}).status_code == 403
    assert client.post(page("visitagreement_record", order.case_id, "time"), evening()).status_code == 403
    assert (
        page("visitorder_note_wish", order.pk) not in client.get(page("visitorder_change", order.pk)).content.decode()
    )
    if reader.has_perm("visits.view_visitagreement"):
        assert "夜班" not in client.get(page("visitagreement_change", made.pk)).content.decode()


def test_a_crew_sees_that_only_the_reception_is_open_to_it_and_no_agreement(client, officer, order, pair):
    office = make_office(borrower=order.case.borrower)
    made = make_consent(case=order.case, address=office, actor=officer)
    VisitOrder.objects.update(address=office)
    english(client, pair[0].user)

    shown = client.get(page("visitorder_change", order.pk)).content.decode()
    assert "reception only" in shown
    assert str(made) not in shown
    revealed = client.post(page("visitorder_show_address", order.pk), {"_form_submitted": "on"}).content.decode()
    assert "ask for the borrower at the reception and go no further" in revealed
    assert client.get(page("visitagreement_change", made.pk)).status_code == 403
    assert client.post(page("visitorder_note_wish", order.pk), evening()).status_code == 403


def test_a_case_of_another_territory_has_no_page_for_it(client, person, chengdu, case):
    client.force_login(person("CASE_OFFICER", name="far", territories=(chengdu,)))

    assert client.get(page("visitagreement_record", case.pk, "time")).status_code == 404
    assert client.get(page("visitagreement_record", case.pk, "video")).status_code == 404
