"""Coordinates of addresses in the datum of the lender's map become WGS 84 before anything else sees them."""

from decimal import Decimal

from cases.rules.coordinates import to_wgs84
from cases.rules.profile.read_columns import ReadColumns

_MILLIONTH = Decimal("0.000001")


def convert_coordinates(*, read: ReadColumns, datum: str) -> None:
    """Convert the coordinates of every address of a batch from `datum` to WGS 84, in place."""
    if datum == "wgs84":
        return
    for part in read.repeated.get("addresses", ()):
        latitudes, longitudes = part.values.get("latitude", []), part.values.get("longitude", [])
        for place, (latitude, longitude) in enumerate(zip(latitudes, longitudes, strict=True)):
            if latitude is not None and longitude is not None:
                found = to_wgs84(latitude=float(latitude), longitude=float(longitude), datum=datum)
                latitudes[place] = Decimal(found.latitude).quantize(_MILLIONTH)
                longitudes[place] = Decimal(found.longitude).quantize(_MILLIONTH)
