"""
The standing job: what accounts earned or forfeited, a range of borrowers in set-based statements.

Rewards within the policy's caps are approved by the policy version, which people approved before; beyond them they
wait for a person. Restrictions always wait for a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

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

from backoffice.audit.services import record
from backoffice.core.batches import insert_select
from backoffice.core.transitions import move_all
from cases.enums import AccountStatus, DecisionKind, DecisionOrigin, DecisionState, Measure, TermsField
from cases.models import AccountFacts, Case, Decision, PolicyVersion, TermsChange
from cases.rules.lifecycle import DECISION
from cases.rules.policy.body import Effect, PolicyRules, StandingRule
from cases.rules.policy.conditions import NEVER, comparable_q, condition_q
from cases.rules.standing import MONTHS_TO_PASS_OLD_LIMIT, RESPITE_DAYS
from cases.services.decisions.terms_ledger import write_terms_changes
from cases.services.evaluation.facts import write_facts
from cases.services.evaluation.triggers import RangeOutcome, RangeWeight, in_transaction
from cases.services.policies.book import PolicyBook

COLUMNS = (
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


def weigh_range(*, book: PolicyBook, business_date: date, lower: int, upper: int, at: datetime) -> RangeWeight:
    """
    Write the facts of the accounts that the triggers left out and count who would be rewarded or restricted.

    An account counts once for each measure. Needs the caller's transaction; constant statements for a book.
    """
    in_transaction()
    write_facts(business_date=business_date, lower=lower, upper=upper, scope="current")
    works = _works(book, business_date, lower, upper, at)
    judged = _day(business_date, lower, upper).count()
    rewarded = sum(work.weigh(work.policy.rewards) for work in works)
    restricted = sum(work.weigh(work.policy.restrictions) for work in works)
    return RangeWeight(
        accounts=judged,
        effects={Measure.REWARDED: rewarded, Measure.RESTRICTED: restricted},
        of={Measure.REWARDED: judged, Measure.RESTRICTED: judged},
    )


def apply_range(*, book: PolicyBook, business_date: date, lower: int, upper: int, at: datetime) -> RangeOutcome:
    """
    Judge the accounts of a weighed range by its facts, in the caller's transaction.

    Writes the decisions that the rewards and restrictions of each page call for; of the rules with one kind of effect
    the first that holds counts. The number of statements depends on the book alone. Asked again it writes nothing new.
    """
    in_transaction()
    judged = proposed = 0
    for work in _works(book, business_date, lower, upper, at):
        mine = work.facts.count()
        judged += mine
        proposed += _judge(work, mine)
    return RangeOutcome(accounts=judged, hits=proposed, proposed=proposed)


def evaluate_range(*, book: PolicyBook, business_date: date, lower: int, upper: int, at: datetime) -> RangeOutcome:
    """Weigh and apply a range at once, in the caller's transaction: for few borrowers, whom no breaker watches."""
    weigh_range(book=book, business_date=business_date, lower=lower, upper=upper, at=at)
    return apply_range(book=book, business_date=business_date, lower=lower, upper=upper, at=at)


def _judge(work: "_Range", judged: int) -> int:
    policy = work.policy
    proposed = sum(work.reward(rule) for rule in policy.rewards)
    approved = work.approve(most=_share(policy.caps.max_share_rewarded, judged)) if proposed else 0
    left = dict.fromkeys(
        (rule.effect.kind for rule in policy.restrictions), _share(policy.caps.max_share_restricted, judged)
    )
    restricted = 0
    for rule in policy.restrictions:
        taken = work.restrict(rule, most=left[rule.effect.kind])
        left[rule.effect.kind] -= taken
        restricted += taken
    if proposed or restricted:
        record(
            actor=None,
            action="standing.judged",
            subject=work.version,
            at=work.at,
            body={
                "business_date": work.business_date,
                "borrowers": [work.lower, work.upper],
                "judged": judged,
                "rewards": proposed,
                "approved": approved,
                "restrictions": restricted,
            },
        )
    return proposed + restricted


def _day(business_date: date, lower: int, upper: int) -> "QuerySet[AccountFacts]":
    facts: QuerySet[AccountFacts] = AccountFacts.objects.filter(
        business_date=business_date, borrower_id__gte=lower, borrower_id__lt=upper
    )
    return facts


def _works(book: PolicyBook, business_date: date, lower: int, upper: int, at: datetime) -> "list[_Range]":
    facts = _day(business_date, lower, upper)
    return [
        _Range(
            policy=page.rules,
            version=page.version,
            business_date=business_date,
            lower=lower,
            upper=upper,
            facts=facts.filter(book.accounts_q(page)),
            at=at,
        )
        for page in book.pages
    ]


def _share(share: Decimal, judged: int) -> int:
    """Return how many accounts a share allows; in a small range at least one, unless the share is none at all."""
    return max(int(share * judged), 1) if share > 0 else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class _Range:
    """A policy version over the facts of a range."""

    policy: PolicyRules
    version: PolicyVersion
    business_date: date
    lower: int
    upper: int
    facts: "QuerySet[AccountFacts]"
    at: datetime

    def weigh(self, rules: Sequence[StandingRule]) -> int:
        """Return for how many accounts at least one of the rules holds now. One statement."""
        some = NEVER
        for rule in rules:
            some |= self._holding_q(rule)
        return self.facts.filter(some).count() if rules else 0

    def reward(self, rule: StandingRule) -> int:
        """Propose what a reward rule gives and return to how many accounts. One statement."""
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
        Propose what a restriction rule takes, to at most `most` accounts, the longest overdue first. One statement.

        Whatever the policy says: nothing while a circumstance protects the borrower or a plan is honoured.
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
        Approve this pass's rewards under the policy version and instruct them; return how many accounts gain.

        More than `most` accounts at once is no routine: then all of them wait for a person. Three statements.
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
        write_terms_changes(decisions=fresh.filter(state=DecisionState.APPROVED), at=self.at)
        return accounts

    def _holding(self, rule: StandingRule) -> "QuerySet[AccountFacts]":
        """Return the facts for which a rule holds and nothing speaks against one more decision of its kind."""
        return self.facts.filter(self._holding_q(rule))

    def _holding_q(self, rule: StandingRule) -> Q:
        same = Decision.objects.filter(account=OuterRef("account_id"), kind=rule.effect.kind)
        again = same.filter(business_date=self.business_date, origin=DecisionOrigin.STANDING)
        since = self.business_date - timedelta(days=RESPITE_DAYS)
        refused = same.filter(business_date__gt=since).filter(
            Q(state=DecisionState.REJECTED, origin=DecisionOrigin.STANDING) | Q(state=DecisionState.REVERSED)
        )
        holds = comparable_q(policy=self.policy) & condition_q(rule.when, policy=self.policy)
        return holds & ~Q(Exists(again)) & ~Q(Exists(refused))

    def _propose(
        self, rule: StandingRule, rows: "QuerySet[AccountFacts]", terms: Combinable, *, most: int | None = None
    ) -> int:
        days = rule.effect.expires_days
        expires_on = None if days is None else localdate(self.at) + timedelta(days=days)
        open_case = Case.objects.open().filter(borrower=OuterRef("borrower_id")).values("pk")[:1]
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
        # A decision of the kind that still waits for somebody is enough: the unique constraint passes over the rest.
        return insert_select(model=Decision, columns=COLUMNS, rows=chosen if most is None else chosen[:most])

    def _raised(self, effect: Effect) -> Combinable:
        """The arithmetic of rules.standing.raised_limit, which the tests hold against this."""
        percent = min(effect.percent or Decimal(0), self.policy.caps.max_limit_percent)
        raised = Round(_wide(F("credit_limit") * Value((100 + percent) / 10_000))) * Value(Decimal(100))
        # Least passes over what is null: no bound.
        ceiling = When_(
            When(on_time_months__lt=MONTHS_TO_PASS_OLD_LIMIT, then=F("account__pre_default_limit")), output_field=_MONEY
        )
        return Cast(Least(_wide(raised), *self._bound(effect, sign=1), _wide(ceiling), output_field=_WIDE), _MONEY)

    def _cut(self, effect: Effect) -> Combinable:
        """The arithmetic of rules.standing.cut_limit, which the tests hold against this."""
        percent = effect.percent or Decimal(0)
        cut = Floor(_wide(F("credit_limit") * Value((100 - percent) / 10_000))) * Value(Decimal(100))
        bounds = (_wide(cut), *self._bound(effect, sign=-1), Value(Decimal(0), output_field=_WIDE))
        return Cast(Greatest(*bounds, output_field=_WIDE), _MONEY)

    def _bound(self, effect: Effect, *, sign: int) -> list[Combinable]:
        """Return the limit changed by the largest amount of the effect, in the account's own currency."""
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
    """The rate before the first change that any decision made, else today's."""
    lines = TermsChange.objects.filter(account=OuterRef("account_id"), field=TermsField.RATE, refused_reason="")
    first = lines.order_by("pk").values("before")[:1]
    return Coalesce(Cast(Subquery(first), _RATE), F("annual_rate"), output_field=_RATE)
