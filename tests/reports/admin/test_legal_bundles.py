"""Bundles for legal recovery in the admin: asked for by number, approved by another person, taken by who asked."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from backoffice.access.roles import CARDS, Role
from backoffice.audit.models import AccessEntry
from reports.models import LegalBundle
from reports.services import legal_bundles
from tests.factories.legal import AT, make_recovery
from tests.factories.portfolio import make_overdue
from tests.factories.requests import signed_in

ASK = reverse("admin:reports_legalbundle_request_bundle")
SUBMIT = {"_form_submitted": "on"}


@pytest.fixture(autouse=True)
def _soon(time_machine: Any) -> None:
    time_machine.move_to(AT + timedelta(hours=1), tick=False)


@pytest.fixture
def decision(shanghai: Any, approver: Any) -> Any:
    return make_recovery(account=make_overdue(territory=shanghai), approver=approver)


def asked(decision: Any, actor: Any) -> LegalBundle:
    return legal_bundles.request_bundle(
        decision=decision, language="en", purpose="claim", actor=actor, at=timezone.now()
    )


def door(name: str, bundle: Any) -> str:
    return reverse(f"admin:reports_legalbundle_{name}", args=[bundle.pk])


@pytest.mark.parametrize("role", [role for role in Role if role != Role.MACHINE])
def test_the_form_opens_for_those_who_ask(role, person):
    expected = 200 if "reports.request_legalbundle" in CARDS[role].permissions else 403

    assert signed_in(person(role)).get(ASK).status_code == expected


def test_asked_by_number_approved_by_another_and_taken(decision, officer, approver):
    client = signed_in(officer)
    given = {"decision": str(decision).lower(), "language": "zh-hans", "purpose": "claim"}

    assert client.post(ASK, given).status_code == 302

    bundle = LegalBundle.objects.get()
    assert (bundle.decision, bundle.requested_by) == (decision, officer)
    assert client.post(door("approve", bundle), SUBMIT).status_code == 403
    assert signed_in(approver).post(door("approve", bundle), SUBMIT).status_code == 302
    legal_bundles.produce_bundle(bundle_id=bundle.pk, at=timezone.now())
    assert door("download", bundle) in client.get(door("change", bundle)).content.decode()
    taken = client.get(door("download", bundle))
    assert b"".join(taken).startswith(b"PK")
    assert taken["Content-Disposition"] == f'attachment; filename="{bundle}.zip"'
    assert "no-store" in taken["Cache-Control"]
    assert AccessEntry.objects.count() == 1


def test_what_is_wrong_stands_at_its_field(decision, officer):
    client = signed_in(officer)
    given = {"decision": str(decision), "language": "zh-hans", "purpose": "claim"}
    for change, field in (
        ({"decision": "D9999999"}, "decision"),
        ({"decision": "x"}, "decision"),
        ({"purpose": ""}, "purpose"),
    ):
        assert list(client.post(ASK, given | change).context["form"].errors) == [field]
    assert LegalBundle.objects.count() == 0


def test_others_are_neither_offered_nor_given_the_file(decision, officer, approver, person):
    bundle = asked(decision, officer)
    legal_bundles.approve_bundle(bundle=bundle, actor=approver, at=timezone.now())
    legal_bundles.produce_bundle(bundle_id=bundle.pk, at=timezone.now())

    for user in (approver, person("AUDITOR"), person("CASE_OFFICER", name="colleague")):
        client = signed_in(user)
        assert door("download", bundle) not in client.get(door("change", bundle)).content.decode()
        assert client.get(door("download", bundle)).status_code == 403
    LegalBundle.objects.update(expires_at=timezone.now())
    assert signed_in(officer).get(door("download", bundle)).status_code == 302
    assert AccessEntry.objects.count() == 0


def test_an_approver_refuses_with_a_reason(decision, officer, approver):
    bundle = asked(decision, officer)

    signed_in(approver).post(door("refuse", bundle), SUBMIT | {"reason": "mediation runs"})

    bundle.refresh_from_db()
    assert (bundle.state, bundle.refused_reason) == ("REFUSED", "mediation runs")


def test_the_page_of_the_decision_leads_to_its_bundles(decision, officer, shanghai, approver):
    other = make_recovery(account=make_overdue(territory=shanghai), approver=approver)
    bundles = [asked(each, officer) for each in (decision, other)]
    client = signed_in(officer)
    link = f"{reverse('admin:reports_legalbundle_changelist')}?decision__id__exact={decision.pk}"

    assert link in client.get(reverse("admin:cases_decision_change", args=[decision.pk])).content.decode()
    assert list(client.get(link).context["cl"].result_list) == bundles[:1]


@pytest.mark.parametrize("item_count", [1, 3])
def test_list_costs_the_same_for_one_row_and_three(
    item_count, auditor, officer, approver, shanghai, settings, django_assert_num_queries
):
    settings.UNFOLD = settings.UNFOLD | {"SIDEBAR": {"navigation": []}}
    for _row in range(item_count):
        asked(make_recovery(account=make_overdue(territory=shanghai), approver=approver), officer)
    client = signed_in(auditor)

    # Session, user, territories (filter), rows.
    with django_assert_num_queries(4):
        page = client.get(reverse("admin:reports_legalbundle_changelist"))

    assert len(page.context["cl"].result_list) == item_count
