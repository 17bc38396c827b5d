"""Concession budgets, and waivers in them."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from cases.enums import BudgetState
from cases.models import Account, ConcessionBudget, Decision, Repayment
from cases.rules.waivers import WaiverWish
from cases.services.decisions.proposing import propose_decision
from tests.factories.casework import AT, TODAY, make_case


def make_budget(*, set_by: Any, confirmed_by: Any, amount: str = "1000", **fields: Any) -> ConcessionBudget:
    """Make a budget in use for March 2026, everywhere unless a territory is given."""
    values = {
        "currency": "CNY",
        "starts_on": date(2026, 3, 1),
        "ends_on": date(2026, 3, 31),
        "state": BudgetState.CONFIRMED,
        "confirmed_at": AT,
        "created_at": AT,
        "updated_at": AT,
    } | fields
    return ConcessionBudget.objects.create(amount=Decimal(amount), set_by=set_by, confirmed_by=confirmed_by, **values)


def wish(due: str = "800", **fields: Any) -> WaiverWish:
    """Return the wish to waive penalty interest once the rest is paid within 20 days."""
    values: dict[str, Any] = {
        "part": "PENALTY",
        "evidence_ref": "STATEMENT-1",
        "settle_by": TODAY + timedelta(days=20),
    } | fields
    return WaiverWish(due=Decimal(due), **values)


def propose_waiver(*, account: Account, officer: Any, at: Any = AT, case: Any = None, **fields: Any) -> Decision:
    """Propose a waiver on an account, with a case of its own unless one is given."""
    return propose_decision(
        case=case or make_case(account=account),
        account=account,
        kind="WAIVER",
        reason="Ill for two months",
        waiver=wish(**fields),
        actor=officer,
        at=at,
    )


def pay(*, account: Account, amount: str, on: date) -> Repayment:
    """Let a repayment arrive."""
    number = Repayment.objects.count() + 1
    return Repayment.objects.create(
        account=account, external_ref=f"PAY{number}", amount=Decimal(amount), paid_on=on, created_at=AT
    )
