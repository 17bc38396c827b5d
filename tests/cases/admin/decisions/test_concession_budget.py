"""Pages of concession budgets: set, confirmed by another person, and what is left."""

from datetime import date
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from cases.models import ConcessionBudget
from tests.factories.casework import AT
from tests.factories.concessions import make_budget, propose_waiver
from tests.factories.portfolio import make_overdue

SET = reverse("admin:cases_concessionbudget_set_budget")


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


@pytest.fixture
def confirmer(person: Any) -> Any:
    return person("APPROVER", name="confirmer", all_territories=True)


def door(budget: Any, name: str) -> str:
    return reverse(f"admin:cases_concessionbudget_{name}", args=[budget.pk])


def test_a_budget_is_set_by_the_risk_manager_and_confirmed_by_another_person(
    client: Any, risk_manager: Any, confirmer: Any
) -> None:
    client.force_login(risk_manager)
    assert client.get(SET).context["form"]["starts_on"].value() == date(2026, 3, 1)
    asked = {"currency": "CNY", "starts_on": "2026-03-01", "period": "MONTH", "amount": "5000"}

    client.post(SET, asked)

    budget = ConcessionBudget.objects.get()
    assert (budget.state, budget.set_by, budget.territory) == ("DRAFT", risk_manager, None)
    assert client.post(door(budget, "confirm"), {"_form_submitted": "on"}).status_code == 403
    client.force_login(confirmer)
    client.post(door(budget, "confirm"), {"_form_submitted": "on"})
    budget.refresh_from_db()
    assert (budget.state, budget.confirmed_by) == ("CONFIRMED", confirmer)


def test_a_refusal_stands_at_its_field(client: Any, risk_manager: Any) -> None:
    client.force_login(risk_manager)
    asked = {"currency": "CNY", "starts_on": "2026-03-02", "period": "MONTH", "amount": "5000"}

    page = client.post(SET, asked)

    assert set(page.context["form"].errors) == {"starts_on"}
    assert ConcessionBudget.objects.count() == 0


def test_a_draft_is_discarded_by_who_may_set_budgets(client: Any, risk_manager: Any, confirmer: Any) -> None:
    budget = make_budget(set_by=risk_manager, confirmed_by=None, confirmed_at=None, state="DRAFT")
    client.force_login(confirmer)
    assert client.post(door(budget, "discard"), {"_form_submitted": "on"}).status_code == 403
    client.force_login(risk_manager)

    client.post(door(budget, "discard"), {"_form_submitted": "on"})

    budget.refresh_from_db()
    assert budget.state == "RETIRED"


def test_the_page_shows_what_is_left_and_the_readers_own_waivers(
    client: Any,
    risk_manager: Any,
    confirmer: Any,
    officer: Any,
    approver: Any,
    shanghai: Any,
    chengdu: Any,
    person: Any,
) -> None:
    budget = make_budget(set_by=risk_manager, confirmed_by=confirmer, amount="5000")
    decision = propose_waiver(account=make_overdue(territory=shanghai), officer=officer)
    far = person("CASE_OFFICER", name="far")
    other = propose_waiver(account=make_overdue(territory=chengdu), officer=far)
    client.force_login(approver)

    page = client.get(reverse("admin:cases_concessionbudget_change", args=[budget.pk]))

    shown = page.context["page"]
    assert (budget.available, shown["chart"]["is_empty"]) == (5000, False)
    assert "[3400.0, 1600.0, 0.0]" in shown["chart"]["data"]
    assert [str(decision) in row["decision"] for row in shown["waivers"]] == [True]
    assert str(other) not in page.content.decode()
    assert shown["all"].endswith(f"?budget={budget.pk}")
    assert len(client.get(shown["all"]).context["cl"].result_list) == 1
