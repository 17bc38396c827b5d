"""Legal recovery on the page of its decision: the button, the steps, and what may come next."""

from typing import Any

import pytest
from django.urls import reverse

from cases.models import Decision, LegalStep
from cases.services.decisions.lifecycle import approve_decision
from tests.factories.casework import AT, make_decision
from tests.factories.legal import LATER, make_recovery, record_step
from tests.factories.portfolio import make_overdue
from tests.factories.requests import signed_in


@pytest.fixture(autouse=True)
def _later(time_machine: Any) -> None:
    time_machine.move_to(LATER, tick=False)


@pytest.fixture
def recovery(shanghai: Any, approver: Any) -> Decision:
    return make_recovery(account=make_overdue(territory=shanghai), approver=approver)


def door(decision: Decision, name: str = "record_legal_step") -> str:
    return reverse(f"admin:cases_decision_{name}", args=[decision.pk])


def test_an_officer_records_a_step_and_the_page_shows_it_and_what_comes_next(recovery, officer):
    client = signed_in(officer)
    client.cookies["django_language"] = "en"
    before = client.get(door(recovery, "change")).content.decode()
    assert (door(recovery) in before, "Offer mediation" in before) == (True, True)
    given = {"_form_submitted": "on", "kind": "MEDIATION_OFFERED", "happened_on": "2026-03-20", "reference": "SMS-41"}

    assert client.post(door(recovery), given).status_code == 302

    after = client.get(door(recovery, "change")).content.decode()
    assert LegalStep.objects.get().recorded_by == officer
    assert ("SMS-41" in after, "File the claim with a court, from April 4, 2026" in after) == (True, True)
    # The court is not offered before the day from which it may be asked.
    assert 'value="FILED"' not in client.get(door(recovery)).content.decode()


def test_a_refusal_stands_in_the_dialog(recovery, officer):
    record_step(decision=recovery, actor=officer)
    client = signed_in(officer)

    given = {"_form_submitted": "on", "kind": "FILED", "happened_on": "2026-03-18", "reference": "X"}
    answer = client.post(door(recovery), given)

    assert list(answer.context["form"].errors) == ["court"]
    assert LegalStep.objects.count() == 1


def test_the_button_is_for_legal_recovery_and_for_officers(recovery, officer, approver, shanghai):
    freeze = make_decision(account=make_overdue(territory=shanghai), kind="FREEZE")
    approve_decision(decision=freeze, actor=approver, at=AT, note="overdue")

    assert door(freeze) not in signed_in(officer).get(door(freeze, "change")).content.decode()
    assert door(recovery) not in signed_in(approver).get(door(recovery, "change")).content.decode()
    assert signed_in(approver).post(door(recovery), {"_form_submitted": "on"}).status_code == 403


def test_the_button_goes_with_the_end(recovery, officer):
    record_step(decision=recovery, actor=officer)
    record_step(decision=recovery, actor=officer, kind="CLOSED", days=1)

    assert door(recovery) not in signed_in(officer).get(door(recovery, "change")).content.decode()
