"""Whatever is planned, moved and shared out, a crew is at one place at a time and every visit keeps to its hours."""

from collections import defaultdict
from contextlib import suppress
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.core.errors import DoorstepError
from tests.factories.visits import AT, HOME, make_member
from visits.models import VisitOrder
from visits.rules.dispatch.timetable import ROUNDING, road_metres, road_time
from visits.selectors.crew_days import place_of, visits_of_day
from visits.services.dispatch.moving import move_visit, pair_of
from visits.services.dispatch.planning_requests import request_crew_out, request_planning
from visits.services.dispatch.planning_worker import work_planning

DAY = date(2026, 3, 4)
ZONE = ZoneInfo("Asia/Shanghai")
VISITS, PAIRS = 6, 3
MOVE = st.tuples(st.just("move"), st.integers(0, VISITS - 1), st.integers(0, PAIRS - 1), st.integers(8 * 60, 20 * 60))
PLAN = st.tuples(
    st.just("plan"), st.sets(st.integers(0, VISITS - 1), min_size=1), st.sets(st.integers(0, PAIRS - 1), min_size=1)
)
OUT = st.tuples(st.just("out"), st.integers(0, PAIRS - 1))
STEPS = st.lists(st.one_of(MOVE, MOVE, PLAN, OUT), min_size=1, max_size=6)


class Undo(Exception):
    """Takes back what one example did."""


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_a_crew_is_at_one_place_at_a_time_and_visits_keep_their_hours(steps, approved, agency, dispatcher, shanghai):
    with suppress(Undo), transaction.atomic():
        orders = [approved() for _each in range(VISITS)]
        for number, order in enumerate(orders):
            order.address.point = f"{HOME[0] + 0.03 * (number % 3)},{HOME[1] + 0.02 * (number % 2)}"
            order.address.save(update_fields=["point"])
        pairs = [
            pair_of(lead=make_member(agency=agency), second=make_member(agency=agency), base=HOME)
            for _each in range(PAIRS)
        ]
        asked = {"day": DAY, "territory": shanghai, "seconds": 1, "actor": dispatcher}
        at = AT
        for kind, *what in steps:
            at += timedelta(hours=3)
            with suppress(DoorstepError):
                if kind == "move":
                    starts_at = datetime(2026, 3, 4, tzinfo=ZONE) + timedelta(minutes=what[2])
                    move_visit(order=orders[what[0]], pair=pairs[what[1]], starts_at=starts_at, actor=dispatcher, at=at)
                elif kind == "plan":
                    chosen = [pairs[number] for number in sorted(what[1])]
                    run = request_planning(orders=[orders[n] for n in sorted(what[0])], crews=chosen, at=at, **asked)
                    work_planning(run_id=run.pk, at=at)
                else:
                    run = request_crew_out(out=pairs[what[0]], crews=pairs, at=at, **asked)
                    work_planning(run_id=run.pk, at=at)
            _check()
        raise Undo


def _check() -> None:
    stays = defaultdict(list)
    for order in visits_of_day(day=DAY):
        begins = order.planned_arrival_at.astimezone(ZONE)
        assert begins.hour >= 9
        assert begins + timedelta(minutes=30) <= datetime(2026, 3, 4, 20, tzinfo=ZONE)
        assert order.window_start <= order.planned_arrival_at <= order.window_end
        assert order.window_start - order.notice_sent_at >= timedelta(hours=24)
        stays[order.lead_id].append(order)
        stays[order.second_id].append(order)
    assert VisitOrder.objects.filter(state="SCHEDULED").count() == visits_of_day(day=DAY).count()
    for day in stays.values():
        assert len(day) <= 8
        for one, other in pairwise(day):
            gap = other.planned_arrival_at - one.planned_arrival_at - timedelta(minutes=30)
            assert gap >= timedelta(0)
            assert gap + ROUNDING > road_time(road_metres(place_of(one), place_of(other)))
