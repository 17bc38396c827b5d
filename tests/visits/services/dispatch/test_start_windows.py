"""When visits of a day may begin: in the visit window, or in the time that was agreed on for the day."""

from datetime import UTC, date, datetime, timedelta

import pytest

from tests.factories.agreements import make_time
from tests.factories.visits import AT, make_case, make_order, make_placement
from visits.models import VisitOrder
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.routing import TimeWindow
from visits.services.dispatch.plan_writing import facts_of
from visits.services.dispatch.start_windows import latest_starts, start_windows

DAY = date(2026, 3, 4)
# 9:00 and 19:20 in Shanghai: the last start leaves half an hour for the visit and ten minutes to check in.
OPENS = datetime(2026, 3, 4, 1, 0, tzinfo=UTC)
LAST = datetime(2026, 3, 4, 11, 20, tzinfo=UTC)
# The evening of the factory, from 21:00 to 23:00.
EVENING = TimeWindow(
    opens_at=datetime(2026, 3, 4, 13, 0, tzinfo=UTC), closes_at=datetime(2026, 3, 4, 14, 20, tzinfo=UTC)
)


@pytest.fixture
def order(shanghai, agency, approver):
    case = make_case(territory=shanghai)
    placement = make_placement(case=case, agency=agency)
    return make_order(case=case, placement=placement, state="APPROVED", approver=approver)


def windows(*, day=DAY, at=AT):
    orders = list(VisitOrder.objects.select_related("case__borrower", "address", "placement__agency"))
    found = start_windows(facts=facts_of(orders=orders, at=at), orders=orders, day=day, at=at)
    return found[orders[0].pk]


def test_a_visit_begins_in_the_visit_window_after_the_notice(order):
    assert windows() == (TimeWindow(opens_at=OPENS, closes_at=LAST),)
    # The day after, the notice of 24 hours ends at 10:00:17 in Shanghai: the next whole minute.
    assert windows(day=DAY - timedelta(days=1))[0].opens_at == datetime(2026, 3, 3, 2, 1, tzinfo=UTC)


def test_a_day_that_the_notice_no_longer_reaches_has_no_window(order):
    at = LAST - timedelta(days=1)

    assert windows(at=at - timedelta(minutes=1)) == (TimeWindow(opens_at=LAST - timedelta(minutes=1), closes_at=LAST),)
    assert windows(at=at) == ()


def test_an_agreed_time_is_offered_alone_on_its_day(order, officer):
    make_time(case=order.case, actor=officer)

    assert windows() == (EVENING,)
    assert windows(day=DAY + timedelta(days=1))[0].closes_at == LAST + timedelta(days=1)


def test_the_latest_start_is_that_of_the_windows_or_of_the_day():
    policies = dict.fromkeys((1, 2, 3), ConductPolicy())
    of_day = TimeWindow(opens_at=OPENS, closes_at=LAST)

    found = latest_starts(policies=policies, windows={1: (of_day,), 2: (EVENING,), 3: ()}, day=DAY, at=AT)

    assert found == {1: LAST, 2: EVENING.closes_at, 3: LAST}
