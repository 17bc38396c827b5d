"""How many accounts a policy in the making hits today: counted, or estimated from a sample of a large portfolio."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, Final

from django.db.models import Max, Q, QuerySet

from cases.enums import Job, RunState
from cases.models import AccountFacts, EvaluationRun, Policy, PolicyVersion
from cases.rules.policy.body import PolicyRules, Tree
from cases.rules.policy.conditions import NEVER, comparable_q, condition_q
from cases.rules.policy.draft_reading import PolicyReading, read_draft
from cases.rules.trials.estimates import Estimate
from cases.selectors.policies.fact_counts import FactRows, TooSlow, patience
from cases.selectors.policies.versions import versions_in_force

# Up to here every row is looked at: half a second for the shipped policy twice over (1.5 s for 500,000); above, a sample.
COUNTED_ROWS: Final = 150_000
SAMPLED_ROWS: Final = 40_000
MOST_SECONDS: Final = 2.0
# Enough to name every segment of a portfolio; a whole scan would not be worth a list of suggestions.
SUGGESTED_FROM: Final = 3_000
OVERDUE: Final = Q(days_past_due__gt=0) | Q(arrears_amount__gt=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hits:
    """On how many accounts something holds, and against the version in force: how many enter and how many leave."""

    now: Estimate
    before: int | None = None
    entered: int = 0
    left: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftCounts:
    """
    What a draft would hit. `parts` by place: "gate", "rules[0]", "rewards[1]" ...; "rules" is an account with any reason.

    `accounts` are the overdue ones of the segment, `judged` all of it. `sampled` is how many rows were looked at;
    `is_estimate` says that they are a sample.
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
    Return what the sound parts of a draft for `segment` hit on the last business date that was judged.

    Read from the kept facts by the very conditions of the nightly run, within what `user` may see. Up to
    `counted_rows` rows are counted; of more, about `sampled_rows` in evenly spread blocks of neighbouring borrowers.
    None where there are no facts, or where rates or gate cannot be read.

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
        stamp=f"{business_date}/{segment}/{sorted(in_force)}/{_sight(user)}",
        counted_rows=counted_rows,
        sampled_rows=sampled_rows,
    )
    try:
        with patience(seconds):
            found = facts.count(wanted)
    except TooSlow:
        # Many rules over many rows, or a busy database: a sample asks for a fraction.
        with patience(seconds):
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
    """Return the last business date whose run finished; without a run the last with facts, None without any."""
    finished = EvaluationRun.objects.filter(job=Job.TRIGGERS, state=RunState.FINISHED).order_by("-business_date")
    for day in finished.values_list("business_date", flat=True)[:3]:
        # Facts are kept for a while only, and a day's row may be all that an update on the way left.
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


def _sight(user: Any) -> str:
    return f"{user.reach}/{sorted(user.territory_ids)}"


def _wanted(reading: PolicyReading, former: PolicyReading | None) -> dict[str, tuple[str, Q]]:
    """
    Return what is counted: by place the text that says what, and the condition.

    "before:X" is the same place in the version in force (rules by their code), "both:X" what holds in both.
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
    """Return by place (of the version in force: by key) the key that finds the same in another version, text and Q."""
    frame, gate = reading.frame, reading.gate
    assert gate is not None  # noqa: S101 - a countable reading has a gate
    through = OVERDUE & comparable_q(policy=frame) & condition_q(gate, policy=frame)
    found = {"gate": ("gate", _text(frame, gate), through)}
    reasons: list[tuple[Tree, Q]] = []
    for part in reading.parts:
        if part.when is None:
            continue
        holds = condition_q(part.when, policy=frame)
        if part.path.startswith("rules"):
            found[part.path] = (part.code, _text(frame, gate, part.when), through & holds)
            reasons.append((part.when, holds))
        else:
            # Standing has no gate: rewards are for accounts that no visit looks at.
            found[part.path] = (part.code, _text(frame, part.when), comparable_q(policy=frame) & holds)
    some = NEVER
    for _when, holds in reasons:
        some |= holds
    found["rules"] = ("rules", _text(frame, gate, *(when for when, _holds in reasons), "any"), through & some)
    return found


def _text(frame: PolicyRules, *trees: Any) -> str:
    """Return what a condition depends on: amounts by the rates, and the trees themselves."""
    return f"{sorted(frame.rates.items())} {' '.join(repr(tree) for tree in trees)}"


def _apart(found: Mapping[str, Estimate], whole: str, place: str) -> int:
    """Return how many of `whole` are not in both versions."""
    both = found.get(f"both:{place}")
    return max(0, found[whole].value - both.value) if both is not None else 0
