"""The check-ins of a visit as the rules see them: by the server's clock, in order, with opened coordinates."""

from datetime import timedelta

import pytest

from tests.factories.visits import VISIT_AT, make_order
from visits.models import CheckIn
from visits.services.doorstep.arrivals import arrivals, coordinates


def test_arrivals_are_in_the_order_of_the_servers_clock(case, placement, pair, approver):
    order = make_order(case=case, placement=placement, state="CHECKED_IN", approver=approver, pair=pair)
    for member, moment, minutes in ((pair[1], "IN", 2), (pair[0], "IN", 1), (pair[0], "OUT", 30)):
        at = VISIT_AT + timedelta(minutes=minutes)
        CheckIn.objects.create(
            order=order,
            member=member,
            moment=moment,
            external_ref=f"P{member.pk}{moment}",
            point="31.230400,121.473700",
            accuracy_m=12.0,
            device_at=VISIT_AT,
            received_at=at,
            happened_at=at,
        )

    found = arrivals(order=order)

    assert [each.crew_ref for each in found] == [pair[0].external_ref, pair[1].external_ref]
    assert [each.at - VISIT_AT for each in found] == [timedelta(minutes=1), timedelta(minutes=2)]
    assert {(each.latitude, each.longitude, each.accuracy_m) for each in found} == {(31.2304, 121.4737, 12.0)}


@pytest.mark.parametrize(("point", "found"), [("31.2,121.4", (31.2, 121.4)), ("-8.5,-70.25", (-8.5, -70.25))])
def test_coordinates_are_latitude_and_longitude(point, found):
    assert coordinates(point) == found
