"""The check-ins of a visit as the rules see them."""

from visits.models import CheckIn, VisitOrder
from visits.rules.conduct.contact import CheckIn as CheckInFacts


def arrivals(*, order: VisitOrder) -> tuple[CheckInFacts, ...]:
    """Return the check-ins of an order as the rules see them, by the server's clock."""
    found = []
    rows = CheckIn.objects.filter(order=order, moment=CheckIn.Moment.IN).select_related("member")
    for each in rows.order_by("happened_at", "pk"):
        latitude, longitude = coordinates(each.point)
        found.append(
            CheckInFacts(
                crew_ref=each.member.external_ref,
                at=each.happened_at,
                latitude=latitude,
                longitude=longitude,
                accuracy_m=each.accuracy_m or 0.0,
                is_mock=each.mock_location,
            )
        )
    return tuple(found)


def coordinates(point: str) -> tuple[float, float]:
    """Return latitude and longitude of a sealed point's text."""
    latitude, _comma, longitude = point.partition(",")
    return (float(latitude), float(longitude))
