from math import nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from visits.rules.geography import haversine_m, is_position

latitudes = st.floats(min_value=-90, max_value=90)
longitudes = st.floats(min_value=-180, max_value=180)


def metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    return haversine_m(from_latitude=one[0], from_longitude=one[1], to_latitude=other[0], to_longitude=other[1])


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ((0, 0), (0, 1), 111_195),
        ((31.2304, 121.4737), (39.9042, 116.4074), 1_067_000),  # Shanghai to Beijing
        ((90, 0), (-90, 0), 20_015_115),
    ],
)
def test_haversine_m_measures_known_distances(
    one: tuple[float, float], other: tuple[float, float], expected: int
) -> None:
    assert metres(one, other) == pytest.approx(expected, rel=0.001)


@settings(deadline=None)
@given(one=st.tuples(latitudes, longitudes), other=st.tuples(latitudes, longitudes))
def test_haversine_m_is_symmetric_bounded_and_zero_at_home(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    assert metres(one, other) == pytest.approx(metres(other, one), abs=1e-6)
    assert 0 <= metres(one, other) <= 20_015_116
    assert metres(one, one) == 0


@pytest.mark.parametrize(
    ("latitude", "longitude", "expected"),
    [(30, 120, True), (0, 0, False), (0, 1, True), (91, 0, False), (10, 181, False), (nan, 1, False)],
)
def test_is_position(latitude: float, longitude: float, expected: bool) -> None:
    assert is_position(latitude=latitude, longitude=longitude) is expected
