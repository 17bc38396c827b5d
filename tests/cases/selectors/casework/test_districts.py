"""Districts have names."""

import pytest

from cases.selectors.casework.districts import district_name


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("310101", "黄浦区"),
        ("510104", "锦江区"),
        ("510100", "成都市"),
        # A district that is newer than the list: its city; one of a municipality: the municipality.
        ("510199", "成都市"),
        ("310199", "上海市"),
        ("990000", ""),
        ("", ""),
    ],
)
def test_a_code_is_a_name(code, name):
    assert district_name(code=code) == name
