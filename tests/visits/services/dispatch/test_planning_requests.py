"""Asking for a plan: what is refused at once, and the row that a worker finds."""

from datetime import date

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from tests.factories.visits import AT, HOME, VISIT_AT, make_case, make_member, make_order, make_placement
from visits.models import PlanningCrew, PlanningOrder, PlanningRun
from visits.services.dispatch.planning_requests import MOST_SECONDS, request_crew_out, request_planning
from visits.services.dispatch.routes import CrewPair

pytestmark = pytest.mark.usefixtures("english")

DAY = date(2026, 3, 4)


@pytest.fixture
def crew(pair):
    return CrewPair(lead=pair[0], second=pair[1], latitude=HOME[0], longitude=HOME[1])


def ask(territory, actor, *, orders, crews, **fields):
    values = {"day": DAY, "territory": territory, "seconds": 1, "actor": actor, "at": AT} | fields
    return request_planning(orders=orders, crews=crews, **values)


def test_a_request_is_a_row_with_its_crews_and_orders(approved, crew, shanghai, dispatcher):
    orders = [approved() for _each in range(2)]

    run = ask(shanghai, dispatcher, orders=orders, crews=[crew])

    assert (run.kind, run.state, run.requested_by) == ("DAY", "WAITING", dispatcher)
    assert list(PlanningCrew.objects.values_list("number", "lead", "second", "latitude", "is_out")) == [
        (0, crew.lead.pk, crew.second.pk, HOME[0], False)
    ]
    assert list(PlanningOrder.objects.order_by("pk").values_list("order", "outcome")) == [
        (order.pk, "OPEN") for order in orders
    ]
    assert AuditEntry.objects.get(action="planning.requested").body == {
        "kind": "DAY",
        "day": "2026-03-04",
        "orders": 2,
        "crews": 1,
        "seconds": 1,
    }


def test_one_plan_of_a_day_and_territory_at_a_time(approved, crew, shanghai, dispatcher):
    ask(shanghai, dispatcher, orders=[approved()], crews=[crew])

    with pytest.raises(StateConflict, match="being made"):
        ask(shanghai, dispatcher, orders=[approved()], crews=[crew])
    ask(shanghai, dispatcher, orders=[approved()], crews=[crew], day=date(2026, 3, 5))

    assert PlanningRun.objects.count() == 2


@pytest.mark.parametrize("seconds", [0, MOST_SECONDS + 1])
def test_the_search_has_a_limit(approved, crew, shanghai, dispatcher, seconds):
    with pytest.raises(InvalidInput, match="1 to 120 seconds"):
        ask(shanghai, dispatcher, orders=[approved()], crews=[crew], seconds=seconds)


def test_a_request_needs_visits_crews_and_each_person_once(approved, crew, shanghai, chengdu, dispatcher, agency):
    order = approved()
    case = make_case(territory=chengdu)
    far = make_order(
        case=case,
        placement=make_placement(case=case, agency=agency),
        state="APPROVED",
        approver=order.approved_by,
    )
    shared = CrewPair(lead=make_member(agency=agency), second=crew.second)

    for orders, crews, field in (
        ([], [crew], "orders"),
        ([order, far], [crew], "orders"),
        ([order], [], "crews"),
        ([order], [crew, shared], "crews"),
    ):
        with pytest.raises(InvalidInput) as refusal:
            ask(shanghai, dispatcher, orders=orders, crews=crews)
        assert refusal.value.field == field


def test_only_dispatchers_of_the_territory_ask(approved, crew, shanghai, chengdu, officer, person):
    order = approved()
    elsewhere = person("DISPATCHER", name="elsewhere", territories=(chengdu,))

    for actor in (officer, elsewhere):
        with pytest.raises(NotAllowed):
            ask(shanghai, actor, orders=[order], crews=[crew])


def test_a_crew_that_cannot_go_gives_up_only_what_has_not_begun(
    shanghai, agency, pair, approver, dispatcher, coordinator
):
    def planned(state, at=VISIT_AT, who=pair):
        case = make_case(territory=shanghai)
        placement = make_placement(case=case, agency=agency)
        return make_order(
            case=case, placement=placement, state=state, approver=approver, pair=who, planned_arrival_at=at
        )

    other = CrewPair(lead=make_member(agency=agency), second=make_member(agency=agency))
    out = CrewPair(lead=pair[0], second=pair[1])
    waiting = [planned("SCHEDULED"), planned("ACCEPTED")]
    planned("EN_ROUTE")
    planned("SCHEDULED", who=(other.lead, other.second))

    run = request_crew_out(day=DAY, territory=shanghai, out=out, crews=[other, out], seconds=1, actor=dispatcher, at=AT)

    assert run.kind == "CREW_OUT"
    assert [each.order for each in run.candidates.order_by("order")] == waiting
    assert list(run.crews.order_by("number").values_list("lead", "is_out")) == [
        (other.lead.pk, False),
        (out.lead.pk, True),
    ]
    with pytest.raises(InvalidInput, match="has not begun"):
        request_crew_out(
            day=date(2026, 3, 5), territory=shanghai, out=out, crews=[other], seconds=1, actor=dispatcher, at=AT
        )
