"""The values of a policy: what a tree uses, and titles in the reader's language."""

from django.utils.translation import override

from cases.rules.policy.body import AllOf, AnyOf, Condition, Not, Title, features_of, leaves

ONE = Condition(feature="attempts", op="gte", value=1)
TWO = Condition(feature="days_past_due", op="lt", value=9)


def test_leaves_are_all_comparisons_from_left_to_right() -> None:
    tree = AllOf(parts=(ONE, Not(part=AnyOf(parts=(TWO, ONE)))))

    assert leaves(tree) == (ONE, TWO, ONE)


def test_features_of_names_each_feature_once() -> None:
    assert features_of(AnyOf(parts=(TWO, ONE, TWO))) == ("days_past_due", "attempts")


def test_a_title_is_in_the_readers_language() -> None:
    title = Title(en="Large", zh="大额")

    with override("en"):
        assert str(title) == "Large"
    with override("zh-hans"):
        assert str(title) == "大额"
