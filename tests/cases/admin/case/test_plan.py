"""The page on which an officer sees a repayment plan beside two others and proposes one of them."""

from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.urls import reverse

from cases.models import Decision
from cases.rules.plans.means import means_of
from tests.clear_text import tables_with
from tests.factories.casework import make_case
from tests.factories.portfolio import make_overdue

SUBMIT = {"_form_submitted": "on", "method": "EQUAL_PAYMENT", "reason": "wages fell"}


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel("2026-03-02T02:00:17.482913Z", tick=False):
        yield


@pytest.fixture
def account(shanghai: Any) -> Any:
    return make_overdue(
        territory=shanghai, outstanding_principal=Decimal(24000), annual_rate=Decimal("0.12"), arrears="5"
    )


@pytest.fixture
def door(account: Any, client: Any, officer: Any) -> Any:
    case = make_case(account=account, stage="IN_WORK")
    client.force_login(officer)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return reverse("admin:cases_case_propose_plan", args=[case.pk])


def test_a_plan_is_seen_beside_two_others_before_it_is_proposed(client: Any, door: Any, account: Any) -> None:
    asked = SUBMIT | {
        "account": account.pk,
        "instalments": "24",
        "first_percent": "0",
        "monthly_income": "8000",
        "monthly_expenses": "6900",
    }

    shown = client.post(door, asked)

    assert (shown.status_code, Decision.objects.count()) == (200, 0)
    assert [plan["name"] for plan in shown.context["plans"]] == [
        "EQUAL_PAYMENT:24",
        "EQUAL_PAYMENT:38",
        "EQUAL_PRINCIPAL:24",
    ]
    assert shown.context["plans"][0]["rows"][0][2:] == ("1,129.76", "889.76", "240.00")
    page = shown.content.decode()
    assert "CNY 770.00 a month is affordable: 38 instalments" in page
    assert "which nobody has verified" in page
    # What was typed is still there.
    assert shown.context["form"]["monthly_income"].value() == "8000"

    proposed = client.post(door, asked | {"chosen": "EQUAL_PAYMENT:38"})

    assert proposed.status_code == 302
    decision = Decision.objects.get()
    assert (decision.terms["instalments"], decision.terms["method"]) == (38, "EQUAL_PAYMENT")
    # Income and expenses are kept under seal; the page of the proposal shows them to who may see it.
    assert means_of(text=decision.means) == {
        "monthly_income": "8000.00",
        "monthly_expenses": "6900.00",
        "surplus": "1100.00",
        "affordable": "770.00",
    }
    assert tables_with("6900.00") == []
    told = client.get(reverse("admin:cases_decision_change", args=[decision.pk])).content.decode()
    assert all(text in told for text in ("CNY 6,900.00", "CNY 770.00", "Nobody has verified"))


def test_a_proposal_names_the_rate_that_the_plan_has_under_the_cap(client: Any, door: Any, account: Any) -> None:
    account.annual_rate = Decimal("0.24")
    account.save()
    asked = SUBMIT | {"account": account.pk, "instalments": "24", "first_percent": "0"}

    shown = client.post(door, asked)
    client.post(door, asked | {"chosen": "EQUAL_PAYMENT:24"})

    rate = Decision.objects.get().terms["annual_rate"]
    assert rate == "0.21833"
    assert dict(shown.context["plans"][0]["facts"])["Annual rate"] == "21.83%"


def test_a_plan_that_was_not_shown_is_not_proposed(client: Any, door: Any, account: Any) -> None:
    shown = client.post(door, SUBMIT | {"account": account.pk, "instalments": "24", "chosen": "EQUAL_PAYMENT:60"})

    assert (shown.status_code, len(shown.context["plans"]), Decision.objects.count()) == (200, 3, 0)


def test_steps_that_are_too_steep_are_named_in_the_form(client: Any, door: Any, account: Any) -> None:
    account.annual_rate = Decimal("0.20")
    account.save()
    steep = {"method": "STEPPED", "instalments": "60", "step_every": "6", "step_percent": "30"}

    refused = client.post(door, SUBMIT | steep | {"account": account.pk})

    assert list(refused.context["form"].errors) == ["step_percent"]


def test_amounts_of_a_plan_have_the_decimals_of_their_currency(client: Any, door: Any, account: Any) -> None:
    account.currency = "JPY"
    account.save()

    shown = client.post(door, SUBMIT | {"account": account.pk, "instalments": "24", "first_percent": "0"})

    assert shown.context["plans"][0]["rows"][0][2:] == ("1,130", "890", "240")
    assert dict(shown.context["plans"][0]["facts"])["Largest monthly payment"] == "JPY 1,130"


def test_the_dialog_of_other_decisions_offers_no_plan(client: Any, door: Any, account: Any) -> None:
    dialog = door.replace("propose_plan", "propose")

    answer = client.post(dialog, SUBMIT | {"account": account.pk, "kind": "PLAN"})

    assert list(answer.context["form"].errors) == ["kind"]
    assert not Decision.objects.exists()
