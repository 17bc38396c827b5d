"""People who decide at random on the same accounts, and what happens to these accounts meanwhile."""

import random
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any, Final

from django.db import IntegrityError, OperationalError, transaction
from django.utils import timezone

from backoffice.core.errors import DoorstepError
from cases.models import Account, AccountTerm, Decision, PlanInstalment, Repayment, RepaymentPlan
from cases.rules.lifecycle import STANDING_DECISION
from cases.rules.policy.features import REWARD_KINDS
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.plans import agree_plan
from cases.services.decisions.reversal import reverse_decision
from cases.services.decisions.trouble import find_silent_terms, instruct_again
from tests.factories.casework import make_decision

# Help bars what is against the borrower, so that comes more often.
KINDS: Final = {
    "GRACE": 3,
    "SPECIAL_CARE": 1,
    "PLAN": 3,
    "LEGAL": 4,
    "FREEZE": 4,
    "LIMIT_CUT": 4,
    "LIMIT_INCREASE": 3,
    "RATE_REDUCTION": 3,
}
WAYS_BACK: Final = {"FREEZE": "PAY_THE_ARREARS", "LIMIT_CUT": "PAY_THE_ARREARS", "LEGAL": "SETTLE_OR_AGREE_A_PLAN"}
DAY: Final = timedelta(days=1)


class Person:
    """One officer with two approvers, whose dice say what happens next."""

    def __init__(self, *, seed: int, accounts: list[int], approver: Any, second: Any, officer: Any) -> None:
        self.dice, self.accounts = random.Random(seed), accounts
        self.approver, self.second, self.officer = approver, second, officer
        self.done: Counter[str] = Counter()
        self.approved = 0

    def act(self) -> None:
        """Decide once, and let something else happen now and then."""
        self._try("decide", self.decide)
        for chance, happens in (
            (0.10, self.reverse),
            (0.14, self.time_passes),
            (0.08, self.somebody_pays),
            (0.05, self.somebody_is_late),
            (0.10, self.end_a_plan),
            (0.08, self.instruct_again),
            (0.02, self.a_day_passes),
        ):
            if self.dice.random() < chance:
                self._try(happens.__name__, happens)

    def _try(self, name: str, act: Callable[[], bool]) -> None:
        """Act, and count what became of it. Who meets a lock is told so and does something else."""
        try:
            with transaction.atomic():
                self.done[name if act() else f"{name}: nothing to do"] += 1
        except DoorstepError:
            self.done[f"{name}: refused"] += 1
        except IntegrityError as error:
            if "one_pending_decision" not in str(error) and "one_active_plan" not in str(error):
                raise
            self.done[f"{name}: one waits already"] += 1
        except OperationalError as error:
            self.done[f"{name}: {type(error.__cause__).__name__}"] += 1

    def decide(self) -> bool:
        kind = self.dice.choices([*KINDS], weights=[*KINDS.values()])[0]
        pk = self.dice.choice(self.accounts)
        # What is approved fits the account: rewards where nothing is due, all else where something is.
        days, arrears = (0, Decimal(0)) if kind in REWARD_KINDS else (95, Decimal(32_000))
        Account.objects.filter(pk=pk).update(days_past_due=days, arrears_amount=arrears)
        account = Account.objects.get(pk=pk)
        fields: dict[str, Any] = {}
        if kind in WAYS_BACK:
            fields["terms"] = {"way_back": WAYS_BACK[kind]}
        if kind in ("LIMIT_CUT", "LIMIT_INCREASE"):
            low, high = (0.2, 0.9) if kind == "LIMIT_CUT" else (1.05, 1.45)
            limit = (account.credit_limit * Decimal(str(round(self.dice.uniform(low, high), 2)))).quantize(Decimal(100))
            fields["terms"] = {"before": f"{account.credit_limit:.2f}", "limit": f"{limit:.2f}"} | fields.get(
                "terms", {}
            )
        if kind == "RATE_REDUCTION":
            rate = account.annual_rate - Decimal(self.dice.choice(["0.005", "0.0025"]))
            fields["terms"] = {"before": f"{account.annual_rate:.5f}", "rate": f"{rate:.5f}"}
        now = timezone.now()
        today = timezone.localdate(now)
        decision = make_decision(
            account=account,
            kind=kind,
            business_date=today,
            expires_on=None if kind == "PLAN" else today + self.dice.randint(1, 90) * DAY,
            created_at=now,
            updated_at=now,
            **fields,
        )
        for approver in (self.approver, self.second):
            if decision.state == "PROPOSED":
                approve_decision(decision=decision, actor=approver, at=timezone.now(), note="Evidence read")
        if kind == "PLAN" and self.dice.random() < 0.7:
            agree_plan(plan=decision.plan, agreement_ref="REC-1", actor=self.officer, at=timezone.now())
        transaction.on_commit(self._count)
        self.done[kind] += 1
        return True

    def _count(self) -> None:
        self.approved += 1

    def reverse(self) -> bool:
        decision = self._one(Decision.objects.filter(state__in=STANDING_DECISION))
        if decision is not None:
            reverse_decision(decision=decision, reason="Wrong", actor=self.approver, at=timezone.now())
        return decision is not None

    def time_passes(self) -> bool:
        """Let the last day of a decision be yesterday. A worker ends it."""
        decision = self._one(Decision.objects.filter(state__in=STANDING_DECISION, expires_on__isnull=False))
        if decision is not None:
            yesterday = timezone.localdate() - DAY
            Decision.objects.filter(pk=decision.pk).update(expires_on=yesterday)
        return decision is not None

    def somebody_pays(self) -> bool:
        """Report that nothing is due on an account, as a file of the core does. A worker ends what that ends."""
        rows = Account.objects.filter(pk=self.dice.choice(self.accounts))
        return rows.update(days_past_due=0, arrears_amount=0) == 1

    def somebody_is_late(self) -> bool:
        rows = Account.objects.filter(pk=self.dice.choice(self.accounts))
        return rows.update(days_past_due=40, arrears_amount=Decimal(9_000)) == 1

    def end_a_plan(self) -> bool:
        """Pay all of a plan, or none of it for months. A worker fulfils or breaks it."""
        plan = self._one(RepaymentPlan.objects.filter(state="ACTIVE"))
        if plan is None:
            return False
        if self.dice.random() < 0.5:
            Repayment.objects.create(
                account_id=plan.account_id,
                external_ref=f"R-{plan.pk}-{self.dice.getrandbits(40)}",
                amount=plan.total_amount * 2,
                paid_on=plan.starts_on,
                created_at=timezone.now(),
            )
        else:
            rows = PlanInstalment.objects.filter(plan=plan, number__lte=2)
            rows.update(due_on=timezone.localdate() - 90 * DAY)
        return True

    def instruct_again(self) -> bool:
        term = self._one(AccountTerm.objects.exclude(trouble=""))
        if term is not None:
            instruct_again(term=term, actor=self.approver, at=timezone.now())
        return term is not None

    def a_day_passes(self) -> bool:
        return find_silent_terms(at=timezone.now() + DAY, most=10) > 0

    def _one(self, rows: Any) -> Any:
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        return rows.model.objects.get(pk=self.dice.choice(keys)) if keys else None
