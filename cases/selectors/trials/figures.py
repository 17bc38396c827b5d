"""Trials, their figures and titles, and how well each version separated bad accounts from good ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language

from backoffice.access.models import Territory
from cases.enums import OutcomeKind, TrialKind, TrialState
from cases.models import Account, PolicyTrial, ShadowRun
from cases.rules.trials.accuracy import Confusion
from cases.rules.trials.trial_figures import TrialFigures, figures_from, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Flagging:
    """
    How one version separated bad accounts from the rest: by one rule, or by any rule if `code` is empty.

    `side` is "new" or "old"; the confusion is over all accounts whose outcome is known.
    """

    side: str
    code: str
    confusion: Confusion


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeReport:
    """One kind of outcome: accounts observed, those `judged` (overdue on the business date), and each version's flagging."""

    kind: OutcomeKind
    observed: int
    bad: int
    judged: int
    judged_bad: int
    flaggings: tuple[Flagging, ...]


def policy_trials() -> QuerySet[PolicyTrial]:
    """Return all trials with their versions and people, newest first."""
    return PolicyTrial.objects.select_related("version__policy", "against__policy", "asked_by").order_by("-pk")


def figures_of(*, trial: PolicyTrial) -> tuple[TrialFigures, ...]:
    """Return a trial's figures day by day, as far as it is worked."""
    return tuple(figures_from(entry) for entry in trial.figures)


def total_of(*, trial: PolicyTrial) -> TrialFigures | None:
    """Return the figures of all days together, None before the first range."""
    return total(figures_of(trial=trial))


def shadow_series(*, shadow: ShadowRun) -> tuple[tuple[PolicyTrial, TrialFigures], ...]:
    """Return the finished comparisons of a shadow run with their figures, oldest first."""
    trials = policy_trials().filter(
        kind=TrialKind.SHADOW,
        state=TrialState.FINISHED,
        version=shadow.version_id,
        business_date__range=(shadow.from_date, shadow.until_date),
    )
    return tuple((trial, figures) for trial in trials.order_by("business_date") for figures in figures_of(trial=trial))


def outcome_reports(*, figures: TrialFigures) -> tuple[OutcomeReport, ...]:
    """Return a report for each kind of outcome that was observed."""
    reports = []
    for kind in OutcomeKind:
        counts = figures.outcomes.get(kind.value)
        if not counts:
            continue
        everyone = counts["all"]
        reports.append(
            OutcomeReport(
                kind=kind,
                observed=everyone["observed"],
                bad=everyone.get("observed_bad", 0),
                judged=everyone.get("judged", 0),
                judged_bad=everyone.get("judged_bad", 0),
                flaggings=tuple(
                    _flagging(counts, side, code) for side in ("new", "old") for code in sorted(counts[side] or {"": 0})
                ),
            )
        )
    return tuple(reports)


def rule_titles(*, trial: PolicyTrial) -> dict[str, str]:
    """Return the titles of all rules of both versions by code, in the reader's language, in the order of the policy."""
    titles: dict[str, str] = {}
    for body in (trial.body, trial.against.body if trial.against else {}):
        titles |= {code: title for code, title in _titles(body).items() if code not in titles}
    return titles


def city_names(*, keys: Mapping[str, int]) -> dict[str, str]:
    """Return the names of territories by their key in the figures, in the reader's language."""
    found = Territory.objects.in_bulk([int(key) for key in keys])
    return {key: str(found.get(int(key), key)) for key in keys}


def accounts_named(*, figures: TrialFigures, user: Any) -> dict[int, Account]:
    """Return the accounts by key that a replay names as different, if `user` may see them."""
    ids = {pk for rules in figures.differences.values() for found in rules.values() for pk in found}
    visible: QuerySet[Account] = Account.objects.visible_to(user)
    return visible.in_bulk(ids)


def _titles(body: Mapping[str, Any]) -> dict[str, str]:
    language = "en" if (get_language() or "").startswith("en") else "zh"
    return {
        rule["code"]: str(rule["title"][language])
        for part in ("rules", "rewards", "restrictions")
        for rule in body.get(part, ())
    }


def _flagging(counts: Mapping[str, Any], side: str, code: str) -> Flagging:
    confusion = Confusion(
        observed=counts["all"]["observed"],
        bad=counts["all"].get("observed_bad", 0),
        flagged=counts[side].get(code, 0),
        both=counts[f"{side}_bad"].get(code, 0),
    )
    return Flagging(side=side, code=code, confusion=confusion)
