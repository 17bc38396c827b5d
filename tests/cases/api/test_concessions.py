"""REST access to concession budgets and waivers, and the core's answer."""

from typing import Any

from django.test import Client

from cases.models import Decision
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.waivers import follow_waivers
from tests.backoffice.core.rest.test_api import machine
from tests.factories.casework import AT, TODAY
from tests.factories.concessions import make_budget, pay, propose_waiver
from tests.factories.portfolio import make_overdue
from tests.factories.requests import signed_in

BUDGETS, WAIVERS = "/api/v1/concession-budgets/", "/api/v1/waivers/"


def test_budgets_are_read_with_what_is_left(risk_manager: Any, approver: Any, officer: Any, shanghai: Any) -> None:
    budget = make_budget(set_by=risk_manager, confirmed_by=approver)
    propose_waiver(account=make_overdue(territory=shanghai), officer=officer)

    shown = signed_in(officer).get(BUDGETS, {"on": "2026-03-31", "currency": "CNY", "state": "CONFIRMED"}).json()

    assert [(r["id"], r["amount"], r["available"], r["held"], r["used"]) for r in shown["results"]] == [
        (budget.pk, "1000.00", "200.00", "800.00", "0.00")
    ]
    assert signed_in(officer).get(BUDGETS, {"on": "2026-04-01"}).json()["results"] == []


def test_the_core_answers_an_instruction_once(risk_manager: Any, approver: Any, officer: Any, shanghai: Any) -> None:
    make_budget(set_by=risk_manager, confirmed_by=approver)
    account = make_overdue(territory=shanghai)
    approve_decision(decision=propose_waiver(account=account, officer=officer), actor=approver, at=AT)
    pay(account=account, amount="31200", on=TODAY)
    follow_waivers(business_date=TODAY, at=AT)
    waiting = signed_in(officer).get(WAIVERS, {"acknowledged": "false"}).json()["results"]
    body = {"effect_key": waiting[0]["effect_key"], "accepted": True, "value": "800.00"}
    door = f"{WAIVERS}acknowledge/"

    core = machine("terms:write")

    refused = Client().post(door, body, content_type="application/json", headers=machine("cases:read", name="reader"))
    answers = [Client().post(door, body, content_type="application/json", headers=core) for _time in range(2)]

    assert refused.status_code == 403
    assert [(a.status_code, a.json()["answered_value"]) for a in answers] == [(200, "800.00")] * 2
    assert Decision.objects.get().state == "ACKNOWLEDGED"
    assert signed_in(officer).get(WAIVERS, {"acknowledged": "false"}).json()["results"] == []
