"""The rules of a policy version as frozen values: conditions, rules, effects, caps and parameters."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from types import MappingProxyType

from django.utils.translation import get_language


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One comparison. `value` is Decimal or int for numbers, bool for flags, str or a tuple of them for words."""

    feature: str
    op: str
    value: Decimal | int | bool | str | tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AllOf:
    """A group of which every part holds."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnyOf:
    """A group of which at least one part holds."""

    parts: tuple["Tree", ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Not:
    """The negation of a part. An unknown value meets no condition, so the negation of a condition on it holds."""

    part: "Tree"


Tree = Condition | AllOf | AnyOf | Not


@dataclass(frozen=True, slots=True, kw_only=True)
class Title:
    """A name in English and Chinese."""

    en: str
    zh: str

    def __str__(self) -> str:
        return self.en if (get_language() or "").startswith("en") else self.zh


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A reason to open a case for a borrower. `priority` is 1 to 3, 1 the most urgent."""

    code: str
    title: Title
    priority: int
    needs_visit: bool
    when: Tree


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """
    What a standing rule proposes. `kind` is a DecisionKind.

    `percent` is of the limit (LIMIT_INCREASE, LIMIT_CUT); `points` is a fraction (RATE_REDUCTION: 0.005 is half a
    percentage point); `max_amount` bounds the change, in the policy's currency; `expires_days` are days from the day
    of effect, and restrictions always have them.
    """

    kind: str
    percent: Decimal | None = None
    points: Decimal | None = None
    max_amount: Decimal | None = None
    expires_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingRule:
    """A reason to reward or restrict. Of several rules with one kind of effect only the first that holds counts."""

    code: str
    title: Title
    when: Tree
    effect: Effect


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedDecision:
    """
    A decision that a row of the proposal table proposes. `kind` is a DecisionKind; None where it has no such term.

    `days` are those of grace, rate relief, special care or a restriction; `relief` (a fraction: 0.03 is 3 points) is taken off
    the rate of the account or of a plan; `percent` is of the limit (LIMIT_CUT); `flag` is a FlagKind; `way_back` says how a restriction is ended.
    """

    kind: str
    days: int | None = None
    instalments: int | None = None
    relief: Decimal | None = None
    percent: Decimal | None = None
    flag: str | None = None
    way_back: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalRow:
    """
    One row of the table from verified facts to proposals; the first row that fits gives the result.

    `reasons` are codes of rules/reasons.py. Without `decisions` only `next_step` follows.
    """

    code: str
    title: Title
    when: Tree
    reasons: tuple[str, ...]
    decisions: tuple[ProposedDecision, ...] = ()
    next_step: str = "DECIDE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """
    Bounds of the standing job. Shares (0..1) are of the accounts judged; rates are fractions (0.03 is 3 points).

    `max_share_rewarded` and `max_share_restricted` bound how many accounts a mistaken policy can change in one night, and
    `max_exposure_share` how much more may be drawn after it: a share of the limits of the accounts judged. None is no such bound.
    """

    max_share_rewarded: Decimal = Decimal("0.20")
    max_share_restricted: Decimal = Decimal("0.05")
    max_exposure_share: Decimal | None = None
    rate_step: Decimal = Decimal("0.005")
    rate_max: Decimal = Decimal("0.03")
    max_limit_percent: Decimal = Decimal(50)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameters:
    """
    Grades by amount at risk, in the policy's currency, and calendar days by priority until work and visit.

    `max_figures_age_days`: an account with older figures gets no new hit, reward or restriction, and what holds for it
    stays; None means figures of any age.

    Of proposals after a verification: a fact is firm from `firm_confidence` on (a share) with evidence; a plan is offered for
    `plan_offer_days`, and `plan_first_share` of what is owed is paid at once.
    """

    grade_a_amount: Decimal = Decimal(200_000)
    grade_b_amount: Decimal = Decimal(50_000)
    sla_days: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({1: 2, 2: 5, 3: 10}))
    visit_days: Mapping[int, int] = field(default_factory=lambda: MappingProxyType({1: 7, 2: 14, 3: 21}))
    max_figures_age_days: int | None = None
    firm_confidence: Decimal = Decimal("0.80")
    plan_offer_days: int = 31
    plan_first_share: Decimal = Decimal("0.05")


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyRules:
    """
    A whole valid policy. `rates` are units of each currency for one unit of the policy's own currency.

    Without `proposals` (versions from before they were part of a policy) the house's table holds (default_proposals.py).
    """

    currency: str
    rates: Mapping[str, Decimal]
    parameters: Parameters
    gate: Tree
    rules: tuple[Rule, ...]
    rewards: tuple[StandingRule, ...] = ()
    restrictions: tuple[StandingRule, ...] = ()
    proposals: tuple[ProposalRow, ...] = ()
    caps: Caps = field(default_factory=Caps)

    def rule(self, code: str) -> Rule | None:
        """Return the visit rule with that code, None if there is none."""
        return next((rule for rule in self.rules if rule.code == code), None)


def leaves(tree: Tree) -> tuple[Condition, ...]:
    """Return every comparison of a tree, from left to right."""
    if isinstance(tree, Condition):
        return (tree,)
    parts = (tree.part,) if isinstance(tree, Not) else tree.parts
    return tuple(leaf for part in parts for leaf in leaves(part))


def features_of(tree: Tree) -> tuple[str, ...]:
    """Return the names of the features that a tree uses, each once, in order."""
    return tuple(dict.fromkeys(leaf.feature for leaf in leaves(tree)))
