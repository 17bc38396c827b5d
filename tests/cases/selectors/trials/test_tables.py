"""Tables of a trial: one row for each rule that hit, and outcomes with their intervals."""

from django.utils.translation import override

from backoffice.core.pages.cells import EMPTY
from cases.enums import OutcomeKind
from cases.rules.trials.accuracy import Confusion
from cases.rules.trials.trial_figures import TrialFigures
from cases.selectors.trials.figures import Flagging, OutcomeReport
from cases.selectors.trials.tables import outcome_table, rule_rows, standing_rows
from tests.factories.portfolio import TODAY

TITLES = {"A": "First", "B": "Second", "C": "Third"}


def test_rules_are_in_the_order_of_the_policy_and_only_if_they_hit() -> None:
    hits = {"new": {"B": 3, "X": 1}, "old": {"B": 2, "A": 5}}

    rows = rule_rows(figures=TrialFigures(business_date=TODAY, hits=hits), titles=TITLES)

    assert [(row["title"], row["new"], row["old"]) for row in rows] == [("First", 0, 5), ("Second", 3, 2), ("X", 1, 0)]


def test_rewards_and_restrictions_show_both_versions() -> None:
    figures = TrialFigures(business_date=TODAY, standing={"new": {"C": 4}, "old": {}})

    assert standing_rows(figures=figures, titles=TITLES) == [{"title": "Third", "new": 4, "old": 0}]


def test_an_outcome_table_says_whether_the_difference_is_more_than_chance() -> None:
    def flagging(side: str, flagged: int, both: int) -> Flagging:
        return Flagging(side=side, code="", confusion=Confusion(observed=1000, bad=200, flagged=flagged, both=both))

    def table(*flaggings: Flagging) -> dict[str, object]:
        report = OutcomeReport(
            kind=OutcomeKind.DEFAULT, observed=1000, bad=200, judged=900, judged_bad=190, flaggings=flaggings
        )
        return outcome_table(report=report, titles=TITLES)

    with override("en"):
        clear = table(flagging("new", 200, 150), flagging("old", 200, 40))
        unclear = table(flagging("new", 10, 5), flagging("old", 10, 4))
        alone = table(flagging("new", 0, 0))

    assert (clear["is_sure"], unclear["is_sure"], alone["is_sure"]) == (True, False, None)
    assert clear["base"] == "20.0% (17.6 - 22.6)"
    (row,) = alone["rows"]  # type: ignore[misc]
    assert (row["is_whole"], row["precision"], row["lift"]) == (True, EMPTY, EMPTY)
