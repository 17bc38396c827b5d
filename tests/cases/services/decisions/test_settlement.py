"""Promises and plans follow what is left of the repayments, in whatever order rows arrive."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.audit.models import AuditEntry
from cases.models import (
    Account,
    CaseEvent,
    DecisionLetter,
    DueEvaluation,
    PlanInstalment,
    PromiseToPay,
    Repayment,
    RepaymentPlan,
    RepaymentReversal,
)
from cases.services.decisions.plans import break_plans
from cases.services.decisions.settlement import settle_repayments
from cases.services.intake.take_in import take_in
from tests.cases.services.intake.event_files import REPAYMENTS, REVERSALS
from tests.factories.casework import AT, TODAY, make_case, make_decision, make_promise
from tests.factories.portfolio import make_overdue

AMOUNTS = (100, 100, 50)


def make_plan(
    account: Account, *, state: str = "ACTIVE", case: Any = None, decision_state: str = "ACKNOWLEDGED"
) -> Any:
    approver = {"approved_under_id": None}
    decision = make_decision(account=account, case=case, kind="PLAN", **approver)
    type(decision).objects.filter(pk=decision.pk).update(
        state=decision_state, approved_under=decision.policy_version_id
    )
    plan = RepaymentPlan.objects.create(
        account=account,
        decision=decision,
        state=state,
        total_amount=sum(AMOUNTS),
        annual_rate=0,
        starts_on=TODAY,
        agreement_ref="REC-1",
        created_at=AT,
        updated_at=AT,
    )
    for number, amount in enumerate(AMOUNTS, start=1):
        due_on = TODAY + timedelta(days=30 * (number - 1))
        PlanInstalment.objects.create(plan=plan, number=number, due_on=due_on, amount=amount)
    return plan


@dataclass
class World:
    """An account with a plan and two promises, and files for it."""

    account: Account
    plan: RepaymentPlan
    promises: list[PromiseToPay]
    folder: Path
    taken: list[Any] = field(default_factory=list)

    def take(self, profile: str, header: str, rows: list[str], *, day: int = 0) -> Any:
        path = self.folder / f"{profile}.csv"
        path.write_text(header + "".join(row + "\n" for row in rows), encoding="utf-8")
        return take_in(path=path, profile=profile, actor=None, at=AT + timedelta(days=day))

    def pay(self, *rows: tuple[str, object, int], day: int = 0) -> Any:
        ref = self.account.external_ref
        lines = [f"{name},{ref},{amount},{TODAY + timedelta(days=on)},x" for name, amount, on in rows]
        return self.take("demo-repayments", REPAYMENTS, lines, day=day)

    def take_back(self, *rows: tuple[str, str, object, int], day: int = 0) -> Any:
        lines = [f"{name},{of},{amount},{TODAY + timedelta(days=on)},代扣退回" for name, of, amount, on in rows]
        return self.take("demo-reversals", REVERSALS, lines, day=day)

    def settle(self, *, day: int = 0) -> int:
        return settle_repayments(business_date=TODAY + timedelta(days=day), at=AT + timedelta(days=day))

    def standing(self) -> tuple[Any, ...]:
        """Return the paid days of the instalments, the plan's state, and the promises' states."""
        return (
            list(self.plan.instalments.order_by("number").values_list("paid_on", flat=True)),
            RepaymentPlan.objects.get(pk=self.plan.pk).state,
            [PromiseToPay.objects.get(pk=promise.pk).state for promise in self.promises],
        )


@pytest.fixture
def house(shanghai: Any, tmp_path: Path) -> World:
    account = make_overdue(territory=shanghai)
    case = make_case(account=account)
    return World(
        account=account,
        plan=make_plan(account, case=case),
        promises=[
            make_promise(account=account, due_on=TODAY + timedelta(days=2), amount="100", promised_on=TODAY),
            make_promise(account=account, due_on=TODAY + timedelta(days=8), amount="200", promised_on=TODAY),
        ],
        folder=tmp_path,
    )


# --- any rows in any order ---
@dataclass
class Reference:
    """The same rules in plain Python: which rows count, and what follows from what is left on a day."""

    repayments: dict[str, tuple[Decimal, int]] = field(default_factory=dict)
    reversals: dict[str, tuple[str, Decimal, int]] = field(default_factory=dict)

    def back(self, of: str, *, but: str = "", until: int = 999) -> Decimal:
        return sum(
            (amount for ref, (rep, amount, on) in self.reversals.items() if rep == of and ref != but and on <= until),
            Decimal(0),
        )

    def pay(self, ref: str, amount: Decimal, on: int) -> bool:
        if amount < self.back(ref):
            return False
        self.repayments[ref] = (amount, on)
        return True

    def take_back(self, ref: str, of: str, amount: Decimal | None, on: int) -> bool:
        if of not in self.repayments or self.reversals.get(ref, (of,))[0] != of or on < self.repayments[of][1]:
            return False
        rest = self.repayments[of][0] - self.back(of, but=ref)
        if rest <= 0 or (amount or rest) > rest:
            return False
        self.reversals[ref] = (of, amount or rest, on)
        return True

    def standing(self, today: int) -> tuple[Any, ...]:
        left = sorted(
            (on, amount - self.back(ref, until=today)) for ref, (amount, on) in self.repayments.items() if on <= today
        )
        paid: list[date | None] = []
        needed = Decimal(0)
        for amount in AMOUNTS:
            needed += amount
            total, day = Decimal(0), None
            for on, money in left:
                total += money
                if total >= needed and day is None:
                    day = TODAY + timedelta(days=on)
            paid.append(day)
        promises = []
        for due, amount in ((2, 100), (8, 200)):
            received = sum(money for on, money in left if on <= due + 3)
            promises.append("KEPT" if received >= amount * Decimal("0.95") else "BROKEN" if due + 3 < today else "OPEN")
        return paid, "FULFILLED" if all(paid) else "ACTIVE", promises


_money = st.sampled_from([Decimal(n) for n in (40, 60, 95, 100, 150, 250)])
_pay = st.tuples(st.just("pay"), st.sampled_from(["R1", "R2", "R3"]), _money, st.integers(0, 6))
_back = st.tuples(
    st.just("back"),
    st.sampled_from(["V1", "V2", "V3"]),
    st.sampled_from(["R1", "R2", "R3"]),
    st.none() | _money,
    st.integers(0, 6),
)
_step = st.lists(st.one_of(_pay, _back), min_size=1, max_size=3)


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@given(steps=st.lists(st.tuples(_step, st.integers(0, 3)), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_is_settled_follows_from_what_is_left_in_any_order(house: World, steps: list[Any]) -> None:
    with rolled_back():
        reference, today = Reference(), 6
        for rows, days in steps:
            for row in rows:
                if row[0] == "pay":
                    _kind, ref, amount, on = row
                    sound = reference.pay(ref, amount, on)
                    result = house.pay((ref, amount, on), day=today)
                else:
                    _kind, ref, of, amount, on = row
                    sound = reference.take_back(ref, of, amount, on + 1)
                    result = house.take_back((ref, of, "" if amount is None else amount, on + 1), day=today)
                assert result.rejected == (0 if sound else 1)
            house.settle(day=today)
            assert house.standing() == reference.standing(today)
            before = AuditEntry.objects.count()
            house.settle(day=today)
            assert (AuditEntry.objects.count(), house.standing()) == (before, reference.standing(today))
            today += days


def test_money_that_arrives_late_moves_the_days_of_a_fulfilled_plan(house: World) -> None:
    """Sent after the plan was fulfilled, dated before: the first instalment was paid on the earlier day."""
    house.pay(("R1", 95, 0), ("R2", 250, 6), day=6)
    house.settle(day=6)
    assert house.standing()[:2] == ([TODAY + timedelta(days=6)] * 3, "FULFILLED")

    house.pay(("R3", 40, 0), day=7)
    house.settle(day=7)

    assert house.standing()[:2] == ([TODAY, *[TODAY + timedelta(days=6)] * 2], "FULFILLED")


# --- a direct debit bounces ---
def test_a_bounced_debit_reopens_the_plan_and_breaks_the_promise(house: World) -> None:
    house.pay(("R1", 250, 1), day=1)
    house.settle(day=1)
    assert house.standing() == ([TODAY + timedelta(days=1)] * 3, "FULFILLED", ["KEPT", "KEPT"])
    DueEvaluation.objects.all().delete()

    house.take_back(("V1", "R1", "", 7), day=7)
    assert house.settle(day=7) == 1

    assert house.standing() == ([None, None, None], "ACTIVE", ["BROKEN", "OPEN"])
    letter = DecisionLetter.objects.get(kind="REOPENED")
    assert (letter.decision_id, letter.facts["missed"]) == (house.plan.decision_id, {"numbers": [1, 2, 3]})
    assert list(PromiseToPay.objects.order_by("pk").values_list("settled_on", "settled_here")) == [
        (TODAY + timedelta(days=7), True),
        (None, False),
    ]
    assert list(DueEvaluation.objects.values_list("borrower_id", flat=True)) == [house.account.borrower_id]
    assert list(CaseEvent.objects.order_by("pk").values_list("kind", "body")) == [
        (
            "REPAYMENT",
            {
                "action": "taken_back",
                "repayment": "R1",
                "amount": "250.00",
                "currency": "CNY",
                "on": "2026-03-09",
                "why": "BOUNCED",
            },
        ),
        (
            "REPAYMENT",
            {
                "action": "promise_settled_again",
                "due_on": "2026-03-04",
                "amount": "100.00",
                "promise_before": "KEPT",
                "promise": "BROKEN",
            },
        ),
        (
            "REPAYMENT",
            {
                "action": "promise_settled_again",
                "due_on": "2026-03-10",
                "amount": "200.00",
                "promise_before": "KEPT",
                "promise": "OPEN",
            },
        ),
        ("DECISION", {"action": "instalments_unpaid", "plan": house.plan.pk, "count": 3}),
        ("DECISION", {"action": "plan_reopened", "plan": house.plan.pk}),
    ]
    promise, plan = AuditEntry.objects.filter(action__in=("promise.settled", "plan.settled")).order_by("-pk")[:2][::-1]
    first, second = sorted(each.pk for each in house.promises)
    assert promise.body == {
        "kept": 0,
        "broken": 1,
        "reopened": 1,
        "settled_again": [first, second],
        "business_date": "2026-03-09",
    }
    assert plan.body == {
        "instalments": 0,
        "unpaid_again": {str(house.plan.pk): 3},
        "fulfilled": [],
        "reopened": [house.plan.pk],
        "broken": [],
    }


def test_a_reopened_plan_breaks_by_the_usual_rule(house: World) -> None:
    house.pay(("R1", 250, 1), day=1)
    house.settle(day=1)
    house.take_back(("V1", "R1", "", 40), day=40)
    house.settle(day=40)

    assert break_plans(business_date=TODAY + timedelta(days=40), at=AT) == 1
    assert house.standing()[1] == "BROKEN"


def test_a_repayment_corrected_to_less_unsettles_like_a_reversal(house: World) -> None:
    house.pay(("R1", 250, 1), day=1)
    house.settle(day=1)

    house.pay(("R1", 100, 1), day=7)
    house.settle(day=7)

    assert house.standing() == ([TODAY + timedelta(days=1), None, None], "ACTIVE", ["KEPT", "OPEN"])


def test_a_reversal_of_tomorrow_is_settled_tomorrow(house: World) -> None:
    house.pay(("R1", 250, 1), day=1)
    house.settle(day=1)
    house.take_back(("V1", "R1", "", 3), day=2)

    house.settle(day=2)
    assert house.standing()[1] == "FULFILLED"
    house.settle(day=3)
    assert house.standing()[1] == "ACTIVE"


def test_a_late_repayment_keeps_a_promise_that_was_found_broken(house: World) -> None:
    house.settle(day=6)
    assert house.standing()[2] == ["BROKEN", "OPEN"]

    house.pay(("R1", 100, 2), day=7)
    house.settle(day=7)

    assert house.standing()[2] == ["KEPT", "OPEN"]


def test_a_promise_that_the_lender_calls_kept_stays(house: World) -> None:
    promise = house.promises[0]
    PromiseToPay.objects.filter(pk=promise.pk).update(state="KEPT", settled_on=TODAY)
    house.pay(("R1", 100, 1), day=1)
    house.take_back(("V1", "R1", "", 7), day=7)

    house.settle(day=7)

    assert house.standing()[2] == ["KEPT", "OPEN"]


@pytest.mark.parametrize(("other", "decision_state"), [("ACTIVE", "ACKNOWLEDGED"), ("", "REVERSED")])
def test_a_plan_that_cannot_be_in_force_again_is_broken(house: World, other: str, decision_state: str) -> None:
    house.pay(("R1", 250, 1), day=1)
    house.settle(day=1)
    type(house.plan.decision).objects.filter(pk=house.plan.decision_id).update(state=decision_state)
    newer = make_plan(house.account) if other else None
    house.take_back(("V1", "R1", "", 7), day=7)

    house.settle(day=7)

    assert house.standing()[1] == "BROKEN"
    assert newer is None or RepaymentPlan.objects.get(pk=newer.pk).state == "ACTIVE"


@pytest.mark.parametrize("number", [1, 3])
def test_settle_repayments_costs_the_same_for_one_and_three(
    shanghai: Any, tmp_path: Path, django_assert_num_queries: Any, number: int
) -> None:
    for n in range(number):
        account = make_overdue(territory=shanghai)
        plan = make_plan(account, case=make_case(account=account))
        promise = make_promise(account=account, due_on=TODAY, amount="100", promised_on=TODAY)
        world = World(account=account, plan=plan, promises=[promise], folder=tmp_path)
        world.pay((f"R{n}", 250, 0))
    settle_repayments(business_date=TODAY, at=AT)
    for n in range(number):
        world.take_back((f"V{n}", f"R{n}", "", 0))
    assert (Repayment.objects.filter(void_on=TODAY).count(), RepaymentReversal.objects.count()) == (number, number)

    # Seven of them are for waivers, of which there is none.
    with django_assert_num_queries(45):
        settle_repayments(business_date=TODAY, at=AT)
