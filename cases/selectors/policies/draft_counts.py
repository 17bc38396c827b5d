"""How many accounts a draft policy hits today: counted, or estimated from a sample of a large portfolio."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from django.db.models import Max, Q, QuerySet

from cases.enums import Job, RunState
from cases.models import AccountFacts, EvaluationRun, Policy, PolicyVersion
from cases.rules.policy.body import PolicyRules, Tree
from cases.rules.policy.conditions import NEVER, condition_q, judged_q
from cases.rules.policy.draft_reading import PolicyReading, read_draft
from cases.rules.trials.estimates import Estimate
from cases.selectors.policies.fact_counts import FactRows, TooSlow, time_limit
from cases.selectors.policies.versions import versions_in_force

# Up to this many rows all are counted (0.5 s for the shipped policy against itself; 500,000 rows take 1.5 s).
COUNTED_ROWS: Final = 150_000
# Rows of a sample, and the longest time of one statement in seconds.
SAMPLED_ROWS: Final = 40_000
MOST_SECONDS: Final = 2.0
# Rows that are read to suggest the names of segments.
SUGGESTED_FROM: Final = 3_000
OVERDUE: Final = Q(days_past_due__gt=0) | Q(arrears_amount__gt=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """How many accounts a rule hits, and compared with the version in force how many enter and leave."""

    now: Estimate
    before: int | None = None
    entered: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftCounts:
    """
    How many accounts a draft would hit. `parts` are by path: "gate", "rules[0]", "rewards[1]" ...; "rules" counts
    accounts with at least one visit rule.

    `accounts` are the overdue accounts of the segment, `judged` all its accounts. `sampled` is the number of rows read;
    `is_estimate` tells that they are a sample. `against` is the number of the version in force.
    """

    business_date: date
    accounts: Estimate
    judged: int
    sampled: int
    is_estimate: bool
    against: int | None
    parts: Mapping[str, Hits] = field(default_factory=dict)


def draft_counts(
    *,
    reading: PolicyReading,
    segment: str,
    user: Any,
    counted_rows: int = COUNTED_ROWS,
    sampled_rows: int = SAMPLED_ROWS,
    seconds: float = MOST_SECONDS,
) -> DraftCounts | None:
    """
    Return how many accounts the valid parts of a draft for `segment` hit on the last judged business date.

    It evaluates the conditions of the nightly run over the kept facts that `user` may see. Up to `counted_rows` rows
    are counted; of more rows about `sampled_rows` are read, in evenly spread blocks of neighbouring borrowers. None if
    there are no facts, or if currency, rates or gate have a fault.

    :raises fact_counts.TooSlow: if the database takes longer than `seconds` for a statement.
    """
    business_date = latest_judged_day()
    if business_date is None or not reading.is_countable:
        return None
    in_force = versions_in_force()
    rows = _segment_rows(segment, in_force, business_date, user)
    against = in_force.get(segment)
    former = read_draft(against.body) if against else None
    wanted = _wanted(reading, former)
    facts = FactRows(
        rows=rows,
        stamp=f"{business_date}/{segment}/{sorted(in_force)}/{_scope_key(user)}",
        counted_rows=counted_rows,
        sampled_rows=sampled_rows,
    )
    try:
        with time_limit(seconds):
            found = facts.count(wanted)
    except TooSlow:
        # Many rules over many rows, or a busy database: a sample reads only a fraction of the rows.
        with time_limit(seconds):
            found = replace(facts, counted_rows=0).count(wanted)
    parts = {
        place: Hits(
            now=found.estimates[place],
            before=found.estimates[f"before:{place}"].value if f"before:{place}" in wanted else None,
            entered=_apart(found.estimates, place, place),
            left=_apart(found.estimates, f"before:{place}", place),
        )
        for place in wanted
        if ":" not in place and place != "accounts"
    }
    return DraftCounts(
        business_date=business_date,
        accounts=found.estimates["accounts"],
        judged=found.population,
        sampled=found.rows,
        is_estimate=found.rows < found.population,
        against=against.number if against else None,
        parts=parts,
    )


def latest_judged_day() -> date | None:
    """Return the last business date with a finished run and facts; without a run the last with facts; else None."""
    finished = EvaluationRun.objects.filter(job=Job.TRIGGERS, state=RunState.FINISHED).order_by("-business_date")
    for day in finished.values_list("business_date", flat=True)[:3]:
        # Old facts are deleted, so a finished run may have none any more.
        if AccountFacts.objects.filter(business_date=day).exists():
            return day
    last: date | None = AccountFacts.objects.aggregate(last=Max("business_date"))["last"]
    return last


def segments_known() -> list[str]:
    """Return the segments that have a policy, or an account among a few thousand of the last day judged."""
    named = set(Policy.objects.exclude(segment="").values_list("segment", flat=True))
    recent = AccountFacts.objects.order_by("-business_date", "-borrower_id")[:SUGGESTED_FROM]
    return sorted((named | set(recent.values_list("segment", flat=True))) - {""})


def _segment_rows(
    segment: str, in_force: Mapping[str, PolicyVersion], business_date: date, user: Any
) -> "QuerySet[AccountFacts]":
    rows: QuerySet[AccountFacts] = AccountFacts.objects.visible_to(user).filter(business_date=business_date)
    if segment:
        return rows.filter(segment=segment)
    own = sorted(name for name in in_force if name)
    return rows.exclude(segment__in=own) if own else rows


def _scope_key(user: Any) -> str:
    return f"{user.reach}/{sorted(user.territory_ids)}"


def _wanted(reading: PolicyReading, former: PolicyReading | None) -> dict[str, tuple[str, Q]]:
    """
    Return the conditions to count by path: a text that identifies the condition, and the condition.

    "before:X" is the same part in the version in force (rules by code), "both:X" the accounts that both hit.
    """
    wanted = {"accounts": ("overdue", OVERDUE)}
    new = _conditions(reading)
    countable = former is not None and former.is_countable
    old = {key: (text, q) for key, text, q in _conditions(former).values()} if former and countable else {}
    for place, (key, text, condition) in new.items():
        wanted[place] = (text, condition)
        if key not in old:
            continue
        was_text, was = old[key]
        wanted[f"before:{place}"] = (was_text, was)
        wanted[f"both:{place}"] = (text, condition) if text == was_text else (f"{text} & {was_text}", condition & was)
    return wanted


def _conditions(reading: PolicyReading) -> dict[str, tuple[str, str, Q]]:
    """Return by path: the key that finds the same part in another version, the identifying text, and the condition."""
    frame, gate = reading.frame, reading.gate
    assert gate is not None  # noqa: S101 - a countable reading has a gate
    through = OVERDUE & judged_q(policy=frame) & condition_q(gate, policy=frame)
    found = {"gate": ("gate", _text(frame, gate), through)}
    reasons: list[tuple[Tree, Q]] = []
    for part in reading.parts:
        # A row of proposals asks for facts of a verification; it is tried on recorded ones (selectors/policies/proposal_replay.py).
        if part.when is None or part.path.startswith("proposals"):
            continue
        holds = condition_q(part.when, policy=frame)
        if part.path.startswith("rules"):
            found[part.path] = (part.code, _text(frame, gate, part.when), through & holds)
            reasons.append((part.when, holds))
        else:
            # Rewards and restrictions have no gate: they are for accounts without arrears too.
            found[part.path] = (part.code, _text(frame, part.when), judged_q(policy=frame) & holds)
    some = NEVER
    for _when, holds in reasons:
        some |= holds
    found["rules"] = ("rules", _text(frame, gate, *(when for when, _holds in reasons), "any"), through & some)
    return found


def _text(frame: PolicyRules, *trees: Any) -> str:
    """Return a text that identifies a condition for the cache: the rates, the age of figures and the trees."""
    rates, most = sorted(frame.rates.items()), frame.parameters.max_figures_age_days
    return f"{rates} {most} {' '.join(repr(tree) for tree in trees)}"


def _apart(found: Mapping[str, Estimate], whole: str, place: str) -> int:
    """Return how many of `whole` are not in both versions."""
    both = found.get(f"both:{place}")
    return max(0, found[whole].value - both.value) if both is not None else 0
