"""When each visit of a day may begin: in the visit window, at the time that was agreed on, or in the announced window."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from visits.models import VisitOrder
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.conduct.timing import whole_minute
from visits.rules.routing import TimeWindow
from visits.selectors.conduct import ConductFacts
from visits.services.dispatch.routes import agreed_hours, last_start, starting_hours
from visits.services.orders.conduct_guard import day_there


def start_windows(
    *, facts: Mapping[int, ConductFacts], orders: Sequence[VisitOrder], day: date, at: datetime
) -> dict[int, tuple[TimeWindow, ...]]:
    """
    Return when each order's visit may begin on the day, if the plan is written at `at` at the latest; empty if never.

    By the clock at each address. On a day for which the borrower agreed on a time outside of the visit window, that time is
    offered alone. A visit that has been announced may begin within its announced window without a new notice.
    """
    spans: dict[int, tuple[TimeWindow, ...]] = {}
    for order in orders:
        known = facts[order.case.borrower_id]
        policy, agreements = known.policy, known.agreements
        agreed = agreed_hours(policy=policy, agreements=agreements, day=day, at=at)
        # Who asked for a time of this day is visited then, and not at any other hour of the day.
        found = [span for span in agreed if span[0] < span[1]] or [starting_hours(policy=policy, day=day, at=at)]
        if (
            order.window_start is not None
            and order.window_end is not None
            and day_there(policy=policy, at=order.window_start) == day
        ):
            latest = last_start(policy=policy, agreements=agreements, announced_at=order.window_start)
            found.append((max(order.window_start, whole_minute(at=at)), min(order.window_end, latest)))
        spans[order.pk] = tuple(TimeWindow(opens_at=begin, closes_at=end) for begin, end in found if begin < end)
    return spans


def latest_starts(
    *, policies: Mapping[int, ConductPolicy], windows: Mapping[int, tuple[TimeWindow, ...]], day: date, at: datetime
) -> dict[int, datetime]:
    """
    Return when each order's visit may begin at the latest if it goes to one person, asked at `at`.

    A visit at an agreed time begins outside of the visit window. Without any window it is the last start of the day.
    """
    return {
        pk: max((window.closes_at for window in windows[pk]), default=starting_hours(policy=policy, day=day, at=at)[1])
        for pk, policy in policies.items()
    }
