"""Charts of a trial: rules, moved cases by reason, city and bucket, and a series of days."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils.translation import override

from backoffice.access.models import Territory
from cases.rules.trials.trial_figures import BUCKETS, TrialFigures
from cases.selectors.trials.charts import MOST_CITIES, moved_charts, rules_chart, series_chart
from tests.factories.portfolio import TODAY

pytestmark = pytest.mark.django_db
FIGURES = TrialFigures(business_date=TODAY, hits={"new": {"A": 3}, "old": {"A": 1}}, borrowers={"opened": 2})


def flat(chart: Any) -> str:
    return str(chart)


def test_a_rule_has_its_title_in_the_chart() -> None:
    with override("en"):
        chart = flat(rules_chart(FIGURES, {"A": "Large sums"}))

    assert "Large sums" in chart
    assert "This version" in chart


def test_only_the_cities_with_most_changes_are_drawn() -> None:
    cities = [
        Territory.objects.create(code=str(number), name=f"城{number}", name_en=f"City {number:02}")
        for number in range(MOST_CITIES + 1)
    ]
    opened = {"city": {str(city.pk): number + 1 for number, city in enumerate(cities)}, "reason": {"A": 1}}

    with override("en"):
        _reason, city, bucket = moved_charts(figures=replace(FIGURES, opened=opened), titles={"A": "Large", "B": "Old"})

    assert "City 12" in flat(city)
    assert "City 00" not in flat(city)
    assert all(name in flat(bucket) for name in BUCKETS)


def test_a_series_has_one_label_for_each_day() -> None:
    days = tuple(replace(FIGURES, business_date=TODAY + timedelta(days=number)) for number in range(3))

    with override("en"):
        chart = flat(series_chart(days=days))

    assert all(day.business_date.isoformat() in chart for day in days)
