"""What stands against visiting somebody on a day whichever crew goes, so that a dispatcher sees it before planning."""

from collections.abc import Sequence
from datetime import date, datetime

from visits.models import VisitOrder
from visits.rules.conduct.guard import Refusal
from visits.rules.conduct.timing import opens_at
from visits.selectors.doors import household_ref
from visits.services.dispatch.households import joining_slots
from visits.services.dispatch.plan_writing import facts_of
from visits.services.dispatch.scheduling import NO_CREW_RULES
from visits.services.dispatch.start_windows import start_windows
from visits.services.orders.conduct_guard import day_there, proposal, refusals_to_schedule


def refusals_of_day(*, orders: Sequence[VisitOrder], day: date, at: datetime) -> dict[int, tuple[Refusal, ...]]:
    """
    Return what the conduct guard has against a visit of each order (id) on the local `day`, asked at `at`.

    Asked of the first lawful minute of the day, or of the opening of the visit window if the notice leaves none; where others
    of the door are visited that day, of their visit. What the choice of a crew decides is left out, and so are orders that
    nothing stands against. Approved orders with a live placement only; as many queries for one as for all.
    """
    if not orders:
        return {}
    facts = facts_of(orders=orders, at=at)
    windows, joining = start_windows(facts=facts, orders=orders, day=day, at=at), joining_slots(orders=orders, day=day)
    found = {}
    for order in orders:
        known, slot = facts[order.case.borrower_id], joining.get(order.pk)
        alone = windows[order.pk][0].opens_at if windows[order.pk] else opens_at(policy=known.policy, day=day)
        asked = proposal(
            order=order,
            starts_at=slot.starts_at if slot else alone,
            notice_at=at,
            mandate_on=day_there(policy=known.policy, at=at),
            crew=(),
            facts=known,
            household=household_ref(slot.household) if slot else "",
        )
        refusals = tuple(
            refusal for refusal in refusals_to_schedule(asked=asked, facts=known) if refusal.rule not in NO_CREW_RULES
        )
        if refusals:
            found[order.pk] = refusals
    return found
