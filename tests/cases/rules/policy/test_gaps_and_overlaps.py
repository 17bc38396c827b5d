"""Gaps and overlaps between the bands of one feature."""

from tests.factories.policy import make_rule
from tests.factories.policy_checks import band, findings, is_, kinds


def test_a_gap_between_bands_is_named_with_the_value_that_is_left() -> None:
    (finding,) = [f for f in findings(rules=[band("B2", 31, 60), band("B3", 62, 90)]) if f.kind == "gap"]

    assert (str(finding.severity), finding.paths, finding.example) == (
        "warning",
        ("rules[0]", "rules[1]"),
        {"days_past_due": 61},
    )
    assert finding.message == "Between B2, B3 a gap is left: Days past due 61 days."


def test_a_gap_is_found_behind_a_rule_that_holds_for_more() -> None:
    rules = [
        band("B2", 31, 60),
        band("B3", 62, 90),
        make_rule(code="ALL", when={"all": [is_("days_past_due", "gte", 20), is_("attempts", "gte", 9)]}),
    ]

    assert kinds("gap", rules=rules) == [("note", "gap", ("rules[0]", "rules[1]"))] or kinds("gap", rules=rules) == [
        ("warning", "gap", ("rules[0]", "rules[1]"))
    ]


def test_amounts_leave_a_gap_too() -> None:
    rules = [
        make_rule(code="A1", when={"all": [is_("arrears_amount", "gte", 100), is_("arrears_amount", "lt", 200)]}),
        make_rule(code="A2", when=is_("arrears_amount", "gt", 200)),
    ]

    (finding,) = [f for f in findings(rules=rules) if f.kind == "gap"]

    assert finding.message == "Between A1, A2 a gap is left: Arrears CNY 200."


def test_bands_that_share_values_overlap() -> None:
    (finding,) = [f for f in findings(rules=[band("B2", 31, 60), band("B3", 60, 90)]) if f.kind == "overlap"]

    assert (str(finding.severity), finding.paths, finding.example) == (
        "warning",
        ("rules[0]", "rules[1]"),
        {"days_past_due": 60},
    )


def test_bands_that_meet_are_fine() -> None:
    assert (
        kinds(
            "gap",
            "overlap",
            rules=[band("B2", 31, 60), band("B3", 61, 90), make_rule(code="B4", when=is_("days_past_due", "gt", 90))],
        )
        == []
    )
