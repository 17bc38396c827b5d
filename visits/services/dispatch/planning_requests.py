"""Asking for a planning run: of a day, or of the visits of a pair that cannot go."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory
from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.queue import enqueue
from backoffice.core.scoping import must_act_in
from backoffice.core.transitions import may
from visits.models import PlanningCrew, PlanningOrder, PlanningRun, VisitOrder
from visits.planning_enums import PlanningKind, PlanningState
from visits.selectors.crew_days import visits_of_day
from visits.services.dispatch.plan_writing import movable
from visits.services.dispatch.routes import CrewPair

MOST_ORDERS: Final = 400
MOST_CREWS: Final = 60
# Below the time limit of a task.
MOST_SECONDS: Final = 120
UNFINISHED: Final = (PlanningState.WAITING, PlanningState.RUNNING)


@transaction.atomic
def request_planning(
    *,
    day: date,
    territory: Territory,
    crews: Sequence[CrewPair],
    orders: Collection[VisitOrder],
    seconds: int,
    actor: Any,
    at: datetime,
    seed: int = 1,
) -> PlanningRun:
    """
    Ask a worker to plan visits of one territory and local day, with routes searched for `seconds` (1 to `MOST_SECONDS`).

    At most `MOST_ORDERS` orders and `MOST_CREWS` pairs, nobody in two of them.

    :raises NotAllowed: if the actor may not dispatch visits, or not in this territory.
    :raises InvalidInput: if there is no order or crew, there are too many, or somebody is in two pairs.
    :raises StateConflict: if a plan of this territory and day is being made.
    """
    return _request(
        kind=PlanningKind.DAY,
        day=day,
        territory=territory,
        crews=crews,
        out=None,
        orders=orders,
        seconds=seconds,
        actor=actor,
        at=at,
        seed=seed,
    )


@transaction.atomic
def request_crew_out(
    *,
    day: date,
    territory: Territory,
    out: CrewPair,
    crews: Sequence[CrewPair],
    seconds: int,
    actor: Any,
    at: datetime,
    seed: int = 1,
) -> PlanningRun:
    """
    Ask a worker to share out the visits of a pair that cannot go among `crews`, as far as they have not begun.

    The visits keep the window that was announced, or get a new one with a new notice. What no other pair can take stays
    as it is and is named with its reason.

    :raises InvalidInput: as `request_planning`, and if the pair has no visit that day which has not begun.
    """
    planned = visits_of_day(day=day).filter(lead=out.lead, second=out.second)
    ids = list(planned.filter(case__territory=territory).values_list("pk", flat=True))
    orders = list(movable(order_ids=ids, actor=actor))
    if not orders:
        raise InvalidInput(_("This pair has no visit that day which has not begun."), field="out")
    gone = {out.lead.pk, out.second.pk}
    return _request(
        kind=PlanningKind.CREW_OUT,
        day=day,
        territory=territory,
        crews=[pair for pair in crews if not gone & {pair.lead.pk, pair.second.pk}],
        out=out,
        orders=orders,
        seconds=seconds,
        actor=actor,
        at=at,
        seed=seed,
    )


def _request(
    *,
    kind: PlanningKind,
    day: date,
    territory: Territory,
    crews: Sequence[CrewPair],
    out: CrewPair | None,
    orders: Collection[VisitOrder],
    seconds: int,
    actor: Any,
    at: datetime,
    seed: int,
) -> PlanningRun:
    may(actor=actor, permission="visits.dispatch_visitorder")
    must_act_in(actor=actor, territory_id=territory.pk)
    _check(crews=crews, orders=orders, territory=territory, seconds=seconds)
    # One at a time: two searches of a day would plan the same crews, and one of them in vain.
    Territory.objects.select_for_update(no_key=True).get(pk=territory.pk)
    if PlanningRun.objects.filter(territory=territory, day=day, state__in=UNFINISHED).exists():
        raise StateConflict(_("A plan of this day is being made. Wait for it."))
    run = PlanningRun.objects.create(
        kind=kind,
        day=day,
        territory=territory,
        seconds=seconds,
        seed=seed,
        requested_by=actor,
        requested_at=at,
        updated_at=at,
    )
    pairs = [(pair, False) for pair in crews] + ([(out, True)] if out else [])
    PlanningCrew.objects.bulk_create(
        PlanningCrew(
            run=run,
            number=number,
            lead=pair.lead,
            second=pair.second,
            latitude=pair.latitude,
            longitude=pair.longitude,
            is_out=is_out,
        )
        for number, (pair, is_out) in enumerate(pairs)
    )
    PlanningOrder.objects.bulk_create(PlanningOrder(run=run, order=order) for order in orders)
    body = {"kind": str(kind), "day": day.isoformat(), "orders": len(orders), "crews": len(crews), "seconds": seconds}
    record(actor=actor, action="planning.requested", subject=run, at=at, body=body)
    enqueue("visits.tasks.work_planning", run_id=run.pk)
    return run


def _check(*, crews: Sequence[CrewPair], orders: Collection[VisitOrder], territory: Territory, seconds: int) -> None:
    if not orders:
        raise InvalidInput(_("Choose at least one visit."), field="orders")
    if len(orders) > MOST_ORDERS:
        raise InvalidInput(_("Choose at most {number} visits at once.").format(number=MOST_ORDERS), field="orders")
    if any(order.case.territory_id != territory.pk for order in orders):
        raise InvalidInput(_("Choose visits of one territory."), field="orders")
    if not crews:
        raise InvalidInput(_("Choose at least one pair that can go."), field="crews")
    if len(crews) > MOST_CREWS:
        raise InvalidInput(_("Choose at most {number} pairs at once.").format(number=MOST_CREWS), field="crews")
    people = [member.pk for pair in crews for member in (pair.lead, pair.second)]
    if len(set(people)) < len(people):
        raise InvalidInput(_("Nobody can be in two pairs at once."), field="crews")
    if not 1 <= seconds <= MOST_SECONDS:
        text = _("Search for 1 to {number} seconds.").format(number=MOST_SECONDS)
        raise InvalidInput(text, field="seconds")
