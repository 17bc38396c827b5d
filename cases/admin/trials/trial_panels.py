"""The panels of a trial's page: figures as cards, charts and tables, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.cells import linked
from cases.enums import TrialKind
from cases.models import PolicyTrial
from cases.rules.trials.trial_figures import TrialFigures
from cases.selectors.trials.charts import moved_charts, rules_chart, series_chart
from cases.selectors.trials.figures import accounts_named, figures_of, outcome_reports, rule_titles, total_of
from cases.selectors.trials.tables import outcome_table, rule_rows, standing_rows

FINDINGS = {
    "same": _("Found again"),
    "unrecorded": _("Holds, but no hit is kept"),
    "unfounded": _("A hit is kept, but it does not hold"),
    "unjudged": _("Not judged that night"),
}


def trial_page(*, trial: PolicyTrial, user: Any) -> dict[str, Any]:
    """Return the panels of one trial, as far as it is worked."""
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
    """Return the main numbers of a trial as cards."""
    people = figures.borrowers
    shown = (
        (_("Cases opened"), "opened", _("a reason under this version only")),
        (_("Cases closed"), "closed", _("a reason under the other version only")),
        (_("Cases kept"), "kept", _("a reason under both")),
        (_("Visits more"), "visits_more", _("a reason for a visit under this version only")),
        (_("Visits fewer"), "visits_fewer", _("a reason for a visit under the other version only")),
    )
    return [{"name": name, "value": people.get(key, 0), "below": below} for name, key, below in shown]


def _replay(figures: TrialFigures, titles: Mapping[str, str], user: Any) -> dict[str, Any]:
    accounts = accounts_named(figures=figures, user=user)
    rows = [
        {
            "finding": FINDINGS[finding],
            "title": titles.get(rule, rule),
            "number": number,
            "accounts": [
                linked(accounts[pk], accounts[pk].external_ref)
                for pk in figures.differences.get(finding, {}).get(rule, ())
                if pk in accounts
            ],
        }
        for finding in FINDINGS
        for rule, number in sorted(figures.replay.get(finding, {}).items())
    ]
    different = sum(sum(figures.replay.get(name, {}).values()) for name in ("unrecorded", "unfounded"))
    return {"replay": rows, "different": different, "same": sum(figures.replay.get("same", {}).values())}
