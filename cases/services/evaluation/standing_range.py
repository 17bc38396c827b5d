"""The standing rules of one policy version over a range of accounts, as set-based SQL built from querysets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from django.db.models import Case as When_
from django.db.models import (
    CharField,
    DateField,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    JSONField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Coalesce, Floor, Greatest, JSONObject, Least, Round
from django.utils.timezone import localdate

from backoffice.core.batches import insert_select
from backoffice.core.transitions import move_all
from cases.enums import AccountStatus, DecisionKind, DecisionOrigin, DecisionState, LetterOccasion, TermsField
from cases.models import AccountFacts, Case, Decision, PolicyVersion, TermsChange
from cases.rules.lifecycle import DECISION
from cases.rules.policy.body import Effect, PolicyRules, StandingRule
from cases.rules.policy.conditions import NEVER, condition_q, judged_q
from cases.rules.standing import MONTHS_TO_PASS_OLD_LIMIT, RESPITE_DAYS
from cases.services.decisions.letters import write_letters
from cases.services.decisions.terms_ledger import write_terms_changes

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

_MONEY = DecimalField(max_digits=14, decimal_places=2)
_RATE = DecimalField(max_digits=6, decimal_places=5)
_WIDE = DecimalField(max_digits=24, decimal_places=8)
_TEXT = CharField()


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

    def reward(self, rule: StandingRule) -> int:
        """Propose the effect of a reward rule and return for how many accounts. One statement."""
        effect, caps = rule.effect, self.policy.caps
        if effect.kind == DecisionKind.LIMIT_INCREASE:
            after, now = self._raised(effect), F("credit_limit")
            rows = self._holding(rule).annotate(after=after).filter(after__gt=now)
            terms = JSONObject(limit=Cast(Cast("after", _MONEY), _TEXT))
        else:
            floor = Greatest(
                Cast(_original_rate(), _RATE) - Value(caps.rate_max), Value(Decimal(0)), output_field=_RATE
            )
            step = min(effect.points or Decimal(0), caps.rate_step)
            after = Greatest(F("annual_rate") - Value(step), floor, output_field=_RATE)
            rows = self._holding(rule).annotate(after=after).filter(after__lt=F("annual_rate"))
            terms = JSONObject(rate=Cast(Cast("after", _RATE), _TEXT))
        return self._propose(rule, rows, terms)

    def restrict(self, rule: StandingRule, *, most: int) -> int:
        """
        Propose the effect of a restriction rule for at most `most` accounts, the longest overdue first; return how many.

        Whatever the policy says, nothing is proposed while a circumstance protects the borrower or a repayment plan is
        kept. One statement.
        """
        if most <= 0:
            return 0
        rows = self._holding(rule).filter(protected_flags=0, on_active_plan=False)
        if rule.effect.kind == DecisionKind.FREEZE:
            rows = rows.filter(account__status=AccountStatus.ACTIVE)
            terms = JSONObject(status=Value(str(AccountStatus.FROZEN)), way_back=Value("THREE_PAYMENTS_ON_TIME"))
        else:
            rows = rows.annotate(after=self._cut(rule.effect)).filter(after__lt=F("credit_limit"))
            terms = JSONObject(limit=Cast(Cast("after", _MONEY), _TEXT), way_back=Value("THREE_PAYMENTS_ON_TIME"))
        return self._propose(rule, rows.order_by("-days_past_due", "account_id"), terms, most=most)

    def approve(self, *, most: int) -> int:
        """
        Approve the rewards of this pass under the policy version and instruct the core; return for how many accounts.

        If more than `most` accounts would be rewarded, all of them wait for a person and 0 is returned. Four statements.
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
        accounts = fresh.filter(state=DecisionState.PROPOSED).values("account").distinct().count()
        if accounts > most:
            return 0
        move_all(
            rows=fresh,
            lifecycle=DECISION,
            action="approve",
            at=self.at,
            approved_under=self.version,
            approved_at=self.at,
        )
        approved = fresh.filter(state=DecisionState.APPROVED)
        write_terms_changes(decisions=approved, at=self.at)
        write_letters(decisions=approved, occasion=LetterOccasion.APPROVED, at=self.at)
        return accounts

    def _holding(self, rule: StandingRule) -> "QuerySet[AccountFacts]":
        """Return the facts that meet a rule and allow one more decision of its kind."""
        return self.facts.filter(self._holding_q(rule))

    def _holding_q(self, rule: StandingRule) -> Q:
        """
        Return the condition of a rule, without accounts that got a decision of its kind from this job on this date, and
        those for which such a decision was rejected or reversed in the last RESPITE_DAYS.
        """
        same = Decision.objects.filter(account=OuterRef("account_id"), kind=rule.effect.kind)
        again = same.filter(business_date=self.business_date, origin=DecisionOrigin.STANDING)
        since = self.business_date - timedelta(days=RESPITE_DAYS)
        refused = same.filter(business_date__gt=since).filter(
            Q(state=DecisionState.REJECTED, origin=DecisionOrigin.STANDING) | Q(state=DecisionState.REVERSED)
        )
        holds = judged_q(policy=self.policy) & condition_q(rule.when, policy=self.policy)
        return holds & ~Q(Exists(again)) & ~Q(Exists(refused))

    def _propose(
        self, rule: StandingRule, rows: "QuerySet[AccountFacts]", terms: Combinable, *, most: int | None = None
    ) -> int:
        """Insert a proposed decision for each row of facts, at most `most`; return how many."""
        days = rule.effect.expires_days
        expires_on = None if days is None else localdate(self.at) + timedelta(days=days)
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

    def _raised(self, effect: Effect) -> Combinable:
        """Return rules.standing.raised_limit as SQL; a test compares the two."""
        percent = min(effect.percent or Decimal(0), self.policy.caps.max_limit_percent)
        raised = Round(_wide(F("credit_limit") * Value((100 + percent) / 10_000))) * Value(Decimal(100))
        # LEAST ignores NULL: without a value there is no ceiling.
        ceiling = When_(
            When(on_time_months__lt=MONTHS_TO_PASS_OLD_LIMIT, then=F("account__pre_default_limit")), output_field=_MONEY
        )
        return Cast(Least(_wide(raised), *self._bound(effect, sign=1), _wide(ceiling), output_field=_WIDE), _MONEY)

    def _cut(self, effect: Effect) -> Combinable:
        """Return rules.standing.cut_limit as SQL; a test compares the two."""
        percent = effect.percent or Decimal(0)
        cut = Floor(_wide(F("credit_limit") * Value((100 - percent) / 10_000))) * Value(Decimal(100))
        bounds = (_wide(cut), *self._bound(effect, sign=-1), Value(Decimal(0), output_field=_WIDE))
        return Cast(Greatest(*bounds, output_field=_WIDE), _MONEY)

    def _bound(self, effect: Effect, *, sign: int) -> list[Combinable]:
        """Return the limit changed by the largest amount of the effect, in the account's currency; empty without such a bound."""
        if effect.max_amount is None:
            return []
        most = When_(
            *(When(currency=c, then=Value(effect.max_amount * rate * sign)) for c, rate in _sorted(self.policy.rates)),
            output_field=_WIDE,
        )
        return [_wide(F("credit_limit") + most)]


def _sorted(rates: Mapping[str, Decimal]) -> list[tuple[str, Decimal]]:
    return sorted(rates.items())


def _wide(expression: Any) -> Combinable:
    return ExpressionWrapper(expression, output_field=_WIDE)


def _original_rate() -> Combinable:
    """Return the annual rate before the first change by a decision; today's rate if there was none."""
    lines = TermsChange.objects.filter(account=OuterRef("account_id"), field=TermsField.RATE, refused_reason="")
    first = lines.order_by("pk").values("before")[:1]
    return Coalesce(Cast(Subquery(first), _RATE), F("annual_rate"), output_field=_RATE)
