"""Positions of devices: where they are in WGS 84, and what is no position."""

from datetime import timedelta

import pytest

from backoffice.core.errors import InvalidInput
from cases.rules.coordinates import Position as Place
from cases.rules.coordinates import _to_gcj02
from tests.factories.visits import HOME, VISIT_AT, make_order, position
from visits.models import CheckIn
from visits.services.doorstep.attendance import check_in
from visits.services.doorstep.moments import must_be_somewhere

KNOCK = VISIT_AT + timedelta(minutes=5)


@pytest.fixture
def order(case, placement, pair, approver):
    return make_order(case=case, placement=placement, state="EN_ROUTE", approver=approver, pair=pair)


def test_the_shift_of_chinese_maps_keeps_no_crew_from_the_door(order, pair):
    shifted = _to_gcj02(Place(*HOME))
    far = check_in(order=order, member=pair[0], position=position(at=KNOCK, place=shifted), actor=None, at=KNOCK)
    told = position(at=KNOCK, place=shifted, datum="gcj02")
    near = check_in(order=order, member=pair[1], position=told, actor=None, at=KNOCK)

    assert far.check_in.distance_m > 200
    kept = CheckIn.objects.get(pk=near.check_in.pk)
    assert kept.distance_m < 1
    assert kept.datum == "gcj02"
    assert kept.point == f"{HOME[0]:.6f},{HOME[1]:.6f}"


@pytest.mark.parametrize("fields", [{"accuracy_m": float("nan")}, {"accuracy_m": -1.0}, {"place": (0.0, 0.0)}])
def test_what_is_no_position_is_refused(fields):
    with pytest.raises(InvalidInput) as refused:
        must_be_somewhere(position=position(at=KNOCK, **fields))

    assert refused.value.field == "position"
