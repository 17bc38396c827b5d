"""The charts of a trial: cases by reason, city and bucket, and a series of days."""

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.core.pages.charts import chart
from cases.rules.trials.trial_figures import BUCKETS, Counts, TrialFigures
from cases.selectors.trials.figures import city_names
from cases.selectors.trials.tables import rule_rows

# Cities in one chart; the REST answer has all of them.
MOST_CITIES = 12
_BUCKET_NOTE = _("M1 is 1 to 30 days past due, M2 31 to 60, and so on; M0 has arrears and no day yet.")


def rules_chart(figures: TrialFigures, titles: Mapping[str, str]) -> dict[str, Any]:
    """Return the chart of accounts that each rule hits under both versions."""
    rows = rule_rows(figures=figures, titles=titles)
    return chart(
        title=_("Accounts hit, by reason"),
        labels=[row["title"] for row in rows],
        sideways=True,
        series={
            ("new", _("This version")): [row["new"] for row in rows],
            ("old", _("The other version")): [row["old"] for row in rows],
        },
    )


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
        title=_("Day by day"),
        kind="line",
        labels=[day.business_date.isoformat() for day in days],
        series={
            ("more", _("Cases opened")): [day.borrowers.get("opened", 0) for day in days],
            ("fewer", _("Cases closed")): [day.borrowers.get("closed", 0) for day in days],
            ("new", _("Cases kept")): [day.borrowers.get("kept", 0) for day in days],
        },
    )


def _moved(
    title: Any, by: str, keys: list[str], name: Callable[[str], Any], figures: TrialFigures, note: Any = ""
) -> dict[str, Any]:
    return chart(
        title=title,
        labels=[name(key) for key in keys],
        sideways=by != "bucket",
        note=note,
        series={
            ("more", pgettext_lazy("cases", "Opened")): [_of(figures.opened, by, key) for key in keys],
            ("fewer", pgettext_lazy("cases", "Closed")): [_of(figures.closed, by, key) for key in keys],
        },
    )


def _of(moved: Mapping[str, Counts], by: str, key: str) -> int:
    return moved.get(by, {}).get(key, 0)
