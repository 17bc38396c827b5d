"""Exports and experiment arms in the admin: who may ask, approve, take and draw."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from backoffice.access.roles import CARDS, Role
from backoffice.audit.models import AccessEntry
from reports.models import ExperimentArm, ExportJob
from reports.services import exports
from tests.factories.casework import make_case
from tests.factories.portfolio import TODAY, make_overdue

STAFF = [role for role in Role if role != Role.MACHINE]
ASK = reverse("admin:reports_exportjob_request_export")
DRAW = reverse("admin:reports_experimentarm_draw")
SUBMIT = {"_form_submitted": "on"}


def ask(actor):
    return exports.request_export(
        report="OPEN_CASES", parameters={}, purpose="weekly meeting", actor=actor, at=timezone.now()
    )


def made(actor, approver):
    export = ask(actor)
    exports.approve_export(export=export, actor=approver, at=timezone.now())
    return exports.produce_export(export_id=export.pk, at=timezone.now())


def door(name, export):
    return reverse(f"admin:reports_exportjob_{name}", args=[export.pk])


@pytest.mark.parametrize("role", STAFF)
def test_the_forms_open_for_the_permitted_roles_only(role, client, person):
    client.force_login(person(role))

    for address, permission in ((ASK, "reports.request_exportjob"), (DRAW, "reports.draw_experimentarm")):
        expected = 200 if permission in CARDS[role].permissions else 403
        assert client.get(address).status_code == expected, address


def test_an_officer_asks_and_an_approver_lets_it_be_made(client, officer, approver):
    client.force_login(officer)
    client.post(ASK, {"report": "OPEN_CASES", "purpose": "weekly meeting", "currency": "CNY"})
    export = ExportJob.objects.get()
    assert client.post(door("approve", export), SUBMIT).status_code == 403
    client.force_login(approver)

    client.post(door("approve", export), SUBMIT)

    export.refresh_from_db()
    assert (export.state, export.approved_by) == ("APPROVED", approver)


def test_the_form_keeps_what_is_missing_beside_its_field(client, officer):
    client.force_login(officer)

    page = client.post(ASK, {"report": "FUNNEL", "purpose": "weekly meeting"})

    assert list(page.context["form"].errors) == ["start_on"]
    assert ExportJob.objects.count() == 0


def test_an_approver_refuses_with_a_reason(client, officer, approver):
    export = ask(officer)
    client.force_login(approver)
    client.post(door("refuse", export), SUBMIT)
    assert ExportJob.objects.get().state == "REQUESTED"

    client.post(door("refuse", export), {**SUBMIT, "reason": "too wide"})

    assert (ExportJob.objects.get().state, ExportJob.objects.get().refused_reason) == ("REFUSED", "too wide")


def test_only_the_requester_is_offered_the_file_and_gets_it(client, officer, approver, person, shanghai):
    make_case(account=make_overdue(territory=shanghai))
    export = made(officer, approver)
    expected = {
        approver: (403, False),
        person("AUDITOR"): (403, False),
        person("CASE_OFFICER", name="colleague"): (404, False),
        officer: (200, True),
    }

    for user, (status, offered) in expected.items():
        client.force_login(user)
        page = client.get(door("change", export)).content.decode()
        answer = client.get(door("download", export))
        taken = b"".join(answer) if status == 200 else b""
        assert (answer.status_code, door("download", export) in page) == (status, offered)

    # The requester is the last.
    assert taken.startswith(b"\xef\xbb\xbf")
    assert answer["Content-Disposition"] == f'attachment; filename="export-{export.pk}.csv"'
    assert "no-store" in answer["Cache-Control"]
    assert set(AccessEntry.objects.values_list("actor_id", flat=True)) == {officer.pk}


def test_an_export_whose_time_is_over_is_not_handed_out(client, officer, approver):
    export = made(officer, approver)
    ExportJob.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    client.force_login(officer)

    assert client.get(door("download", export)).status_code == 404
    assert AccessEntry.objects.count() == 0


@pytest.mark.parametrize("item_count", [1, 3])
@pytest.mark.parametrize("model", ["exportjob", "experimentarm"])
def test_list_costs_the_same_for_one_row_and_three(
    model, item_count, client, auditor, officer, shanghai, settings, django_assert_num_queries
):
    settings.UNFOLD = settings.UNFOLD | {"SIDEBAR": {"navigation": []}}
    for _row in range(item_count):
        ask(officer)
        borrower = make_overdue(territory=shanghai).borrower
        ExperimentArm.objects.create(experiment="visit-timing", borrower=borrower, arm="CHAMPION", drawn_on=TODAY)
    client.force_login(auditor)

    # Session, user, rows.
    with django_assert_num_queries(3):
        page = client.get(reverse(f"admin:reports_{model}_changelist"))

    assert len(page.context["cl"].result_list) == item_count


def test_a_risk_manager_draws_and_reads_the_arms(client, risk_manager, shanghai):
    make_case(account=make_overdue(territory=shanghai))
    client.force_login(risk_manager)
    client.cookies["django_language"] = "en"
    words = "Small numbers prove nothing"
    assert words not in client.get(reverse("reports_effectiveness")).content.decode()
    client.get(DRAW)
    assert ExperimentArm.objects.count() == 0

    client.post(DRAW, {"experiment": "visit-timing"})

    assert ExperimentArm.objects.count() == 1
    assert words in client.get(reverse("reports_effectiveness")).content.decode()
