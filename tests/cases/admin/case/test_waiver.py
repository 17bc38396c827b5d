"""The dialog on the page of a case that proposes a waiver."""

from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.urls import reverse

from cases.models import Decision
from tests.factories.casework import make_case
from tests.factories.concessions import make_budget
from tests.factories.portfolio import make_overdue

ASKED = {
    "_form_submitted": "on",
    "part": "PENALTY",
    "due": "800",
    "evidence_ref": "STATEMENT-1",
    "settle_by": "2026-03-22",
    "reason": "Ill for two months",
}


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel("2026-03-02T02:00:17.482913Z", tick=False):
        yield


@pytest.fixture
def account(shanghai: Any) -> Any:
    return make_overdue(territory=shanghai)


@pytest.fixture
def door(account: Any, client: Any, officer: Any) -> Any:
    client.force_login(officer)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return reverse("admin:cases_case_propose_waiver", args=[make_case(account=account, stage="IN_WORK").pk])


def test_a_waiver_is_proposed_and_its_amount_held(
    client: Any, door: Any, account: Any, risk_manager: Any, approver: Any
) -> None:
    budget = make_budget(set_by=risk_manager, confirmed_by=approver)
    page = client.get(door).content.decode()
    assert "CNY 32,000.00 in arrears; the concession budget has CNY 1,000.00 left." in page
    assert "Principal is waived by the committee only" in page

    assert client.post(door, ASKED | {"account": account.pk}).status_code == 302

    decision, budget = Decision.objects.get(), type(budget).objects.get()
    assert (decision.kind, decision.terms["pay"], budget.held) == ("WAIVER", "31200.00", 800)


def test_without_a_budget_the_dialog_says_who_sets_one(client: Any, door: Any, account: Any) -> None:
    assert "no concession budget counts today. The risk manager sets one." in client.get(door).content.decode()

    answer = client.post(door, ASKED | {"account": account.pk})

    assert (set(answer.context["form"].errors), Decision.objects.count()) == ({"amount"}, 0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"due": "32001"}, "due"),
        ({"part": "INTEREST", "amount": "401"}, "amount"),
        ({"pay": "31201"}, "pay"),
        ({"settle_by": "2026-04-03"}, "settle_by"),
        ({"part": "PRINCIPAL"}, "part"),
    ],
)
def test_a_refusal_stands_at_its_field(
    client: Any, door: Any, account: Any, risk_manager: Any, approver: Any, changes: Any, field: str
) -> None:
    make_budget(set_by=risk_manager, confirmed_by=approver, amount="40000")

    answer = client.post(door, ASKED | {"account": account.pk} | changes)

    assert set(answer.context["form"].errors) == {field}
    assert Decision.objects.count() == 0


def test_the_other_dialog_offers_no_waiver(client: Any, door: Any) -> None:
    page = client.get(door.replace("propose_waiver", "propose").replace("propose-waiver", "propose"))

    kinds = [value for value, _label in page.context["form"].fields["kind"].choices]
    assert "WAIVER" not in kinds
    assert "GRACE" in kinds
