"""The list of waivers by the core's answer, and instructing the core again."""

from typing import Any

import pytest
from django.urls import reverse

from backoffice.outbox.models import OutboxEvent
from cases.models import Waiver
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.waiver_events import acknowledge_waiver, effect_key
from cases.services.decisions.waivers import follow_waivers
from tests.factories.casework import AT, TODAY
from tests.factories.concessions import make_budget, pay, propose_waiver
from tests.factories.portfolio import make_overdue

LIST = reverse("admin:cases_waiver_changelist")


@pytest.fixture
def earned(shanghai: Any, risk_manager: Any, officer: Any, approver: Any) -> Waiver:
    make_budget(set_by=risk_manager, confirmed_by=approver)
    account = make_overdue(territory=shanghai)
    approve_decision(decision=propose_waiver(account=account, officer=officer), actor=approver, at=AT)
    pay(account=account, amount="31200", on=TODAY)
    follow_waivers(business_date=TODAY, at=AT)
    return Waiver.objects.get()


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ({}, "waiting"),
        ({"accepted": False, "refused_reason": "closing"}, "refused"),
        ({"accepted": True, "value": "1"}, "other"),
        ({"accepted": True, "value": "800"}, "agrees"),
    ],
)
def test_the_list_finds_waivers_by_the_answer_of_the_core(
    client: Any, approver: Any, earned: Any, answer: Any, found: str
) -> None:
    if answer:
        acknowledge_waiver(effect_key=effect_key(earned), actor=None, at=AT, **answer)
    client.force_login(approver)

    shown = {
        each: len(client.get(LIST, {"answer": each}).context["cl"].result_list)
        for each in ("waiting", "refused", "other", "agrees")
    }

    assert shown == {"waiting": 0, "refused": 0, "other": 0, "agrees": 0} | {found: 1}


def test_an_approver_instructs_the_core_again(client: Any, approver: Any, officer: Any, earned: Any) -> None:
    door = reverse("admin:cases_waiver_instruct_again", args=[earned.pk])
    client.force_login(officer)
    assert client.post(door, {"_form_submitted": "on"}).status_code == 403
    client.force_login(approver)

    client.post(door, {"_form_submitted": "on"})

    keys = OutboxEvent.objects.filter(topic="waiver.granted").order_by("pk").values_list("key", flat=True)
    assert list(keys) == [f"waiver-{earned.pk}-1", f"waiver-{earned.pk}-2"]
