"""The demo's concession budgets, and the waivers that its officers propose."""

from datetime import timedelta
from decimal import Decimal

from backoffice.demo.work import Day
from cases.enums import BudgetPeriod, BudgetState, CaseStage, DecisionKind, WaiverPart
from cases.models import Case, ConcessionBudget, Decision
from cases.rules.lifecycle import CASE, PENDING_DECISION
from cases.rules.terms import RATE_STEP
from cases.rules.waivers import WaiverWish
from cases.services.decisions import concession_budgets, proposing

AMOUNT = Decimal(20_000)
# What the core's statement of the demo says of each part, as a share of the arrears.
DUE = {WaiverPart.PENALTY: Decimal("0.02"), WaiverPart.INTEREST: Decimal("0.05")}


def set_budget(*, day: Day) -> None:
    """Set the budget of the day's month and confirm it, unless one counts already."""
    first = day.on.replace(day=1)
    counting = ConcessionBudget.objects.filter(state=BudgetState.CONFIRMED, starts_on__lte=day.on, ends_on__gte=day.on)
    if counting.exists():
        return
    budget = concession_budgets.set_concession_budget(
        currency="CNY",
        starts_on=first,
        period=BudgetPeriod.MONTH,
        amount=AMOUNT,
        actor=day.cast.users["risk"],
        at=day.at,
    )
    concession_budgets.confirm_concession_budget(budget=budget, actor=day.cast.users["approver"], at=day.at)


def propose_relief(*, day: Day, most: int) -> None:
    """Propose relief of the rate for some borrowers who are late, for 60 or 90 days; nobody has two."""
    relieved = Decision.objects.filter(kind=DecisionKind.RATE_RELIEF)
    open_cases = (
        Case.objects.filter(stage__in=CASE.step("decide").sources - {CaseStage.OPEN})
        .exclude(decisions__in=relieved)
        .select_related("borrower")
    )
    for number, case in enumerate(open_cases.order_by("-pk")[:most]):
        account = case.borrower.accounts.filter(arrears_amount__gt=0).order_by("-days_past_due", "pk").first()
        if account is None:
            continue
        with day.trying("relief"):
            proposing.propose_decision(
                case=case,
                account=account,
                kind=DecisionKind.RATE_RELIEF,
                reason="家人住院，收入减少，愿意继续还款",
                points=RATE_STEP * (1 + number % 3),
                days=90 if number % 2 else 60,
                actor=day.cast.users["officer"],
                at=day.at,
            )


def propose_waivers(*, day: Day, most: int) -> None:
    """Propose a waiver for some borrowers: for every other one all the rest is to be paid, else a part of it."""
    set_budget(day=day)
    waived = Decision.objects.filter(kind=DecisionKind.WAIVER, state__in=PENDING_DECISION)
    open_cases = (
        Case.objects.filter(stage__in=CASE.step("decide").sources - {CaseStage.OPEN})
        .exclude(decisions__in=waived)
        .select_related("borrower")
    )
    for number, case in enumerate(open_cases.order_by("pk")[:most]):
        account = case.borrower.accounts.filter(arrears_amount__gt=0).order_by("-days_past_due", "pk").first()
        if account is None:
            continue
        part = WaiverPart.INTEREST if number % 3 == 2 else WaiverPart.PENALTY
        due = (account.arrears_amount * DUE[part]).quantize(Decimal("0.01"))
        share = (account.arrears_amount * Decimal("0.02")).quantize(Decimal("0.01"))
        with day.trying("waiver"):
            proposing.propose_decision(
                case=case,
                account=account,
                kind=DecisionKind.WAIVER,
                reason="住院两个月，收入减少，愿意按约还款",
                waiver=WaiverWish(
                    part=part,
                    due=due,
                    evidence_ref=f"STMT-{account.external_ref}",
                    settle_by=day.on + timedelta(days=25),
                    pay=None if number % 2 else share,
                ),
                actor=day.cast.users["officer"],
                at=day.at,
            )
