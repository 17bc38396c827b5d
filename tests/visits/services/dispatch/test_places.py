"""A visit whose address has no coordinates is not planned until a dispatcher has set its place."""

from datetime import date

import pytest

from backoffice.audit.models import AccessEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from cases.models import Address
from tests.factories.visits import AT, HOME, VISIT_AT
from visits.services.dispatch.orders import CrewPair, assign_crew, schedule_visits
from visits.services.dispatch.places import place_visit, reveal_address_to_place

pytestmark = pytest.mark.usefixtures("english")


@pytest.fixture
def nowhere(approved):
    order = approved()
    order.address.point = ""
    order.address.save(update_fields=["point"])
    return order


def test_a_visit_without_a_place_is_planned_neither_by_a_search_nor_by_hand(nowhere, pair, dispatcher):
    crew = CrewPair(lead=pair[0], second=pair[1], latitude=HOME[0], longitude=HOME[1])

    schedule = schedule_visits(
        orders=[nowhere], crews=[crew], day=date(2026, 3, 4), actor=dispatcher, at=AT, seconds=1, seed=1
    )

    assert [(each.order_id, each.unassigned) for each in schedule.refused] == [(nowhere.pk, "BAD_POSITION")]
    with pytest.raises(InvalidInput, match="needs a place on the map"):
        assign_crew(order=nowhere, lead=pair[0], second=pair[1], starts_at=VISIT_AT, actor=dispatcher, at=AT)

    place_visit(order=nowhere, latitude=HOME[0], longitude=HOME[1], actor=dispatcher, at=AT)

    planned = assign_crew(order=nowhere, lead=pair[0], second=pair[1], starts_at=VISIT_AT, actor=dispatcher, at=AT)
    assert (planned.state, Address.objects.get().placed_by) == ("SCHEDULED", dispatcher)


def test_who_looks_for_the_address_sees_it_and_is_logged(nowhere, dispatcher):
    line = reveal_address_to_place(order=nowhere, actor=dispatcher, at=AT)

    assert line == nowhere.address.line != ""
    seen = AccessEntry.objects.get()
    assert (seen.fields, seen.purpose) == (["address.line"], "VISIT")


@pytest.mark.parametrize(("latitude", "longitude"), [(0.0, 0.0), (91.0, 121.0), (31.0, 181.0), (float("nan"), 1.0)])
def test_what_is_no_place_is_refused(nowhere, dispatcher, latitude, longitude):
    with pytest.raises(InvalidInput):
        place_visit(order=nowhere, latitude=latitude, longitude=longitude, actor=dispatcher, at=AT)

    assert Address.objects.get().coordinates is None


def test_others_may_not_and_a_known_place_is_neither_shown_nor_set(nowhere, approved, officer, dispatcher, person):
    elsewhere = person("DISPATCHER", name="elsewhere", territories=())
    for actor in (officer, elsewhere):
        with pytest.raises(NotAllowed):
            place_visit(order=nowhere, latitude=HOME[0], longitude=HOME[1], actor=actor, at=AT)
        with pytest.raises(NotAllowed):
            reveal_address_to_place(order=nowhere, actor=actor, at=AT)
    known = approved()
    with pytest.raises(StateConflict):
        reveal_address_to_place(order=known, actor=dispatcher, at=AT)
    with pytest.raises(StateConflict):
        place_visit(order=known, latitude=30.0, longitude=120.0, actor=dispatcher, at=AT)
