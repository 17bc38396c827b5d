"""Moving a planned visit: the answer beforehand, then the move with what it means for borrower, agency and letter."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.outbox.models import OutboxEvent
from cases.models import BorrowerFlag
from tests.factories.visits import AT, HOME, make_agency, make_letters, make_member
from visits.models import LetterDue, VisitOrder
from visits.rules.dispatch.timetable import RouteCost
from visits.services.dispatch.moving import RouteChange, ask_move, move_visit, pair_of
from visits.services.dispatch.orders import accept_visit, assign_crew
from visits.services.orders.conduct_guard import ConductRefused

pytestmark = pytest.mark.usefixtures("english")

ZONE = ZoneInfo("Asia/Shanghai")
TEN = datetime(2026, 3, 4, 10, 0, tzinfo=ZONE)
NORTH = "31.266374,121.473700"


@pytest.fixture
def planned(approved, pair, dispatcher):
    """Return a maker of visits that were planned by hand for the pair."""

    def make(starts_at=TEN, point="", who=pair):
        order = approved()
        if point:
            order.address.point = point
            order.address.save(update_fields=["point"])
        return assign_crew(order=order, lead=who[0], second=who[1], starts_at=starts_at, actor=dispatcher, at=AT)

    return make


@pytest.fixture
def others(agency):
    return pair_of(lead=make_member(agency=agency), second=make_member(agency=agency), base=HOME)


def same(pair, base=HOME):
    return pair_of(lead=pair[0], second=pair[1], base=base)


def notices():
    return OutboxEvent.objects.filter(topic="visit.notice").count()


def test_the_answer_names_the_cost_for_both_crews_and_writes_nothing(planned, pair, others, dispatcher):
    order, away = planned(), planned(TEN + timedelta(hours=1), NORTH)

    answer = ask_move(order=away, pair=others, starts_at=TEN + timedelta(hours=2), actor=dispatcher, at=AT)

    assert answer.refused is None
    assert answer.tells_anew is False
    assert answer.changes == (
        RouteChange(lead_id=pair[0].pk, before=RouteCost(metres=5200, minutes=90), after=RouteCost(minutes=30)),
        RouteChange(lead_id=others.lead.pk, before=RouteCost(), after=RouteCost(metres=10_400, minutes=55)),
    )
    assert VisitOrder.objects.get(pk=away.pk).lead == pair[0]
    assert order.pk != away.pk


def test_a_move_within_the_announced_window_keeps_notice_and_window_but_makes_a_new_letter(
    planned, pair, dispatcher, coordinator
):
    order = planned()
    make_letters()
    order.refresh_from_db()
    before = order.letter_code
    accept_visit(order=order, actor=coordinator, at=AT)

    move_visit(order=order, pair=same(pair), starts_at=TEN + timedelta(hours=2), actor=dispatcher, at=AT)

    moved = VisitOrder.objects.get()
    assert (moved.state, moved.planned_arrival_at) == ("SCHEDULED", TEN + timedelta(hours=2))
    assert (moved.window_start, moved.window_end) == (TEN, TEN + timedelta(hours=2))
    assert (moved.letter_code, notices()) == (None, 1)
    make_letters()
    assert VisitOrder.objects.get().letter_code not in (None, before)


def test_a_move_out_of_the_window_tells_the_borrower_anew_and_needs_the_whole_notice(planned, pair, dispatcher):
    order, later = planned(), AT + timedelta(hours=5)
    to = TEN + timedelta(hours=3)

    assert ask_move(order=order, pair=same(pair), starts_at=to, actor=dispatcher, at=later).tells_anew is True
    move_visit(order=order, pair=same(pair), starts_at=to, actor=dispatcher, at=later)

    moved = VisitOrder.objects.get()
    assert (moved.window_start, moved.window_end, moved.notice_sent_at) == (to, to + timedelta(hours=2), later)
    assert (notices(), LetterDue.objects.count()) == (2, 1)
    entry = AuditEntry.objects.get(action="visit.moved").body
    assert entry == {
        "crew": [member.external_ref for member in pair],
        "starts_at": to.isoformat(),
        "tells_anew": True,
    }
    # 24 hours before, to the microsecond.
    last = to + timedelta(hours=3) - timedelta(hours=24)
    with pytest.raises(ConductRefused) as refusal:
        move_visit(
            order=order,
            pair=same(pair),
            starts_at=to + timedelta(hours=3),
            actor=dispatcher,
            at=last + timedelta(microseconds=1),
        )
    assert [each.rule for each in refusal.value.refusals] == ["NOTICE"]
    move_visit(order=order, pair=same(pair), starts_at=to + timedelta(hours=3), actor=dispatcher, at=last)


@pytest.mark.parametrize(
    ("starts_at", "rules"),
    [
        (datetime(2026, 3, 4, 8, 59, tzinfo=ZONE), ["VISIT_WINDOW"]),
        (datetime(2026, 3, 4, 19, 31, tzinfo=ZONE), ["VISIT_WINDOW"]),
        (datetime(2026, 3, 18, 10, 1, tzinfo=ZONE), ["ORDER_LAPSED"]),
    ],
)
def test_what_the_guard_refuses_is_answered_and_not_written(planned, pair, dispatcher, starts_at, rules):
    order = planned()

    answer = ask_move(order=order, pair=same(pair), starts_at=starts_at, actor=dispatcher, at=AT)
    with pytest.raises(ConductRefused):
        move_visit(order=order, pair=same(pair), starts_at=starts_at, actor=dispatcher, at=AT)

    assert [refusal.rule for refusal in answer.refused.refusals] == rules
    assert VisitOrder.objects.get().planned_arrival_at == TEN


def test_what_was_noted_since_the_answer_refuses_the_move(planned, pair, dispatcher):
    order, to = planned(), TEN + timedelta(hours=1)
    assert ask_move(order=order, pair=same(pair), starts_at=to, actor=dispatcher, at=AT).refused is None
    BorrowerFlag.objects.create(borrower=order.case.borrower, kind="CEASE", source="CALL", set_at=AT)

    with pytest.raises(ConductRefused) as refusal:
        move_visit(order=order, pair=same(pair), starts_at=to, actor=dispatcher, at=AT)

    assert [each.rule for each in refusal.value.refusals] == ["CEASE"]


def test_a_crew_that_is_elsewhere_or_of_another_agency_is_refused(planned, pair, others, dispatcher, shanghai):
    order = planned()
    planned(who=(others.lead, others.second))
    foreign_agency = make_agency(territory=shanghai)
    foreign = pair_of(lead=make_member(agency=foreign_agency), second=make_member(agency=foreign_agency), base=None)

    with pytest.raises(InvalidInput, match="at another visit"):
        move_visit(order=order, pair=others, starts_at=TEN + timedelta(minutes=29), actor=dispatcher, at=AT)
    with pytest.raises(ConductRefused) as refusal:
        move_visit(order=order, pair=foreign, starts_at=TEN, actor=dispatcher, at=AT)
    with pytest.raises(InvalidInput, match="two different people"):
        move_visit(
            order=order, pair=pair_of(lead=pair[0], second=pair[0], base=None), starts_at=TEN, actor=dispatcher, at=AT
        )

    assert [each.rule for each in refusal.value.refusals] == ["ONE_AGENCY"]


@pytest.mark.parametrize("state", ["EN_ROUTE", "CHECKED_IN", "CANCELLED"])
def test_a_visit_that_has_begun_or_ended_is_not_moved(planned, pair, dispatcher, state):
    order = planned()
    make_letters()
    ended = {"ended_at": AT} if state == "CANCELLED" else {}
    VisitOrder.objects.filter(pk=order.pk).update(state=state, **ended)

    with pytest.raises(StateConflict):
        move_visit(order=order, pair=same(pair), starts_at=TEN, actor=dispatcher, at=AT)
    with pytest.raises(StateConflict):
        ask_move(order=order, pair=same(pair), starts_at=TEN, actor=dispatcher, at=AT)


def test_an_approved_visit_is_planned_and_only_dispatchers_move(approved, pair, dispatcher, officer):
    order = approved()

    with pytest.raises(NotAllowed):
        move_visit(order=order, pair=same(pair), starts_at=TEN, actor=officer, at=AT)
    with pytest.raises(NotAllowed):
        ask_move(order=order, pair=same(pair), starts_at=TEN, actor=officer, at=AT)
    moved = move_visit(order=order, pair=same(pair), starts_at=TEN, actor=dispatcher, at=AT)

    assert (moved.state, moved.lead, moved.route_position) == ("SCHEDULED", pair[0], 1)


def household_of(at_door, pair, dispatcher, people=3):
    return [
        assign_crew(order=at_door(), lead=pair[0], second=pair[1], starts_at=TEN, actor=dispatcher, at=AT)
        for _each in range(people)
    ]


def places():
    """Return where each order stands: lead, beginning, its household visit and whether that is the others', by order."""
    orders = list(VisitOrder.objects.filter(planned_arrival_at__isnull=False).order_by("pk"))
    return {
        order.pk: (order.lead_id, order.planned_arrival_at, order.household_id == orders[0].household_id)
        for order in orders
    }


def test_a_household_moves_as_a_whole_whichever_of_its_orders_is_moved(at_door, pair, others, dispatcher):
    orders, to = household_of(at_door, pair, dispatcher), TEN + timedelta(hours=1)
    former = orders[0].household_id

    answer = ask_move(order=orders[1], pair=others, starts_at=to, actor=dispatcher, at=AT)
    moved = move_visit(order=orders[1], pair=others, starts_at=to, actor=dispatcher, at=AT)

    assert (answer.orders, answer.refused, moved.pk) == (3, None, orders[1].pk)
    # The whole stop takes 50 minutes.
    assert answer.changes == (
        RouteChange(lead_id=pair[0].pk, before=RouteCost(minutes=50), after=RouteCost()),
        RouteChange(lead_id=others.lead.pk, before=RouteCost(), after=RouteCost(minutes=50)),
    )
    assert places() == dict.fromkeys([order.pk for order in orders], (others.lead.pk, to, True))
    assert VisitOrder.objects.filter(household=former).count() == 0
    entries = AuditEntry.objects.filter(action="visit.moved").order_by("pk")
    assert sorted(entry.subject_id for entry in entries) == sorted(str(order.pk) for order in orders)


def test_a_household_of_which_one_may_not_move_stays_as_it_is(at_door, pair, others, dispatcher):
    orders, to = household_of(at_door, pair, dispatcher), TEN + timedelta(hours=1)
    BorrowerFlag.objects.create(borrower=orders[2].case.borrower, kind="CEASE", source="CALL", set_at=AT)

    answer = ask_move(order=orders[0], pair=others, starts_at=to, actor=dispatcher, at=AT)
    with pytest.raises(ConductRefused) as refusal:
        move_visit(order=orders[0], pair=others, starts_at=to, actor=dispatcher, at=AT)

    assert [each.rule for each in answer.refused.refusals] == ["CEASE"]
    assert [each.rule for each in refusal.value.refusals] == ["CEASE"]
    assert places() == dict.fromkeys([order.pk for order in orders], (pair[0].pk, TEN, True))


def test_who_has_begun_holds_the_household_where_it_is(at_door, pair, others, dispatcher):
    orders = household_of(at_door, pair, dispatcher)
    VisitOrder.objects.filter(pk=orders[0].pk).update(state="EN_ROUTE", letter_code="x")

    with pytest.raises(ConductRefused) as refusal:
        move_visit(order=orders[1], pair=others, starts_at=TEN, actor=dispatcher, at=AT)

    assert [each.rule for each in refusal.value.refusals] == ["ADDRESS_CAP"]
    assert places() == dict.fromkeys([order.pk for order in orders], (pair[0].pk, TEN, True))


def test_an_approved_order_that_is_dropped_on_the_visit_to_its_door_joins_it(at_door, pair, others, dispatcher):
    orders, late = household_of(at_door, pair, dispatcher, people=2), at_door()

    on_it = ask_move(order=late, pair=same(pair), starts_at=TEN, actor=dispatcher, at=AT)
    beside = ask_move(order=late, pair=others, starts_at=TEN, actor=dispatcher, at=AT)
    move_visit(order=late, pair=same(pair), starts_at=TEN, actor=dispatcher, at=AT)

    assert (on_it.refused, on_it.orders) == (None, 1)
    assert on_it.changes == (
        RouteChange(lead_id=pair[0].pk, before=RouteCost(minutes=40), after=RouteCost(minutes=50)),
    )
    assert [each.rule for each in beside.refused.refusals] == ["ADDRESS_CAP"]
    assert places() == dict.fromkeys([*(order.pk for order in orders), late.pk], (pair[0].pk, TEN, True))
