"""A repayment plan over REST: looked at, then proposed."""

from decimal import Decimal
from typing import Any

import pytest
import time_machine

from backoffice.audit.models import AuditEntry
from cases.models import Decision
from tests.factories.casework import make_case
from tests.factories.portfolio import make_overdue
from tests.factories.requests import post

BODY = {"method": "EQUAL_PRINCIPAL", "instalments": 3, "first_share": "0"}


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel("2026-03-02T02:00:17.482913Z", tick=False):
        yield


@pytest.fixture
def account(shanghai: Any) -> Any:
    return make_overdue(
        territory=shanghai, outstanding_principal=Decimal(1000), arrears="1000", annual_rate=Decimal("0.12")
    )


@pytest.fixture
def case(account: Any) -> Any:
    return make_case(account=account, stage="IN_WORK")


def test_a_plan_is_shown_beside_two_others_and_nothing_is_written(case: Any, account: Any, officer: Any) -> None:
    means = {"monthly_income": "3000", "monthly_expenses": "2800"}

    answer = post(officer, f"/api/v1/cases/{case.pk}/plan-simulations/", BODY | {"account": account.pk} | means)

    found = answer.json()
    assert answer.status_code == 200
    assert (found["affordable"], found["advised_instalments"], found["means_verified"]) == ("140.00", 8, False)
    assert [(plan["method"], plan["instalments"], plan["is_affordable"]) for plan in found["plans"]] == [
        ("EQUAL_PRINCIPAL", 3, False),
        ("EQUAL_PRINCIPAL", 8, True),
        ("EQUAL_PAYMENT", 3, False),
    ]
    assert found["plans"][0] == {
        "method": "EQUAL_PRINCIPAL",
        "instalments": 3,
        "first_share": "0.00",
        "currency": "CNY",
        "total": "1000.00",
        "annual_rate": "0.12",
        "all_in_rate": "0.12287",
        "interest": "20.00",
        "largest_payment": "343.33",
        "is_affordable": False,
        "payments": [
            {"number": 1, "due_on": "2026-04-02", "amount": "343.33", "interest": "10.00"},
            {"number": 2, "due_on": "2026-05-06", "amount": "340.01", "interest": "6.67"},
            {"number": 3, "due_on": "2026-06-02", "amount": "336.66", "interest": "3.33"},
        ],
    }
    assert not Decision.objects.exists()
    assert not AuditEntry.objects.filter(actor_id=officer.pk).exists()


def test_a_plan_is_proposed_with_its_method_and_the_means_that_were_told(case: Any, account: Any, officer: Any) -> None:
    body = BODY | {"account": account.pk, "reason": "wages fell", "monthly_income": "3000"}

    answer = post(officer, f"/api/v1/cases/{case.pk}/plan-proposals/", body)

    assert (answer.status_code, answer.json()["kind"]) == (201, "PLAN")
    decision = Decision.objects.get(case=case)
    assert (decision.proposed_by, decision.explanation) == (officer, "wages fell")
    assert decision.terms == {
        "total": "1000.00",
        "annual_rate": "0.12000",
        "instalments": 3,
        "first_share": "0.00",
        "method": "EQUAL_PRINCIPAL",
        "means_verified": False,
    }
    assert answer.json()["means"] == {"monthly_income": "3000.00"}


@pytest.mark.parametrize("path", ["plan-simulations", "plan-proposals"])
def test_steps_that_do_not_pay_the_interest_are_refused(case: Any, account: Any, officer: Any, path: str) -> None:
    account.annual_rate = Decimal("0.20")
    account.outstanding_principal = Decimal(10000)
    account.save()
    steep = {"method": "STEPPED", "instalments": 60, "step_every": 6, "step_percent": 30, "reason": "x"}

    answer = post(officer, f"/api/v1/cases/{case.pk}/{path}/", steep | {"account": account.pk})

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "step_percent")
    assert not Decision.objects.exists()


@pytest.mark.parametrize("path", ["plan-simulations", "plan-proposals"])
def test_a_plan_is_of_the_cases_own_account_and_of_people_who_may_propose(
    case: Any, account: Any, officer: Any, auditor: Any, shanghai: Any, path: str
) -> None:
    body = BODY | {"account": make_overdue(territory=shanghai).pk, "reason": "x"}

    of_another = post(officer, f"/api/v1/cases/{case.pk}/{path}/", body)
    by_a_reader = post(auditor, f"/api/v1/cases/{case.pk}/{path}/", body | {"account": account.pk})

    assert (of_another.status_code, of_another.json()["errors"][0]["attr"]) == (400, "account")
    assert by_a_reader.status_code == 403
    assert not Decision.objects.exists()


def test_nothing_owed_needs_no_plan(case: Any, account: Any, officer: Any) -> None:
    account.outstanding_principal = account.arrears_amount = Decimal(0)
    account.save()

    answer = post(officer, f"/api/v1/cases/{case.pk}/plan-simulations/", BODY | {"account": account.pk})

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, "account")
