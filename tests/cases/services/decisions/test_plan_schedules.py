"""The offered plan as it is written."""

from datetime import date
from decimal import Decimal

import pytest

from cases.selectors.casework.plan_schedules import plan_schedule
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.plan_schedules import draft_plan
from tests.factories.casework import AT, TODAY, make_decision
from tests.factories.portfolio import make_overdue


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai, currency="JPY")


def rows(plan):
    return [
        (number, due_on.isoformat(), amount, interest)
        for number, due_on, amount, interest in plan.instalments.order_by("number").values_list(
            "number", "due_on", "amount", "interest"
        )
    ]


@pytest.mark.parametrize(
    ("method", "amounts"),
    [
        ("EQUAL_PAYMENT", [(34002, 1000), (34002, 670), (34002, 336)]),
        ("EQUAL_PRINCIPAL", [(34333, 1000), (34001, 667), (33666, 333)]),
        ("STEPPED", [(32368, 1000), (33986, 686), (35686, 354)]),
    ],
)
def test_a_plan_in_yen_has_whole_amounts_of_its_method(account, approver, person, method, amounts):
    terms = {
        "total": "100000.00",
        "annual_rate": "0.12000",
        "instalments": 3,
        "first_share": "0",
        "method": method,
        "step_every": 1,
        "step_percent": 5,
    }
    # In a currency without a rate in the policy two people approve.
    decision = make_decision(account=account, kind="PLAN", terms=terms)
    approve_decision(decision=decision, actor=approver, at=AT)

    approve_decision(decision=decision, actor=person("APPROVER", name="second"), at=AT)

    found = [(amount, interest) for _number, _due_on, amount, interest in rows(decision.plan)]
    assert found == [(Decimal(amount), Decimal(interest)) for amount, interest in amounts]


def test_a_plan_in_dinars_keeps_three_decimals(account, approver, person):
    account.currency = "KWD"
    account.save()
    terms = {"total": "100.00", "annual_rate": "0", "instalments": 3, "first_share": "0"}
    # In a currency without a rate in the policy two people approve.
    decision = make_decision(account=account, kind="PLAN", terms=terms)
    approve_decision(decision=decision, actor=approver, at=AT)

    approve_decision(decision=decision, actor=person("APPROVER", name="second"), at=AT)

    assert [str(row[2]) for row in rows(decision.plan)] == ["33.333", "33.334", "33.333"]


def test_a_draft_is_the_schedule_of_its_terms(account):
    decision = make_decision(account=account, kind="PLAN", state="PROPOSED")

    plan = draft_plan(decision=decision, at=AT)

    schedule = plan_schedule(account=account, terms=decision.terms, starts_on=TODAY)
    assert rows(plan) == [(i.number, i.due_on.isoformat(), i.amount, i.interest) for i in schedule.instalments]
    assert (plan.state, plan.total_amount, plan.annual_rate, plan.starts_on) == (
        "PROPOSED",
        Decimal(40000),
        Decimal("0.18000"),
        date(2026, 3, 2),
    )
