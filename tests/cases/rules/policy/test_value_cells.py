"""Cells of values: whole numbers, bounds of features, unknown values and words."""

from decimal import Decimal
from typing import Any

from cases.rules.policy.body import Condition, Tree
from cases.rules.policy.parser import parse_policy
from cases.rules.policy.value_cells import Space, is_number, laws_of, space_of
from tests.factories.policy import policy_body


def condition(feature: str, op: str, value: Any) -> Condition:
    return Condition(feature=feature, op=op, value=value)


def space(*trees: Tree, segment: str = "") -> Space:
    return space_of(trees=trees, policy=parse_policy(policy_body(rates={"CNY": "1", "TWD": "4"})), segment=segment)


def samples(found: Space, name: str) -> list[Any]:
    return [cell.sample for cell in found.axis(name).cells]


def test_thresholds_of_whole_numbers_leave_no_empty_cell() -> None:
    found = space(condition("attempts", "gte", 3), condition("attempts", "lt", 4))

    # Below 3, 3, 4, above 4: nothing lies between 3 and 4, and nothing below 0.
    assert samples(found, "attempts") == [0, 3, 4, 5]


def test_amounts_have_a_cell_between_thresholds() -> None:
    found = space(condition("arrears_amount", "gte", Decimal(100)), condition("arrears_amount", "lt", Decimal(101)))

    assert samples(found, "arrears_amount") == [0, 100, Decimal("100.5"), 101, 102]


def test_a_threshold_beyond_the_bounds_of_a_feature_divides_nothing() -> None:
    assert samples(space(condition("attempt_day_parts", "gte", 4)), "attempt_day_parts") == [0]


def test_an_unknown_value_is_the_last_cell_and_meets_no_comparison() -> None:
    axis = space(condition("days_since_login", "gte", 5)).axis("days_since_login")

    assert axis.cells[-1].is_unknown
    assert axis.known == axis.full >> 1
    assert axis.meeting(condition("days_since_login", "gte", 0)) & ~axis.known == 0


def test_words_of_ours_are_complete_and_words_of_the_lender_have_others() -> None:
    found = space(condition("status", "eq", "CLOSED"), condition("segment", "in", ("A", "B")))

    assert samples(found, "status") == ["ACTIVE", "FROZEN", "CLOSED", "WRITTEN_OFF"]
    assert samples(found, "segment") == ["A", "B", None]
    assert found.axis("segment").cells[-1].is_other_word


def test_a_currency_has_a_rate_and_a_given_segment_is_the_only_one() -> None:
    found = space(condition("currency", "eq", "EUR"), condition("segment", "eq", "B"), segment="A")

    assert (samples(found, "currency"), samples(found, "segment")) == (["CNY", "TWD"], ["A"])


def test_bucket_and_days_past_due_are_tied_only_where_both_are_used() -> None:
    bucket, days = condition("bucket", "eq", 2), condition("days_past_due", "gte", 1)

    assert laws_of([bucket]) == laws_of([days]) == ()
    assert len(laws_of([bucket, days])) == 1


def test_numbers_are_the_features_with_an_order() -> None:
    assert [is_number(name) for name in ("attempts", "annual_rate", "status", "has_open_case")] == [
        True,
        True,
        False,
        False,
    ]
