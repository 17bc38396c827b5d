"""Coordinates of Chinese maps become WGS 84."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.coordinates import Position, _to_gcj02, to_wgs84


def metres(one: Position, other: Position) -> float:
    """A bound of the distance: a degree is at most 111.7 km."""
    return 111_700 * max(abs(one.latitude - other.latitude), abs(one.longitude - other.longitude))


def test_a_known_place_on_each_map() -> None:
    # Tiananmen: published pairs of the same place on a GPS receiver, Amap and Baidu.
    wgs84 = Position(39.907_375, 116.391_349)

    for datum, latitude, longitude in (("gcj02", 39.908_777, 116.397_592), ("bd09", 39.915_119, 116.403_963)):
        assert metres(to_wgs84(latitude=latitude, longitude=longitude, datum=datum), wgs84) < 5
    assert to_wgs84(latitude=39.9, longitude=116.4, datum="wgs84") == Position(39.9, 116.4)


@given(latitude=st.floats(18.5, 53), longitude=st.floats(75, 134))
def test_the_shift_is_taken_back_within_a_centimetre(latitude: float, longitude: float) -> None:
    place = Position(latitude, longitude)
    shifted = _to_gcj02(place)

    found = to_wgs84(latitude=shifted.latitude, longitude=shifted.longitude, datum="gcj02")

    assert metres(found, place) < 0.01
    assert 1 < metres(shifted, place) < 2500


def test_nothing_is_shifted_abroad() -> None:
    assert to_wgs84(latitude=48.8, longitude=2.3, datum="gcj02") == Position(48.8, 2.3)


def test_an_unknown_datum_is_an_error() -> None:
    with pytest.raises(KeyError):
        to_wgs84(latitude=1, longitude=1, datum="xian80")
