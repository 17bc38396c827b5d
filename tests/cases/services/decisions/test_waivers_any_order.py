"""
Waivers proposed, approved, rejected, paid for, unpaid again, answered, reversed and lapsed in any order.

At every step the budget holds what its waivers hold, has used what they have used, and is never passed; the core, which
applies the highest version of each waiver, holds exactly what is used.
"""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from backoffice.core.errors import DoorstepError
from backoffice.outbox.models import OutboxEvent
from cases.models import Account, ConcessionBudget, Decision, Repayment, RepaymentPlan, Waiver
from cases.rules.lifecycle import STANDING_DECISION
from cases.services.decisions.expiry import expire_decisions
from cases.services.decisions.lifecycle import approve_decision, reject_decision
from cases.services.decisions.reversal import reverse_decision
from cases.services.decisions.settlement import settle_repayments
from cases.services.decisions.waiver_events import acknowledge_waiver, mark_waivers_sent
from tests.factories.casework import AT, TODAY, make_case, make_decision
from tests.factories.concessions import make_budget, pay, propose_waiver
from tests.factories.portfolio import make_overdue, take_back

PICK = st.integers(0, 999)


class Concessions(RuleBasedStateMachine):
    """Three accounts, one budget for two of their waivers, and a core that keeps the highest version."""

    territory: Any
    officer: Any
    approver: Any
    second: Any
    risk: Any

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.at: datetime = AT
        self.day = TODAY
        self.core: dict[int, tuple[int, Decimal]] = {}
        self.read = 0

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def now(self) -> datetime:
        self.at += timedelta(seconds=61)
        return self.at

    @initialize()
    def begin(self) -> None:
        self.budget = make_budget(set_by=self.risk, confirmed_by=self.approver, amount="1500")
        self.accounts = [make_overdue(territory=self.territory, arrears="2000") for _ in range(3)]
        self.cases = [make_case(account=account) for account in self.accounts]

    def decision(self, pick: int, *states: str) -> Decision | None:
        found = list(Decision.objects.filter(kind="WAIVER", state__in=states).order_by("pk"))
        return found[pick % len(found)] if found else None

    @rule(pick=PICK, due=st.sampled_from(["300", "700", "801"]), days=st.integers(0, 12))
    def propose(self, pick: int, due: str, days: int) -> None:
        number = pick % 3
        left = ConcessionBudget.objects.get().available
        try:
            with transaction.atomic():
                propose_waiver(
                    account=Account.objects.get(pk=self.accounts[number].pk),
                    case=self.cases[number],
                    officer=self.officer,
                    at=self.now(),
                    due=due,
                    settle_by=self.day + timedelta(days=days),
                )
        except DoorstepError:
            return
        assert left >= Decimal(due)

    @rule(pick=PICK)
    def approve(self, pick: int) -> None:
        decision = self.decision(pick, "PROPOSED")
        for person in (self.approver, self.second):
            if decision is not None and decision.state == "PROPOSED":
                self.tried(approve_decision, decision=decision, actor=person, at=self.now())

    @rule(pick=PICK)
    def reject(self, pick: int) -> None:
        decision = self.decision(pick, "PROPOSED")
        if decision is not None:
            self.tried(reject_decision, decision=decision, reason="No", actor=self.approver, at=self.now())

    @rule(pick=PICK)
    def reverse(self, pick: int) -> None:
        decision = self.decision(pick, *STANDING_DECISION)
        if decision is not None:
            used = decision.waiver.state == "USED" and not decision.waiver.refused_reason
            done = self.tried(reverse_decision, decision=decision, reason="Wrong", actor=self.approver, at=self.now())
            assert done is not used

    def tried(self, service: Any, **given: Any) -> bool:
        try:
            with transaction.atomic():
                service(**given)
        except DoorstepError:
            return False
        return True

    @rule(pick=PICK, amount=st.sampled_from(["500", "1199", "1300", "1700"]))
    def pay(self, pick: int, amount: str) -> None:
        pay(account=self.accounts[pick % 3], amount=amount, on=self.day)
        self.follow()

    @rule(pick=PICK)
    def unpay(self, pick: int) -> None:
        paid = list(Repayment.objects.filter(void_on__isnull=True).order_by("pk"))
        if paid:
            take_back(repayment=paid[pick % len(paid)], on=self.day)
            self.follow()

    @rule(pick=PICK, arrears=st.sampled_from(["0", "1000", "2000"]))
    def hear(self, pick: int, arrears: str) -> None:
        late = 95 if arrears != "0" else 0
        rows = Account.objects.filter(pk=self.accounts[pick % 3].pk)
        rows.update(arrears_amount=Decimal(arrears), days_past_due=late)

    @rule(pick=PICK)
    def agree_a_plan(self, pick: int) -> None:
        account = self.accounts[pick % 3]
        if not RepaymentPlan.objects.filter(account=account).exists():
            RepaymentPlan.objects.create(
                account=account,
                decision=make_decision(account=account, kind="PLAN", state="REJECTED"),
                state="ACTIVE",
                total_amount=Decimal(2000),
                annual_rate=Decimal("0.1"),
                starts_on=self.day,
                agreement_ref="REC",
                created_at=self.at,
                updated_at=self.at,
            )
            self.follow()

    @rule(days=st.integers(1, 9))
    def wait(self, days: int) -> None:
        self.day += timedelta(days=days)
        self.at += timedelta(days=days)
        self.follow()
        expire_decisions(business_date=self.day, at=self.now())

    @rule()
    def follow(self) -> None:
        settle_repayments(business_date=self.day, at=self.now())
        assert settle_repayments(business_date=self.day, at=self.now()) == 0

    @rule(pick=PICK, how=st.sampled_from(["yes", "yes", "no", "other", "twice"]))
    def answer(self, pick: int, how: str) -> None:
        told = list(OutboxEvent.objects.filter(topic__startswith="waiver.").order_by("pk"))
        if not told:
            return
        event = told[pick % len(told)].payload
        mark_waivers_sent(at=self.now())
        for _time in range(2 if how == "twice" else 1):
            self.tried(
                acknowledge_waiver,
                effect_key=event["effect_key"],
                accepted=how != "no",
                value="1.00" if how == "other" else event["amount"],
                refused_reason="closed" if how == "no" else "",
                actor=None,
                at=self.now(),
            )

    @invariant()
    def the_budget_is_what_its_waivers_are(self) -> None:
        if not hasattr(self, "budget"):
            return
        budget = ConcessionBudget.objects.get()
        sums = {state: Decimal(0) for state in ("HELD", "USED", "RELEASED")}
        for waiver in Waiver.objects.select_related("decision"):
            sums[waiver.state] += waiver.amount
            assert waiver.state in {
                "PROPOSED": {"HELD"},
                "APPROVED": {"HELD", "USED"},
                "SENT": {"HELD", "USED"},
                "ACKNOWLEDGED": {"HELD", "USED"},
            }.get(waiver.decision.state, {"RELEASED"}), (waiver.decision.state, waiver.state)
        assert (budget.held, budget.used) == (sums["HELD"], sums["USED"])
        assert budget.available >= 0
        assert budget.available + budget.held + budget.used == budget.amount

    @invariant()
    def the_core_holds_what_is_used(self) -> None:
        for event in OutboxEvent.objects.filter(topic__startswith="waiver.").order_by("pk")[self.read :]:
            self.read += 1
            version, amount = event.payload["version"], Decimal(event.payload["amount"])
            waiver = int(event.payload["effect_key"].split("-")[1])
            assert version == self.core.get(waiver, (0, Decimal(0)))[0] + 1
            self.core[waiver] = (version, amount)
        for waiver in Waiver.objects.all():
            held = self.core.get(waiver.pk, (0, Decimal(0)))[1]
            assert held == (waiver.amount if waiver.state == "USED" else 0)


@pytest.mark.django_db
def test_waivers_in_any_order_keep_the_budget(shanghai: Any, person: Any) -> None:
    Concessions.territory, Concessions.officer = shanghai, person("CASE_OFFICER")
    Concessions.approver, Concessions.second = person("APPROVER"), person("APPROVER", name="second")
    Concessions.risk = person("RISK_MANAGER")
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
    run_state_machine_as_test(
        Concessions,
        settings=settings(max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=checks),
    )
