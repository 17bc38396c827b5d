"""What the page of a trial shows: figures as cards, charts and tables, in the reader's language."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.core.cells import EMPTY, linked
from backoffice.core.charts import chart
from cases.enums import TrialKind
from cases.models import PolicyTrial
from cases.rules.outcomes import Measured, differ
from cases.rules.trial_figures import BUCKETS, Counts, TrialFigures
from cases.selectors.trials import (
    Flagging,
    OutcomeReport,
    accounts_named,
    city_names,
    figures_of,
    outcome_reports,
    rule_titles,
    total_of,
)

# More cities than this are not read in a chart; the table of the API has them all.
MOST_CITIES = 12
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
        "charts": [_rules_chart(figures, titles), *moved_charts(figures=figures, titles=titles)],
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


def moved_charts(*, figures: TrialFigures, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return the charts of cases opened and closed, by reason, by city and by bucket."""
    opened, closed = figures.opened, figures.closed
    cities = city_names(keys={**opened.get("city", {}), **closed.get("city", {})})
    busiest = sorted(cities, key=lambda key: -_of(opened, "city", key) - _of(closed, "city", key))
    reasons = [code for code in titles if _of(opened, "reason", code) or _of(closed, "reason", code)]
    note = _("The twelve cities in which most would change.") if len(busiest) > MOST_CITIES else ""
    return [
        _moved(_("Cases opened and closed, by reason"), "reason", reasons, titles.__getitem__, figures),
        _moved(_("Cases opened and closed, by city"), "city", busiest[:MOST_CITIES], cities.__getitem__, figures, note),
        _moved(_("Cases opened and closed, by days past due"), "bucket", list(BUCKETS), str, figures, _BUCKET_NOTE),
    ]


def series_chart(*, days: tuple[TrialFigures, ...]) -> dict[str, Any]:
    """Return the line of opened, closed and kept cases over several business dates."""
    return chart(
        title=_("Day by day"), kind="line", labels=[day.business_date.isoformat() for day in days],
        series={
            ("more", _("Cases opened")): [day.borrowers.get("opened", 0) for day in days],
            ("fewer", _("Cases closed")): [day.borrowers.get("closed", 0) for day in days],
            ("new", _("Cases kept")): [day.borrowers.get("kept", 0) for day in days],
        },
    )  # fmt: skip


def rule_rows(*, figures: TrialFigures, titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return one line a rule: accounts hit by either version, and how they differ."""
    hits = figures.hits
    seen = {code for counts in hits.values() for code in counts}
    sides = ("new", "old", "entered", "left", "both", "muted")
    return [{"title": titles.get(code, code)} | {side: hits.get(side, {}).get(code, 0) for side in sides}
            for code in (*titles, *sorted(seen - set(titles))) if code in seen]  # fmt: skip


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


_BUCKET_NOTE = _("M1 is 1 to 30 days past due, M2 31 to 60, and so on; M0 has arrears and no day yet.")


def _rules_chart(figures: TrialFigures, titles: Mapping[str, str]) -> dict[str, Any]:
    rows = rule_rows(figures=figures, titles=titles)
    return chart(
        title=_("Accounts hit, by reason"), labels=[row["title"] for row in rows], sideways=True,
        series={("new", _("This version")): [row["new"] for row in rows],
                ("old", _("The other version")): [row["old"] for row in rows]},
    )  # fmt: skip


def _moved(
    title: Any, by: str, keys: list[str], name: Callable[[str], Any], figures: TrialFigures, note: Any = ""
) -> dict[str, Any]:
    return chart(
        title=title, labels=[name(key) for key in keys], sideways=by != "bucket", note=note,
        series={("more", pgettext_lazy("cases", "Opened")): [_of(figures.opened, by, key) for key in keys],
                ("fewer", pgettext_lazy("cases", "Closed")): [_of(figures.closed, by, key) for key in keys]},
    )  # fmt: skip


def _of(moved: Mapping[str, Counts], by: str, key: str) -> int:
    return moved.get(by, {}).get(key, 0)


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
