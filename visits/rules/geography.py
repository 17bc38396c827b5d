"""Distances on the ground."""

from math import asin, cos, isfinite, radians, sin, sqrt

EARTH_RADIUS_M = 6_371_008.8


def is_position(*, latitude: float, longitude: float) -> bool:
    """
    Return whether the pair is a place on earth, in degrees (WGS 84).

    (0, 0) is refused: it is what a device without a fix and an empty geocode both write.
    """
    if not (isfinite(latitude) and isfinite(longitude)):
        return False
    if latitude == 0 and longitude == 0:
        return False
    return abs(latitude) <= 90 and abs(longitude) <= 180


def haversine_m(*, from_latitude: float, from_longitude: float, to_latitude: float, to_longitude: float) -> float:
    """
    Return the great-circle distance in metres between two positions in degrees.

    Exact to about 0.5 %, because the earth is taken as a sphere. Symmetric; zero for equal positions.
    """
    phi_1, phi_2 = radians(from_latitude), radians(to_latitude)
    half_phi = (phi_2 - phi_1) / 2
    half_lambda = radians(to_longitude - from_longitude) / 2
    chord = sin(half_phi) ** 2 + cos(phi_1) * cos(phi_2) * sin(half_lambda) ** 2
    return 2 * EARTH_RADIUS_M * asin(min(1.0, sqrt(chord)))
