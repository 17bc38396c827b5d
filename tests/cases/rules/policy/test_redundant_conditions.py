"""Conditions that could be left out, and alternatives that can never hold."""

from tests.factories.policy import make_rule
from tests.factories.policy_checks import is_, kinds


def test_a_condition_that_the_rest_implies_could_be_left_out() -> None:
    when = {"all": [is_("days_past_due", "gte", 31), is_("days_past_due", "gte", 61), is_("protected_flags", "eq", 0)]}

    assert kinds("redundant", rules=[make_rule(when=when)]) == [
        ("note", "redundant", ("rules[0].when.all[2]",)),
        ("note", "redundant", ("rules[0].when.all[0]",)),
    ]


def test_of_two_equal_conditions_one_is_named() -> None:
    when = {"all": [is_("attempts", "gte", 3), is_("attempts", "gte", 3)]}

    assert kinds("redundant", rules=[make_rule(when=when)]) == [("note", "redundant", ("rules[0].when.all[1]",))]


def test_an_alternative_that_can_never_hold_is_a_warning() -> None:
    when = {"any": [is_("attempts", "gte", 3), is_("status", "eq", "CLOSED"), is_("attempts", "gte", 5)]}

    assert kinds("never_holds", "redundant", rules=[make_rule(when=when)]) == [
        ("warning", "never_holds", ("rules[0].when.any[1]",)),
        ("note", "redundant", ("rules[0].when.any[2]",)),
    ]
