"""What the day desk's script asks: the state, what a move would mean, the move itself, and the place of an address."""

import json
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.dateparse import parse_date, parse_time
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from backoffice.access.models import Territory
from backoffice.core.errors import DoorstepError, InvalidInput
from backoffice.core.outage import refused_if_in_use
from visits.admin.desk_state import desk_state
from visits.admin.desk_words import crew_label, refusal_lines
from visits.enums import CrewState
from visits.models import CrewMember, PlanningCrew, VisitOrder
from visits.rules.dispatch.timetable import Place
from visits.selectors.conduct import OFFICIAL_ZONE, local_time
from visits.services.dispatch.moving import MoveAnswer, ask_move, move_visit, pair_of
from visits.services.dispatch.places import place_visit, reveal_address_to_place
from visits.services.dispatch.routes import CrewPair
from visits.services.orders.conduct_guard import ConductRefused

PERMISSION = "visits.dispatch_visitorder"
Answer = Callable[[HttpRequest, dict[str, Any]], dict[str, Any]]


def chosen_day(*, user: Any, values: Any) -> tuple[date, Territory | None]:
    """
    Return the day and the territory that an address names: tomorrow and the first territory of the user without any.

    A territory that the user does not see is not found; None if they see none at all.
    """
    day = parse_date(str(values.get("day", ""))) or timezone.localdate() + timedelta(days=1)
    territories = Territory.objects.visible_to(user)
    wanted = str(values.get("territory", ""))
    if wanted:
        found = territories.filter(pk=int(wanted)).first() if wanted.isdecimal() and len(wanted) < 10 else None
        if found is None:
            raise Http404
        return day, found
    return day, territories.order_by("name", "pk").first()


@require_safe
def desk_state_answer(request: HttpRequest) -> HttpResponse:
    """Return the state of the day as JSON."""
    user: Any = request.user
    if not user.has_perm(PERMISSION):
        raise PermissionDenied
    try:
        day, territory = chosen_day(user=user, values=request.GET)
    except ValueError:
        raise Http404 from None
    if territory is None:
        raise Http404
    return _uncached(JsonResponse(desk_state(user=user, day=day, territory=territory)))


def _answers(answer: Answer) -> Callable[[HttpRequest], HttpResponse]:
    """Make a function of JSON a view for dispatchers: 400 with `error` for what cannot be done, `refusals` of the guard."""

    @require_POST
    @wraps(answer)
    def view(request: HttpRequest) -> HttpResponse:
        user: Any = request.user
        if not user.has_perm(PERMISSION):
            raise PermissionDenied
        try:
            with refused_if_in_use():
                return _uncached(JsonResponse(answer(request, dict(json.loads(request.body)))))
        except ConductRefused as refused:
            lines = refusal_lines(refusals=[(str(r.rule), r.until) for r in refused.refusals], reason="")
            return JsonResponse({"refusals": lines}, status=409)
        except DoorstepError as error:
            return JsonResponse({"error": str(error)}, status=409)
        except (ValueError, KeyError, TypeError):
            return JsonResponse({"error": _("This could not be read. Load the page again.")}, status=400)

    return view


def _uncached(answer: HttpResponse) -> HttpResponse:
    add_never_cache_headers(answer)
    return answer


def _order(request: HttpRequest, body: dict[str, Any]) -> VisitOrder:
    rows = VisitOrder.objects.visible_to(request.user).select_related("case")
    order: VisitOrder | None = rows.filter(pk=int(body["order"])).first()
    if order is None:
        raise Http404
    return order


def _move(request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
    order = _order(request, body)
    day, clock = parse_date(str(body["day"])), parse_time(str(body["starts"]))
    if day is None or clock is None:
        raise InvalidInput(_("Give the hour as in 14:30."), field="starts")
    return {
        "order": order,
        "pair": chosen_pair(user=request.user, key=str(body["crew"]), territory_id=order.case.territory_id),
        "starts_at": datetime.combine(day, time(clock.hour, clock.minute), tzinfo=OFFICIAL_ZONE),
        "actor": request.user,
        "at": timezone.now(),
    }


def chosen_pair(*, user: Any, key: str, territory_id: int) -> CrewPair:
    """
    Return the pair that "lead-second" (ids) names, with the base of the lead's last plan in the territory.

    :raises InvalidInput: if the user does not see both, or one of them is not confirmed.
    """
    lead_id, _dash, second_id = key.partition("-")
    ids = [int(each) for each in (lead_id, second_id) if each.isdecimal() and len(each) < 19]
    members = (
        CrewMember.objects.visible_to(user).filter(state=CrewState.CONFIRMED).select_related("agency").in_bulk(ids)
    )
    if len(ids) != 2 or set(ids) - set(members):
        raise InvalidInput(_("Choose a crew."), field="crew")
    last = (
        PlanningCrew.objects.filter(lead=ids[0], run__territory=territory_id, latitude__isnull=False)
        .order_by("-run")
        .first()
    )
    base: Place | None = None
    if last is not None and last.latitude is not None and last.longitude is not None:
        base = (last.latitude, last.longitude)
    return pair_of(lead=members[ids[0]], second=members[ids[1]], base=base)


def _ask(request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
    return _said(ask_move(**_move(request, body)))


def _said(answer: MoveAnswer) -> dict[str, Any]:
    refused = answer.refused
    members = CrewMember.objects.in_bulk([change.lead_id for change in answer.changes])
    return {
        "starts": f"{local_time(answer.starts_at):%H:%M}",
        "refusals": []
        if refused is None
        else refusal_lines(
            refusals=[(str(r.rule), r.until) for r in refused.refusals],
            reason=str(refused.unassigned) if refused.unassigned else "",
        ),
        "tellsAnew": answer.tells_anew,
        "orders": answer.orders,
        "changes": [
            {
                "lead": members[change.lead_id].external_ref,
                "metres": change.after.metres - change.before.metres,
                "minutes": change.after.minutes - change.before.minutes,
            }
            for change in answer.changes
        ],
    }


def _keep(request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
    asked = _move(request, body)
    order = move_visit(**asked)
    crew = crew_label(asked["pair"].lead, asked["pair"].second)
    words = _("{order} is now with {crew} at {hour}.")
    hour = f"{local_time(asked['starts_at']):%H:%M}"
    return {"done": words.format(order=order, crew=crew, hour=hour)}


def _address(request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
    line = reveal_address_to_place(order=_order(request, body), actor=request.user, at=timezone.now())
    return {"line": line}


def _place(request: HttpRequest, body: dict[str, Any]) -> dict[str, Any]:
    order = place_visit(
        order=_order(request, body),
        latitude=float(body["latitude"]),
        longitude=float(body["longitude"]),
        actor=request.user,
        at=timezone.now(),
    )
    return {"done": _("{order} has its place and can be planned.").format(order=order)}


ask_answer = _answers(_ask)
keep_answer = _answers(_keep)
address_answer = _answers(_address)
place_answer = _answers(_place)
