"""The tables of a trial in the reader's language: visit rules, rewards and restrictions, outcomes."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.cells import EMPTY
from cases.rules.trials.accuracy import Measured, differ
from cases.rules.trials.trial_figures import TrialFigures
from cases.selectors.trials.figures import Flagging, OutcomeReport


def rule_rows(*, figures: TrialFigures, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return one row for each rule: accounts hit by either version, and how they differ."""
    hits = figures.hits
    seen = {code for counts in hits.values() for code in counts}
    sides = ("new", "old", "entered", "left", "both", "muted")
    return [
        {"title": titles.get(code, code)} | {side: hits.get(side, {}).get(code, 0) for side in sides}
        for code in (*titles, *sorted(seen - set(titles)))
        if code in seen
    ]


def standing_rows(*, figures: TrialFigures, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return one row for each reward or restriction with the accounts that it would reach under either version."""
    new, old = figures.standing.get("new", {}), figures.standing.get("old", {})
    return [
        {"title": titles.get(code, code), "new": new.get(code, 0), "old": old.get(code, 0)}
        for code in titles
        if code in new or code in old
    ]


def outcome_table(*, report: OutcomeReport, titles: Mapping[str, str]) -> dict[str, Any]:
    """Return precision, recall and lift with their intervals: by version, and by rule of this version."""
    rows = [_outcome_row(flagging, titles) for flagging in report.flaggings]
    whole = {flagging.side: flagging.confusion for flagging in report.flaggings if not flagging.code}
    sure = None
    if len(whole) == 2 and whole["new"].precision and whole["old"].precision:
        sure = differ(one=whole["new"].precision, other=whole["old"].precision)
    base = next(iter(whole.values())).base_rate if whole else None
    return {"report": report, "kind": report.kind.label, "rows": rows, "base": _measured(base), "is_sure": sure}


def _outcome_row(flagging: Flagging, titles: Mapping[str, str]) -> dict[str, Any]:
    found = flagging.confusion
    side = _("This version") if flagging.side == "new" else _("The other version")
    lift = found.lift
    return {
        "side": side,
        "is_whole": not flagging.code,
        "title": titles.get(flagging.code, flagging.code) or _("Any reason"),
        "flagged": found.flagged,
        "both": found.both,
        "precision": _measured(found.precision),
        "recall": _measured(found.recall),
        "lift": EMPTY if lift is None else f"{lift.value:.2f} ({lift.low:.2f} - {lift.high:.2f})",
    }


def _measured(share: Measured | None) -> str:
    if share is None:
        return EMPTY
    return f"{100 * share.value:.1f}% ({100 * share.low:.1f} - {100 * share.high:.1f})"
