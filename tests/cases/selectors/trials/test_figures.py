"""Figures of trials for pages and machines: outcome reports, titles, cities, and accounts within scope."""

from typing import Any

import pytest
from django.utils.translation import override

from cases.models import PolicyTrial
from cases.rules.trials.trial_figures import TrialFigures
from cases.selectors.trials.figures import (
    accounts_named,
    city_names,
    figures_of,
    outcome_reports,
    rule_titles,
    total_of,
)
from tests.factories.policy import make_rule, make_version
from tests.factories.portfolio import AT, TODAY, make_overdue

pytestmark = pytest.mark.django_db


def make_trial(**fields: Any) -> PolicyTrial:
    version = fields.pop("version", None) or make_version(rules=[make_rule(title={"en": "Large", "zh": "大额"})])
    values = {"kind": "PREVIEW", "state": "FINISHED", "business_date": TODAY, "until_date": TODAY} | fields
    return PolicyTrial.objects.create(version=version, body=version.body, asked_at=AT, updated_at=AT, **values)


def test_figures_are_read_day_by_day_and_summed() -> None:
    day = TrialFigures(business_date=TODAY, accounts=3)
    trial = make_trial(figures=[day.as_json()] * 2)

    total = total_of(trial=trial)

    assert figures_of(trial=trial) == (day, day)
    assert total is not None
    assert total.accounts == 6
    assert total_of(trial=make_trial(version=trial.version)) is None


def test_titles_are_in_the_readers_language() -> None:
    trial = make_trial()

    with override("en"):
        assert rule_titles(trial=trial)["LARGE_ARREARS"] == "Large"
    with override("zh-hans"):
        assert rule_titles(trial=trial)["LARGE_ARREARS"] == "大额"


def test_cities_have_their_names_and_a_deleted_one_its_key(shanghai: Any) -> None:
    with override("en"):
        assert city_names(keys={str(shanghai.pk): 1, "0": 2}) == {str(shanghai.pk): "Shanghai", "0": "0"}


def test_an_outcome_report_has_both_versions_and_only_observed_kinds() -> None:
    counts = {"all": {"observed": 10, "observed_bad": 4, "judged": 8, "judged_bad": 3}, "old": {}, "old_bad": {}}
    counts |= {"new": {"": 5, "A": 5}, "new_bad": {"": 2, "A": 2}}

    (report,) = outcome_reports(figures=TrialFigures(business_date=TODAY, outcomes={"DEFAULT": counts}))

    assert (report.kind, report.observed, report.bad, report.judged, report.judged_bad) == ("DEFAULT", 10, 4, 8, 3)
    found = [(each.side, each.code, each.confusion.flagged, each.confusion.both) for each in report.flaggings]
    assert found == [("new", "", 5, 2), ("new", "A", 5, 2), ("old", "", 0, 0)]


def test_accounts_of_another_territory_are_not_named(shanghai: Any, chengdu: Any, approver: Any) -> None:
    mine, theirs = make_overdue(territory=shanghai), make_overdue(territory=chengdu)
    figures = TrialFigures(business_date=TODAY, differences={"unfounded": {"A": [mine.pk, theirs.pk]}})

    assert accounts_named(figures=figures, user=approver) == {mine.pk: mine}
