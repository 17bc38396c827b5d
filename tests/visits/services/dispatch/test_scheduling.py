"""A day's plan: who goes where, what is refused with reasons, and what goes out."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from backoffice.core.errors import NotAllowed
from backoffice.outbox.models import OutboxEvent
from cases.models import BorrowerFlag
from tests.factories.holidays import notice_of, put_in_use
from tests.factories.visits import (
    AT,
    HOME,
    make_agency,
    make_case,
    make_letters,
    make_member,
    make_order,
    make_placement,
)
from visits.models import VisitOrder
from visits.rules.conduct.clauses import ConductRule
from visits.services.dispatch.letters import _letter_data
from visits.services.dispatch.orders import CrewPair, assign_crew, schedule_visits

DAY = date(2026, 3, 4)
ZONE = ZoneInfo("Asia/Shanghai")


def plan(orders, pairs, actor, *, day=DAY, at=AT):
    crews = [CrewPair(lead=lead, second=second, latitude=HOME[0], longitude=HOME[1]) for lead, second in pairs]
    return schedule_visits(orders=orders, crews=crews, day=day, actor=actor, at=at, seconds=1, seed=7)


@pytest.mark.parametrize(("wish", "rules"), [("", [ConductRule.LAST_RESORT]), ("REC-7", None)])
def test_an_untried_borrower_is_visited_at_their_recorded_wish_only(wish, rules, shanghai, agency, pair, approver):
    case = make_case(territory=shanghai, is_tried=False)
    order = make_order(
        case=case,
        placement=make_placement(case=case, agency=agency),
        state="APPROVED",
        approver=approver,
        borrower_request_ref=wish,
    )

    schedule = plan([order], [pair], None)

    assert [each.pk for each in schedule.scheduled] == ([] if rules else [order.pk])
    assert [[refusal.rule for refusal in each.refusals] for each in schedule.refused] == ([rules] if rules else [])


def test_orders_get_pair_window_notice_and_letter(approved, pair, dispatcher):
    orders = [approved() for _each in range(3)]

    schedule = plan(orders, [pair], dispatcher)

    assert schedule.refused == ()
    assert VisitOrder.objects.filter(letter_code__isnull=False).count() == 0
    assert make_letters() == 3
    planned = VisitOrder.objects.filter(state="SCHEDULED").order_by("planned_arrival_at")
    assert [order.route_position for order in planned] == [1, 2, 3]
    for order in planned:
        opens = order.window_start.astimezone(ZONE)
        assert (order.lead, order.second, order.notice_sent_at) == (*pair, AT)
        assert opens.date() == DAY
        assert 9 <= opens.hour < 20
        assert order.window_end <= datetime(2026, 3, 4, 20, tzinfo=ZONE)
        assert len(order.letter_sha256) == 64
        assert order.case.stage == "VISITING"
    notice = OutboxEvent.objects.filter(topic="visit.notice").first().payload
    assert set(notice) == {"order", "borrower", "from", "to"}
    assert len({order.letter_code for order in planned}) == 3


def test_a_window_opens_at_the_minute_that_the_letter_prints(approved, pair, dispatcher):
    orders = [approved() for _each in range(3)]

    plan(orders, [pair], dispatcher, day=date(2026, 3, 3), at=AT.replace(second=17, microsecond=654_321))
    make_letters()

    planned = list(VisitOrder.objects.filter(state="SCHEDULED").order_by("planned_arrival_at"))
    assert len(planned) == 3
    for order in planned:
        printed = _letter_data(order=order)
        windows = [order.window_start.astimezone(ZONE), order.window_end.astimezone(ZONE)]
        assert [each.replace(second=0, microsecond=0) for each in windows] == windows
        assert [printed["visit_from"], printed["visit_to"]] == [f"{each:%H:%M}" for each in windows]


def test_a_visit_planned_by_hand_begins_on_a_whole_minute(approved, pair, dispatcher):
    starts_at = datetime(2026, 3, 4, 10, 30, 0, 1, tzinfo=ZONE)

    order = assign_crew(order=approved(), lead=pair[0], second=pair[1], starts_at=starts_at, actor=dispatcher, at=AT)

    assert order.window_start == datetime(2026, 3, 4, 10, 31, tzinfo=ZONE)


def test_nobody_is_visited_on_a_holiday_that_staff_have_entered(approved, pair, dispatcher, risk_manager, approver):
    put_in_use(notice=notice_of(2026, OTHER=(DAY, DAY)), made_by=risk_manager, confirmed_by=approver)
    order = approved()

    schedule = plan([order], [pair], dispatcher)

    assert schedule.scheduled == ()
    assert [(each.order_id, [refusal.rule for refusal in each.refusals]) for each in schedule.refused] == [
        (order.pk, [ConductRule.HOLIDAY])
    ]


def test_the_same_seed_gives_the_same_plan(approved, pair, dispatcher):
    orders = [approved() for _each in range(3)]
    first = plan(orders, [pair], dispatcher)
    times = {order.pk: order.planned_arrival_at for order in first.scheduled}
    from visits.services.dispatch.orders import unschedule_visit

    for order in first.scheduled:
        unschedule_visit(order=VisitOrder.objects.get(pk=order.pk), reason="x", actor=dispatcher, at=AT)

    again = plan(orders, [pair], dispatcher)

    assert {order.pk: order.planned_arrival_at for order in again.scheduled} == times


def test_every_refusal_is_kept_with_its_order_and_stops_nobody_else(approved, pair, dispatcher, shanghai):
    good, flagged, elsewhere = approved(), approved(), approved(of=make_agency(territory=shanghai))
    BorrowerFlag.objects.create(borrower=flagged.case.borrower, kind="DISPUTED", source="CALL", set_at=AT)
    draft = make_order(case=make_case(territory=shanghai), placement=None, state="DRAFT", approver=None)

    schedule = plan([good, flagged, elsewhere, draft], [pair], dispatcher)

    refused = {each.order_id: each for each in schedule.refused}
    assert [order.pk for order in schedule.scheduled] == [good.pk]
    assert [refusal.rule.value for refusal in refused[flagged.pk].refusals] == ["DISPUTE_OPEN"]
    # No pair of that agency goes out that day.
    assert refused[elsewhere.pk].unassigned == "NO_SKILL"
    assert (refused[draft.pk].refusals, refused[draft.pk].unassigned) == ((), None)
    assert VisitOrder.objects.get(pk=flagged.pk).state == "APPROVED"


@pytest.mark.parametrize(
    ("day", "rule"),
    [(date(2026, 4, 5), {"HOLIDAY", "ORDER_LAPSED"}), (date(2026, 3, 18), {"ORDER_LAPSED"})],
)
def test_a_day_that_is_not_lawful_refuses_all(day, rule, approved, pair, dispatcher):
    order = approved()

    schedule = plan([order], [pair], dispatcher, day=day)

    assert {refusal.rule.value for refusal in schedule.refused[0].refusals} == rule
    assert schedule.scheduled == ()


def test_nothing_starts_before_the_notice_has_run(approved, pair, dispatcher):
    today, tomorrow = approved(), approved()

    none = plan([today], [pair], dispatcher, day=date(2026, 3, 2))
    some = plan([tomorrow], [pair], dispatcher, day=date(2026, 3, 3))

    assert none.refused[0].unassigned == "WINDOW_CLOSED"
    assert some.scheduled[0].planned_arrival_at >= AT + timedelta(hours=24)


def test_an_untrained_crew_gets_no_visit(approved, agency, dispatcher):
    order = approved()
    pair = make_member(agency=agency), make_member(agency=agency, exam_passed_on=DAY - timedelta(days=366))

    schedule = plan([order], [pair], dispatcher)

    assert [refusal.rule.value for refusal in schedule.refused[0].refusals] == ["CREW_TRAINING"]


def test_a_pair_makes_at_most_eight_visits_a_day(approved, pair, dispatcher):
    orders = [approved() for _each in range(10)]

    schedule = plan(orders, [pair], dispatcher)

    assert (len(schedule.scheduled), {each.unassigned for each in schedule.refused}) == (8, {"NO_CAPACITY"})


def test_only_dispatchers_plan(approved, pair, officer):
    order = approved()

    with pytest.raises(NotAllowed):
        plan([order], [pair], officer)

    assert VisitOrder.objects.get(pk=order.pk).state == "APPROVED"
