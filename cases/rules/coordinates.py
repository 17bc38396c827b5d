"""
Coordinates of Chinese maps to WGS 84.

Maps of mainland China are shifted by law: GCJ-02 (Amap, Tencent) by some hundred metres, BD-09 (Baidu) by another step on
top of it. The published formula of the shift is not invertible in closed form; three corrections reach centimetres.
"""

from collections.abc import Callable
from math import atan2, cos, pi, sin, sqrt
from typing import Final, NamedTuple

# Krasovsky 1940, on which the formula stands.
_MAJOR_AXIS_M: Final = 6_378_245.0
_ECCENTRICITY: Final = 0.006_693_421_622_965_943
_BAIDU_ANGLE: Final = pi * 3000 / 180


class Position(NamedTuple):
    """A place in degrees."""

    latitude: float
    longitude: float


def to_wgs84(*, latitude: float, longitude: float, datum: str) -> Position:
    """
    Return a position of the datum "gcj02", "bd09" or "wgs84" in WGS 84; outside of mainland China nothing is shifted.

    :raises KeyError: if there is no such datum.
    """
    return _FROM[datum](Position(latitude, longitude))


def _from_gcj02(shifted: Position) -> Position:
    if not (0.8293 <= shifted.latitude <= 55.8271 and 72.004 <= shifted.longitude <= 137.8347):
        return shifted
    found = shifted
    for _step in range(3):
        again = _to_gcj02(found)
        found = Position(
            found.latitude + shifted.latitude - again.latitude, found.longitude + shifted.longitude - again.longitude
        )
    return found


def _from_bd09(shifted: Position) -> Position:
    x, y = shifted.longitude - 0.0065, shifted.latitude - 0.006
    radius = sqrt(x * x + y * y) - 0.00002 * sin(y * _BAIDU_ANGLE)
    angle = atan2(y, x) - 0.000003 * cos(x * _BAIDU_ANGLE)
    return _from_gcj02(Position(radius * sin(angle), radius * cos(angle)))


def _to_gcj02(place: Position) -> Position:
    x, y = place.longitude - 105.0, place.latitude - 35.0
    common = (20.0 * sin(6.0 * x * pi) + 20.0 * sin(2.0 * x * pi)) * 2.0 / 3.0
    north = -100.0 + 2.0 * x + 3.0 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + common
    north += (20.0 * sin(y * pi) + 40.0 * sin(y / 3.0 * pi)) * 2.0 / 3.0
    north += (160.0 * sin(y / 12.0 * pi) + 320.0 * sin(y * pi / 30.0)) * 2.0 / 3.0
    east = 300.0 + x + 2.0 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + common
    east += (20.0 * sin(x * pi) + 40.0 * sin(x / 3.0 * pi)) * 2.0 / 3.0
    east += (150.0 * sin(x / 12.0 * pi) + 300.0 * sin(x / 30.0 * pi)) * 2.0 / 3.0
    phi = place.latitude / 180.0 * pi
    magic = 1 - _ECCENTRICITY * sin(phi) ** 2
    metres_north = _MAJOR_AXIS_M * (1 - _ECCENTRICITY) / (magic * sqrt(magic)) * pi / 180.0
    metres_east = _MAJOR_AXIS_M / sqrt(magic) * cos(phi) * pi / 180.0
    return Position(place.latitude + north / metres_north, place.longitude + east / metres_east)


def _unshifted(place: Position) -> Position:
    return place


_FROM: Final[dict[str, Callable[[Position], Position]]] = {
    "wgs84": _unshifted,
    "gcj02": _from_gcj02,
    "bd09": _from_bd09,
}
DATUMS: Final = frozenset(_FROM)
