"""Names and identity numbers of one person, and of two."""

import pytest

from visits.rules.comparison.matching import Match
from visits.rules.comparison.names import compare_id_numbers, compare_names, is_near


@pytest.mark.parametrize(
    ("left", "right", "match"),
    [
        ("张三", "张 三", Match.SAME),
        ("阿卜杜拉·买买提", "阿卜杜拉•买买提", Match.SAME),
        ("ZHANG SAN", "Zhang, San", Match.SAME),
        ("San Zhang", "ZHANG SAN", Match.SAME),
        ("张三", "张珊", Match.DIFFERENT),
        ("张三", "Zhang San", Match.UNKNOWN),
        ("张三", "", Match.UNKNOWN),
        ("张三", "不详", Match.UNKNOWN),
        ("张三", "张*", Match.UNKNOWN),
    ],
)
def test_names(left, right, match):
    assert compare_names(left=left, right=right) == match
    assert compare_names(left=right, right=left) == match


@pytest.mark.parametrize(
    ("left", "right", "match"),
    [
        ("11010119900307461X", "１１０１０１１９９００３０７４６１ｘ", Match.SAME),
        ("130503670401001", "130503196704010016", Match.SAME),
        ("11010119900307461X", "110101199003074628", Match.DIFFERENT),
        ("", "110101199003074628", Match.UNKNOWN),
        ("**************4610", "110101199003074628", Match.UNKNOWN),
        # A foreigner has a passport and a residence permit.
        ("E12345678", "110101199003074628", Match.UNKNOWN),
        ("E12345678", "E12345679", Match.DIFFERENT),
    ],
)
def test_identity_numbers(left, right, match):
    assert compare_id_numbers(left=left, right=right) == match


@pytest.mark.parametrize(
    ("left", "right", "near"),
    [
        ("110101199003074610", "110101199003074611", True),
        ("110101199003074610", "110101199003074601", True),
        ("110101199003074610", "110101198003074621", False),
        ("张三丰", "张山丰", True),
        ("张三", "李四", False),
        ("张三", "张三丰", False),
    ],
)
def test_one_character_off_is_near(left, right, near):
    assert is_near(left=left, right=right) is near
