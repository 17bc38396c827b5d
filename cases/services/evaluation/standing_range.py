"""The standing rules of one policy version over a range of accounts, as set-based SQL built from querysets."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db.models import (
    Count,
    DateField,
    Exists,
    F,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Greatest, JSONObject
from django.utils.timezone import localdate

from backoffice.core.batches import insert_select
from backoffice.core.id_lists import any_of
from backoffice.core.transitions import move_all
from cases.enums import (
    ADVERSE_KINDS,
    AccountStatus,
    DecisionGround,
    DecisionKind,
    DecisionOrigin,
    DecisionState,
    LetterOccasion,
)
from cases.models import AccountFacts, Case, Decision, PolicyVersion
from cases.rules.approval import NO_INCREASE
from cases.rules.lifecycle import DECISION, PENDING_DECISION
from cases.rules.plans.limits import RATE_CAP
from cases.rules.policy.body import PolicyRules, StandingRule
from cases.rules.policy.conditions import NEVER, condition_q, judged_q
from cases.rules.standing import OLDEST_FIGURES_DAYS, RESPITE_DAYS, within_budget
from cases.selectors.casework.standing_decisions import barred, in_grace, limit_is_cut, reduced_rate, reward_still_true
from cases.services.decisions.letters import write_letters
from cases.services.decisions.measures import begin_measures
from cases.services.evaluation.standing_amounts import (
    MONEY,
    RATE,
    WIDE,
    cut_limit_sql,
    in_own_currency,
    raised_limit_sql,
    text_of,
)

_COLUMNS: Final = (
    "borrower_id",
    "account_id",
    "case_id",
    "policy_version_id",
    "kind",
    "origin",
    "state",
    "reasons",
    "terms",
    "business_date",
    "expires_on",
    "ground",
    "created_at",
    "updated_at",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRange:
    """
    A policy version over the facts of a range of accounts.

    `facts` are those of the borrowers in [lower, upper) on `business_date` that this version judges.
    """

    policy: PolicyRules
    version: PolicyVersion
    business_date: date
    lower: int
    upper: int
    facts: "QuerySet[AccountFacts]"
    at: datetime

    def count_accounts(self, rules: Sequence[StandingRule]) -> int:
        """Return how many accounts meet at least one of the rules now. One statement."""
        some = NEVER
        for rule in rules:
            some |= self._holding_q(rule)
        return self.facts.filter(some).count() if rules else 0

    def judged(self) -> tuple[int, Decimal]:
        """Return how many accounts are judged, and the sum of their limits in the policy's currency. One statement."""
        found = self.facts.aggregate(
            number=Count("pk"), limits=Sum(in_own_currency(F("credit_limit"), policy=self.policy), output_field=WIDE)
        )
        return found["number"], found["limits"] or Decimal(0)

    def raise_limits(self, rule: StandingRule, *, budget: Decimal | None, used: Decimal) -> tuple[int, Decimal]:
        """
        Propose a rise of the limit to the accounts that meet a rule, those of the best standing first.

        With what is `used` already all rises together are at most `budget`, both in the policy's currency (None: no bound);
        accounts beyond it are passed over until another night. Return how many accounts, and the sum of their rises. Two statements.
        """
        rows = (
            self._holding(rule)
            .annotate(after=raised_limit_sql(rule.effect, policy=self.policy))
            .filter(after__gt=F("credit_limit"))
        )
        raised = in_own_currency(F("after") - F("credit_limit"), policy=self.policy)
        first = (F("standing_score").desc(nulls_last=True), "-on_time_months", "account_id")
        fitting = list(rows.annotate(raised=raised).order_by(*first).values_list("account_id", "raised"))
        raises = [more for _account, more in fitting]
        most = used + sum(raises, Decimal(0)) if budget is None else budget
        number, total = within_budget(raises=raises, budget=most, used=used)
        if not number:
            return 0, Decimal(0)
        terms = JSONObject(before=text_of("credit_limit", MONEY), limit=text_of("after", MONEY))
        chosen = rows.filter(account_id__in=any_of(account for account, _more in fitting[:number]))
        return self._propose(rule, chosen, terms), total

    def lower_rates(self, rule: StandingRule) -> int:
        """Propose a lower rate to the accounts that meet a rule and return to how many. One statement."""
        effect, caps = rule.effect, self.policy.caps
        original = F("annual_rate") + reduced_rate("account_id")
        floor = Greatest(Cast(original, RATE) - Value(caps.rate_max), Value(Decimal(0)), output_field=RATE)
        step = min(effect.points or Decimal(0), caps.rate_step)
        after = Greatest(F("annual_rate") - Value(step), floor, output_field=RATE)
        lowered = self._holding(rule).annotate(after=after)
        rows = lowered.filter(after__lt=F("annual_rate"), after__lte=RATE_CAP)
        terms = JSONObject(before=text_of("annual_rate", RATE), rate=text_of("after", RATE))
        return self._propose(rule, rows, terms)

    def restrict(self, rule: StandingRule, *, most: int) -> int:
        """
        Propose the effect of a restriction rule for at most `most` accounts, the longest overdue first; return how many.

        Whatever the policy says, nothing is proposed while a circumstance protects the borrower, a repayment plan is kept
        or grace stands, nor where nothing is due: nobody could approve it. One statement.
        """
        if most <= 0:
            return 0
        rows = self._holding(rule).filter(protected_flags=0, on_active_plan=False)
        if rule.effect.kind == DecisionKind.FREEZE:
            rows = rows.filter(account__status=AccountStatus.ACTIVE)
            terms = JSONObject(status=Value(str(AccountStatus.FROZEN)), way_back=Value("PAY_THE_ARREARS"))
        else:
            rows = rows.annotate(after=cut_limit_sql(rule.effect, policy=self.policy)).filter(
                after__lt=F("credit_limit")
            )
            terms = JSONObject(
                before=text_of("credit_limit", MONEY),
                limit=text_of("after", MONEY),
                way_back=Value("PAY_THE_ARREARS"),
            )
        return self._propose(rule, rows.order_by("-days_past_due", "account_id"), terms, most=most)

    def approve(self, *, most: int) -> int:
        """
        Approve the rewards of this pass under the policy version and instruct the core; return for how many accounts.

        If more than `most` accounts would be rewarded, all of them wait for a person and 0 is returned. A reward that does
        not fit its account any more, because a file came in meanwhile, is never approved here. A constant number of statements.
        """
        fresh = Decision.objects.filter(
            borrower_id__gte=self.lower,
            borrower_id__lt=self.upper,
            policy_version=self.version,
            business_date=self.business_date,
            origin=DecisionOrigin.STANDING,
            kind__in=(DecisionKind.LIMIT_INCREASE, DecisionKind.RATE_REDUCTION),
            created_at=self.at,
        )
        caps = self.policy.caps
        fitting = fresh.filter(
            reward_still_true(max_limit_percent=caps.max_limit_percent, rate_max=caps.rate_max, on=self.business_date),
            state=DecisionState.PROPOSED,
        )
        accounts = fitting.values("account").distinct().count()
        if accounts > most:
            return 0
        move_all(
            rows=fitting,
            lifecycle=DECISION,
            action="approve",
            at=self.at,
            approved_under=self.version,
            approved_at=self.at,
        )
        approved = Decision.objects.filter(
            pk__in=any_of(list(fresh.filter(state=DecisionState.APPROVED).values_list("pk", flat=True)))
        )
        begin_measures(decisions=approved, at=self.at)
        write_letters(decisions=approved, occasion=LetterOccasion.APPROVED, at=self.at)
        return accounts

    def _holding(self, rule: StandingRule) -> "QuerySet[AccountFacts]":
        """Return the facts that meet a rule and allow one more decision of its kind."""
        return self.facts.filter(self._holding_q(rule))

    def _holding_q(self, rule: StandingRule) -> Q:
        """
        Return the condition of a rule, without accounts that got a decision of its kind from this job on this date, those
        for which such a decision was rejected or reversed in the last RESPITE_DAYS, those that an upheld appeal bars, and
        those with figures older than OLDEST_FIGURES_DAYS, whatever the policy says of their age.

        A reward is for accounts with nothing due; a limit is raised for nobody who cannot accept it. No other circumstance
        of the borrower costs a reward (list c 8).
        """
        same = Decision.objects.filter(account=OuterRef("account_id"), kind=rule.effect.kind)
        again = same.filter(business_date=self.business_date, origin=DecisionOrigin.STANDING)
        # Neither state has a next one, so the last change of the row is the rejection or reversal.
        since = self.at - timedelta(days=RESPITE_DAYS)
        refused = same.filter(updated_at__gt=since).filter(
            Q(state=DecisionState.REJECTED, origin=DecisionOrigin.STANDING) & ~Q(ground=DecisionGround.OVERTAKEN)
            | Q(state=DecisionState.REVERSED)
        )
        holds = judged_q(policy=self.policy) & condition_q(rule.when, policy=self.policy)
        holds &= Q(figures_age_days__lte=OLDEST_FIGURES_DAYS)
        # Of those with such a decision no second one is inserted (_propose); it would use up the budget of another. Each
        # EXISTS is part of one negated OR, which the planner does not turn into joins: joined, a table whose statistics say
        # that it is empty is read whole for each account.
        spared = Q(Exists(again)) | Q(Exists(refused)) | Q(Exists(same.filter(state__in=PENDING_DECISION)))
        today = localdate(self.at)
        if rule.effect.kind in ADVERSE_KINDS:
            spared |= Q(barred(kind=rule.effect.kind, reason=rule.code, on=today)) | Q(in_grace(on=today))
            return holds & Q(arrears_amount__gt=0) & ~spared
        holds &= Q(days_past_due=0, arrears_amount__lte=0, status__in=(AccountStatus.ACTIVE, AccountStatus.FROZEN))
        if rule.effect.kind == DecisionKind.LIMIT_INCREASE:
            holds &= Q(**{f"flag_{kind.lower()}": False for kind in NO_INCREASE})
            spared |= Q(limit_is_cut())
        return holds & ~spared

    def _propose(
        self, rule: StandingRule, rows: "QuerySet[AccountFacts]", terms: Combinable, *, most: int | None = None
    ) -> int:
        """Insert a proposed decision for each row of facts, at most `most`; return how many."""
        days = rule.effect.expires_days
        # Of the business date, so that a night that is caught up later gives no longer time.
        expires_on = None if days is None else self.business_date + timedelta(days=days)
        # Of the person: the case may be kept at another of their borrowers.
        open_case = Case.objects.open().filter(borrower__person_key=OuterRef("borrower__person_key")).values("pk")[:1]
        chosen = rows.values_list(
            "borrower_id",
            "account_id",
            Subquery(open_case),
            Value(self.version.pk),
            Value(rule.effect.kind),
            Value(str(DecisionOrigin.STANDING)),
            Value(str(DecisionState.PROPOSED)),
            Value([rule.code], output_field=JSONField()),
            terms,
            Value(self.business_date),
            Value(expires_on, output_field=DateField()),
            Value(""),
            Value(self.at),
            Value(self.at),
        )
        # ON CONFLICT: an account with an unfinished decision of this kind gets no second one (a unique constraint).
        return insert_select(model=Decision, columns=_COLUMNS, rows=chosen if most is None else chosen[:most])
