"""Two versions over the same facts: every rule a bit of a number that the database works out in one look at a row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BigIntegerField, BooleanField, Case, Exists, Expression, OuterRef, Q, QuerySet, Value, When
from django.db.models.expressions import Combinable

from cases.models import AccountFacts, PolicyVersion, RuleMute
from cases.rules.policy.body import PolicyRules, Rule, Tree, parse_policy
from cases.rules.policy.conditions import NEVER, comparable_q, condition_q
from cases.services.policies.policy_book import Page, PolicyBook, book_of

OVERDUE = Q(days_past_due__gt=0) | Q(arrears_amount__gt=0)
# Where a borrower has a reason under a policy that is not being compared: one bit for a reason, one for a visit.
REASON, VISIT = 1, 2
_ZERO = Value(0, output_field=BigIntegerField())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """
    The accounts of one segment under two versions. `new` is tried, `old` what it is held against, None for nothing.

    `elsewhere` are the policies of the other segments: they judge other accounts of the same borrowers, the same way
    on both sides.
    """

    segment: str
    new: PolicyRules
    old: PolicyRules | None
    book: PolicyBook

    @property
    def codes(self) -> tuple[str, ...]:
        """Return the new side's rules; a rule's place is its bit."""
        return tuple(rule.code for rule in self.new.rules)

    @property
    def old_codes(self) -> tuple[str, ...]:
        """Return the old side's rules; a rule's place is its bit."""
        return () if self.old is None else tuple(rule.code for rule in self.old.rules)

    @property
    def scope(self) -> Q:
        """Return the condition under which the compared versions judge an account."""
        return self.book.accounts_q(self._page)

    def scope_of(self, *, path: str) -> Q:
        """Return the same condition where the segment is reached by `path`."""
        return self.book.accounts_q(self._page, path=path)

    def elsewhere(self) -> tuple[Page, ...]:
        """Return the pages of the other segments."""
        return tuple(page for page in self.book.pages if page.segment != self.segment)

    @property
    def _page(self) -> Page:
        return next(page for page in self.book.pages if page.segment == self.segment)


def sides_of(
    *,
    version: PolicyVersion,
    body: Mapping[str, Any],
    against: PolicyVersion | None,
    others: Mapping[str, PolicyVersion],
) -> Sides:
    """
    Return the comparison of `version` (with the rules `body`) against another version, in its policy's segment.

    `others` are the versions in force by segment; that of the same segment is left out.

    :raises InvalidInput: if one of the bodies is not a valid policy.
    """
    segment = version.policy.segment
    return Sides(
        segment=segment,
        new=parse_policy(body),
        old=None if against is None else parse_policy(against.body),
        book=book_of({**others, segment: against or version}),
    )


def overdue_facts(*, business_date: date, lower: int, upper: int) -> "QuerySet[AccountFacts]":
    """Return the facts of a day that belong to overdue accounts of the borrowers in [lower, upper)."""
    facts: QuerySet[AccountFacts] = AccountFacts.objects.filter(
        OVERDUE, business_date=business_date, borrower_id__gte=lower, borrower_id__lt=upper
    )
    return facts


def rules_mask(*, policy: PolicyRules | None, scope: Q) -> Expression:
    """Return the number whose bits are the visit rules that hold, by their place: `rule_q` with the gate asked once."""
    if policy is None or not policy.rules:
        return _ZERO
    passed = scope & comparable_q(policy=policy) & condition_q(policy.gate, policy=policy)
    return _when(passed, _bits([rule.when for rule in policy.rules], policy))


def trees_mask(*, trees: list[Tree], policy: PolicyRules | None, scope: Q) -> Expression:
    """Return the number whose bits are the conditions that hold where amounts can be compared; no gate."""
    if policy is None or not trees:
        return _ZERO
    return _when(scope & comparable_q(policy=policy), _bits(trees, policy))


def elsewhere_mask(*, sides: Sides, business_date: date) -> Expression:
    """Return REASON and VISIT bits of accounts that other policies judge, muted reasons left out."""
    whens = []
    for page in sides.elsewhere():
        passed = (
            sides.book.accounts_q(page)
            & comparable_q(policy=page.rules)
            & condition_q(page.rules.gate, policy=page.rules)
        )
        for bits, rules in (
            (REASON | VISIT, [r for r in page.rules.rules if r.needs_visit]),
            (REASON, page.rules.rules),
        ):
            some = NEVER
            for rule in rules:
                some |= condition_q(rule.when, policy=page.rules) & _unmuted(rule, business_date)
            whens.append(When(passed & some, then=Value(bits)))
    return Case(*whens, default=_ZERO, output_field=BigIntegerField()) if whens else _ZERO


def uncompared(*, sides: Sides) -> Expression:
    """Return whether the new side has no rate for the account's currency."""
    found = When(sides.scope & ~comparable_q(policy=sides.new), then=Value(True))
    return Case(found, default=Value(False), output_field=BooleanField())


def visit_bits(policy: PolicyRules | None) -> int:
    """Return the bits of the rules that ask for a visit."""
    rules = () if policy is None else policy.rules
    return sum(1 << place for place, rule in enumerate(rules) if rule.needs_visit)


def _unmuted(rule: Rule, business_date: date) -> Q:
    muted = RuleMute.objects.filter(borrower_id=OuterRef("borrower_id"), rule=rule.code, until__gte=business_date)
    return Q(~Exists(muted))


def _bits(trees: list[Tree], policy: PolicyRules) -> Combinable:
    bits: Combinable | None = None
    for place, tree in enumerate(trees):
        bit = _when(condition_q(tree, policy=policy), Value(1 << place, output_field=BigIntegerField()))
        bits = bit if bits is None else bits + bit
    return _ZERO if bits is None else bits


def _when(condition: Q, then: Any) -> Expression:
    return Case(When(condition, then=then), default=_ZERO, output_field=BigIntegerField())
