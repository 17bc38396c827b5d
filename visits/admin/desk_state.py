"""The day desk's state as its script reads it: crews, stops, visits to be planned, and what each of them lacks."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.access.models import Territory
from cases.selectors.casework.districts import district_name
from visits.admin.desk_words import crew_label, district_of, refusal_lines
from visits.enums import VisitState
from visits.models import PlanningRun, VisitOrder
from visits.planning_enums import LetterState, PlanningState
from visits.rules.conduct.clauses import Refusal
from visits.rules.dispatch.timetable import Place
from visits.rules.lifecycle import VISIT_LIFECYCLE
from visits.rules.routing import SERVICE_MINUTES
from visits.selectors.conduct import local_time
from visits.selectors.crew_days import place_of
from visits.selectors.day_desk import CrewDay, DeskDay, DeskStop, Joined, desk_day
from visits.selectors.policy import conduct_policy
from visits.services.dispatch.day_refusals import refusals_of_day

# Three digits of a degree are a hundred metres: enough to plan by, and no door.
DIGITS = 3
STAGES = {
    VisitState.SCHEDULED: "planned",
    VisitState.ACCEPTED: "accepted",
    VisitState.EN_ROUTE: "way",
    VisitState.CHECKED_IN: "door",
}

STAGE_ORDER = [*STAGES.values(), "done"]


def desk_state(*, user: Any, day: date, territory: Territory) -> dict[str, Any]:
    """Return everything that the page shows of the day. Places are rounded to about a hundred metres."""
    found = desk_day(user=user, day=day, territory=territory)
    policy, now = conduct_policy(), timezone.now()
    against = refusals_of_day(orders=found.ready, day=day, at=now)
    return {
        "day": day.isoformat(),
        "territory": str(territory),
        "opens": policy.visit_from.hour * 60 + policy.visit_from.minute,
        "closes": policy.visit_until.hour * 60 + policy.visit_until.minute,
        "service": SERVICE_MINUTES,
        "now": _minute(now) if local_time(now).date() == day else None,
        "crews": [_crew(each) for each in found.crews],
        "stops": [_stop(each) for each in found.stops],
        "busy": [_crew(each) for each in found.crews if each.stops],
        "candidates": [
            _candidate(order, joined=found.joins.get(order.pk), against=against.get(order.pk, ()))
            for order in found.ready
        ],
        "refused": len(against),
        "unplaced": [_candidate(order) for order in found.unplaced],
        "missing": _missing(found),
        "missingMore": max(0, found.due_count - len(found.due)),
        "districts": _districts(found),
        "run": _run(found.last_run),
    }


def _minute(at: datetime) -> int:
    local = local_time(at)
    return local.hour * 60 + local.minute


def _point(place: Place | None) -> list[float] | None:
    return None if place is None else [round(place[0], DIGITS), round(place[1], DIGITS)]


def _crew(crew: CrewDay) -> dict[str, Any]:
    return {
        "key": crew.key,
        "label": crew_label(crew.lead, crew.second),
        "agency": crew.lead.agency.name,
        "base": _point(crew.base),
        "stops": crew.stops,
        "metres": crew.cost.metres,
        "minutes": crew.cost.minutes,
    }


def _stop(stop: DeskStop) -> dict[str, Any]:
    minutes = round((stop.stay.ends_at - stop.stay.starts_at).total_seconds() / 60)
    common = {"crew": stop.crew, "minute": _minute(stop.stay.starts_at), "minutes": minutes}
    order = stop.order
    if order is None:
        return common | {"order": None, "stage": "elsewhere", "state": _("Busy in another territory"), "place": None}
    window = [f"{local_time(each):%H:%M}" for each in (order.window_start, order.window_end) if each]
    letters = {LetterState.WAITING: _("letter being made"), LetterState.FAILED: _("letter missing: issue it by hand")}
    return common | {
        "order": order.pk,
        "ref": ", ".join(str(each) for each in stop.orders),
        "people": len(stop.orders),
        "orders": [{"order": each.pk, "ref": str(each), "url": _url(each)} for each in stop.orders],
        "number": order.route_position,
        # The furthest of them: once the crew sets out for one, it does for the household.
        "stage": max((STAGES.get(VisitState(each.state), "done") for each in stop.orders), key=STAGE_ORDER.index),
        "state": ", ".join(dict.fromkeys(each.get_state_display() for each in stop.orders)),
        "district": district_of(order),
        "agency": order.placement.agency.name if order.placement else "",
        "place": _point(stop.stay.place),
        "window": "–".join(window),
        "letter": letters.get(LetterState(stop.letter), "") if stop.letter else "",
        "movable": all(each.state in VISIT_LIFECYCLE.step("move").sources for each in stop.orders),
        "url": _url(order),
    }


def _candidate(order: VisitOrder, *, joined: Joined | None = None, against: Sequence[Refusal] = ()) -> dict[str, Any]:
    lines = refusal_lines(refusals=[(str(each.rule), each.until) for each in against], reason="")
    return {
        "order": order.pk,
        "ref": str(order),
        "district": district_of(order),
        "agency": order.placement.agency.name if order.placement else "",
        "place": _point(place_of(order)),
        "until": order.valid_until.isoformat(),
        "priority": order.case.priority,
        "joins": {"crew": joined.crew, "minute": _minute(joined.starts_at)} if joined else None,
        "url": _url(order),
        # What stands against it on this day, whichever crew goes.
        "against": lines,
    }


def _missing(found: DeskDay) -> list[dict[str, Any]]:
    """Return what is due and cannot be planned yet, each with what it lacks."""
    lacks: Iterable[tuple[Sequence[VisitOrder], str]] = (
        (found.drafts, _("Waits for a second person's approval")),
        (found.unassigned, _("No agency has the case: place it")),
    )
    rows = [
        {"ref": str(order), "url": _url(order), "lacks": words, "until": order.valid_until.isoformat()}
        for orders, words in lacks
        for order in orders
    ]
    return rows + [
        {
            "ref": str(case),
            "url": reverse("admin:cases_case_change", args=[case.pk]),
            "lacks": _("No visit is drafted yet: the next sweep drafts it, or says in the case why not"),
            "until": case.needs_visit_by.isoformat() if case.needs_visit_by else "",
        }
        for case in found.due
    ]


def _districts(found: DeskDay) -> list[dict[str, Any]]:
    """Return each district that has a visit of the day or one to be planned, with the places of its visits."""
    orders = [order for stop in found.stops for order in stop.orders] + list(found.ready)
    places: dict[str, list[list[float]]] = {}
    for order in orders:
        point = _point(place_of(order))
        if point is not None and district_name(code=order.address.adcode):
            places.setdefault(order.address.adcode, []).append(point)
    return [{"name": district_name(code=code), "places": points} for code, points in sorted(places.items())]


def _run(run: PlanningRun | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "url": reverse("admin:visits_planningrun_change", args=[run.pk]),
        "state": run.get_state_display(),
        "live": run.state in (PlanningState.WAITING, PlanningState.RUNNING),
        "planned": run.planned_count,
        "refused": run.refused_count,
    }


def _url(order: VisitOrder) -> str:
    return reverse("admin:visits_visitorder_change", args=[order.pk])
