"""What the page of a trial shows: figures as cards, charts and tables, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.core.cells import EMPTY, linked
from cases.enums import TrialKind
from cases.models import PolicyTrial
from cases.rules.outcomes import Measured, differ
from cases.rules.trial_figures import TrialFigures
from cases.selectors.trial_charts import moved_charts, rule_rows, rules_chart, series_chart
from cases.selectors.trials import (
    Flagging,
    OutcomeReport,
    accounts_named,
    figures_of,
    outcome_reports,
    rule_titles,
    total_of,
)

FINDINGS = {
    "same": _("Found again"),
    "unrecorded": _("Holds, but no hit is kept"),
    "unfounded": _("A hit is kept, but it does not hold"),
    "unjudged": _("Not judged that night"),
}


def trial_page(*, trial: PolicyTrial, user: Any) -> dict[str, Any]:
    """Return the panels of one trial as far as it has come."""
    figures = total_of(trial=trial)
    page: dict[str, Any] = {"percent": percent_done(trial=trial), "is_open": trial.finished_at is None}
    if figures is None:
        return page
    titles = rule_titles(trial=trial)
    page |= {"figures": figures, "seconds": f"{figures.seconds:.2f}"}
    if trial.kind == TrialKind.REPLAY:
        return page | _replay(figures, titles, user)
    days = figures_of(trial=trial)
    return page | {
        "cards": cards(figures),
        "charts": [rules_chart(figures, titles), *moved_charts(figures=figures, titles=titles)],
        "series": series_chart(days=days) if len(days) > 1 else None,
        "rules": rule_rows(figures=figures, titles=titles),
        "standing": standing_rows(figures=figures, titles=titles),
        "outcomes": [outcome_table(report=report, titles=titles) for report in outcome_reports(figures=figures)],
    }


def percent_done(*, trial: PolicyTrial) -> int:
    """Return how much of a trial is judged, in percent."""
    return 100 if trial.account_count == 0 else min(100, 100 * trial.done_count // trial.account_count)


def cards(figures: TrialFigures) -> list[dict[str, Any]]:
    """Return the numbers that matter first."""
    people = figures.borrowers
    shown = (
        (_("Cases opened"), "opened", _("a reason under this version only")),
        (_("Cases closed"), "closed", _("a reason under the other version only")),
        (_("Cases kept"), "kept", _("a reason under both")),
        (_("Visits more"), "visits_more", _("a reason for a visit under this version only")),
        (_("Visits fewer"), "visits_fewer", _("a reason for a visit under the other version only")),
    )
    return [{"name": name, "value": people.get(key, 0), "below": below} for name, key, below in shown]


def standing_rows(*, figures: TrialFigures, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return one line a reward or restriction with the accounts that it would reach under either version."""
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
        "side": side, "is_whole": not flagging.code, "title": titles.get(flagging.code, flagging.code) or _("Any reason"),
        "flagged": found.flagged, "both": found.both, "precision": _measured(found.precision),
        "recall": _measured(found.recall),
        "lift": EMPTY if lift is None else f"{lift.value:.2f} ({lift.low:.2f} - {lift.high:.2f})",
    }  # fmt: skip


def _measured(share: Measured | None) -> str:
    if share is None:
        return EMPTY
    return f"{100 * share.value:.1f}% ({100 * share.low:.1f} - {100 * share.high:.1f})"


def _replay(figures: TrialFigures, titles: Mapping[str, str], user: Any) -> dict[str, Any]:
    accounts = accounts_named(figures=figures, user=user)
    rows = [
        {
            "finding": FINDINGS[finding], "title": titles.get(rule, rule), "number": number,
            "accounts": [linked(accounts[pk], accounts[pk].external_ref)
                         for pk in figures.differences.get(finding, {}).get(rule, ()) if pk in accounts],
        }
        for finding in FINDINGS for rule, number in sorted(figures.replay.get(finding, {}).items())
    ]  # fmt: skip
    different = sum(sum(figures.replay.get(name, {}).values()) for name in ("unrecorded", "unfounded"))
    return {"replay": rows, "different": different, "same": sum(figures.replay.get("same", {}).values())}
