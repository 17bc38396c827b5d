"""The core is told the schedule of a plan before it collects by it, and its end."""

from datetime import timedelta

import pytest

from backoffice.outbox.models import OutboxEvent
from cases.models import PlanInstalment, RepaymentPlan
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.plan_events import announce_plans
from cases.services.decisions.plans import agree_plan, break_plans, settle_instalments
from cases.services.decisions.reversal import reverse_decision
from tests.cases.services.casework.test_promises import pay
from tests.factories.casework import AT, PARTLY, TODAY, make_case, make_decision, verify
from tests.factories.portfolio import make_overdue, take_back


@pytest.fixture
def plan(shanghai, approver, officer):
    decision = verify(case=make_case(account=make_overdue(territory=shanghai)), facts=PARTLY).decisions.get()
    approve_decision(decision=decision, actor=approver, at=AT)
    assert told() == []
    return agree_plan(plan=decision.plan, agreement_ref="REC-77", actor=officer, at=AT)


def told():
    return list(OutboxEvent.objects.filter(topic="plan.changed").order_by("pk"))


def test_the_schedule_arrives_before_the_instruction(plan):
    (event,) = told()
    first, instruction = OutboxEvent.objects.filter(order_key=f"terms:{plan.account_id}").order_by("pk")[:2]

    assert (first.pk, instruction.topic) == (event.pk, "terms.changed")
    body = event.payload
    assert (body["state"], body["account"], body["currency"]) == ("ACTIVE", plan.account.external_ref, "CNY")
    assert len(body["instalments"]) == plan.instalments.count() == 24
    due = plan.instalments.order_by("number").first()
    assert body["instalments"][0] == {
        "number": 1,
        "due_on": due.due_on.isoformat(),
        "amount": f"{due.amount:.2f}",
        "interest": f"{due.interest:.2f}",
    }


def test_the_core_is_told_that_a_plan_is_fulfilled_and_that_money_was_taken_back(plan):
    paid = pay(plan.account, sum(plan.instalments.values_list("amount", flat=True)), TODAY + timedelta(days=1))
    settle_instalments(business_date=TODAY + timedelta(days=1), at=AT + timedelta(days=1))

    assert [event.payload["state"] for event in told()] == ["ACTIVE", "FULFILLED"]
    assert "instalments" not in told()[1].payload
    take_back(repayment=paid, on=TODAY + timedelta(days=2))
    later = {"business_date": TODAY + timedelta(days=2), "at": AT + timedelta(days=2)}
    settle_instalments(**later, changed_accounts=[plan.account_id])
    assert [event.payload["state"] for event in told()] == ["ACTIVE", "FULFILLED", "ACTIVE"]


def test_the_core_is_told_that_a_plan_is_broken(plan):
    break_plans(business_date=TODAY + timedelta(days=100), at=AT + timedelta(days=100))

    assert [event.payload["state"] for event in told()] == ["ACTIVE", "BROKEN"]


def test_the_core_is_told_that_a_plan_in_force_is_reversed_and_nothing_of_an_offer(plan, approver):
    reverse_decision(decision=plan.decision, reason="Agreed by mistake", actor=approver, at=AT + timedelta(hours=1))

    assert [event.payload["state"] for event in told()] == ["ACTIVE", "CANCELLED"]


@pytest.mark.parametrize("count", [1, 3])
def test_announce_plans_costs_the_same_for_one_and_three(shanghai, django_assert_num_queries, plan, count):
    ids = [plan.pk]
    for _number in range(count - 1):
        other = RepaymentPlan.objects.create(
            account=make_overdue(territory=shanghai),
            decision=make_decision(account=make_overdue(territory=shanghai), kind="PLAN"),
            total_amount=plan.total_amount,
            annual_rate=plan.annual_rate,
            starts_on=TODAY,
            state="ACTIVE",
            agreement_ref="REC",
            created_at=AT,
            updated_at=AT,
        )
        PlanInstalment.objects.create(plan=other, number=1, due_on=TODAY, amount=100)
        ids.append(other.pk)

    # Plans with their accounts, instalments, one insert.
    with django_assert_num_queries(3):
        announce_plans(plans=ids, at=AT + timedelta(days=1))

    assert len(told()) == 1 + count
