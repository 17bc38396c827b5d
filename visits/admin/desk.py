"""The day desk: a map beside a timetable, from which a dispatcher plans a day and steers it."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from backoffice.access.models import Territory
from backoffice.core.errors import DoorstepError
from backoffice.core.pages.buttons import day_input
from visits.admin.desk_answers import PERMISSION, chosen_day, chosen_pair
from visits.admin.desk_state import desk_state
from visits.models import PlanningRun, VisitOrder
from visits.rules.geography import is_position
from visits.services.dispatch.planning_requests import MOST_SECONDS, request_crew_out, request_planning
from visits.services.dispatch.routes import CrewPair

# What the script says, by the key under which it asks for it.
SCRIPT_WORDS: dict[str, Any] = {
    "free": gettext_lazy("no visit yet"),
    "stops": gettext_lazy("{number} visits"),
    "km": gettext_lazy("{km} km"),
    "minutes": gettext_lazy("{minutes} min"),
    "allowed": gettext_lazy("Nothing stands against it."),
    "refused": gettext_lazy("This is refused"),
    "tellsAnew": gettext_lazy("The borrower is told the new time, and a new letter is made."),
    "keepsNotice": gettext_lazy("Within the announced window: the borrower is told nothing new. A new letter is made."),
    "cost": gettext_lazy("What it costs on the road"),
    "asking": gettext_lazy("Asking the conduct rules …"),
    "failed": gettext_lazy("The server did not answer. Nothing was changed; try again."),
    "base": gettext_lazy("Start of {crew}"),
    "toPlan": gettext_lazy("to be planned"),
    "window": gettext_lazy("announced {window}"),
    "validUntil": gettext_lazy("valid until {day}"),
    "nothingReady": gettext_lazy("Every approved visit has its place in a plan."),
    "nothingMissing": gettext_lazy("Nothing else is due."),
    "more": gettext_lazy("and {number} more"),
    "needsPlace": gettext_lazy("Needs a place on the map"),
    "showAddress": gettext_lazy("Show the address"),
    "pickPlace": gettext_lazy("Click the place on the map, or type it."),
    "setPlace": gettext_lazy("Set the place"),
    "latitude": gettext_lazy("Latitude"),
    "longitude": gettext_lazy("Longitude"),
    "open": gettext_lazy("Open the visit"),
    "household": gettext_lazy("One visit to {number} people of this door: they move together."),
    "joins": gettext_lazy(
        "People of this door are visited at {hour} by the crew chosen here. At that hour it is one visit for all of them."
    ),
    "notMovable": gettext_lazy("It has begun: it is not moved any more."),
}


class PlanForm(forms.Form):
    """Which visits, which pairs, and how long the search may take."""

    orders = forms.TypedMultipleChoiceField(coerce=int, required=False)
    crews = forms.MultipleChoiceField(required=False)
    seconds = forms.IntegerField(min_value=1, max_value=MOST_SECONDS)
    base = forms.CharField(required=False, max_length=60)

    def __init__(self, *args: Any, state: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        orders: Any = self.fields["orders"]
        crews: Any = self.fields["crews"]
        orders.choices = [(each["order"], each["ref"]) for each in state["candidates"] + state["unplaced"]]
        crews.choices = [(each["key"], each["label"]) for each in state["crews"]]

    def clean_base(self) -> tuple[float, float] | None:
        """Return the place from which all start, in degrees; None for the middle of their stops."""
        text = self.cleaned_data["base"].strip()
        if not text:
            return None
        latitude, _comma, longitude = text.partition(",")
        try:
            place = (float(latitude), float(longitude))
        except ValueError:
            place = (0.0, 0.0)
        if not is_position(latitude=place[0], longitude=place[1]):
            raise forms.ValidationError(gettext("Give latitude and longitude in degrees, such as 31.2304, 121.4737."))
        return place


class OutForm(PlanForm):
    """Which pair cannot go, and which others take over."""

    out = forms.ChoiceField()

    def __init__(self, *args: Any, state: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, state=state, **kwargs)
        out: Any = self.fields["out"]
        out.choices = [(each["key"], each["label"]) for each in state["busy"]]


class DayForm(forms.Form):
    """Which day and territory the desk shows."""

    day = forms.DateField(label=gettext_lazy("Day"), widget=day_input())
    territory = forms.ModelChoiceField(label=gettext_lazy("Territory"), queryset=Territory.objects.none())

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["territory"]
        field.queryset = Territory.objects.visible_to(user).order_by("name", "pk")
        field.empty_label = None


def desk_page(request: HttpRequest) -> HttpResponse:
    """Show the desk of a day and territory; POST asks a worker for a plan of the chosen visits and crews."""
    user: Any = request.user
    if not user.has_perm(PERMISSION):
        raise PermissionDenied
    day, territory = chosen_day(user=user, values=_day_values(request))
    context: dict[str, Any] = {**admin.site.each_context(request), "title": gettext("Day desk")}
    if territory is None:
        return TemplateResponse(request, "admin/visits/desk.html", context)
    state = desk_state(user=user, day=day, territory=territory)
    form: PlanForm | None = None
    if request.method == "POST":
        is_out = request.POST.get("what") == "out"
        form = (OutForm if is_out else PlanForm)(request.POST, state=state)
        if form.is_valid():
            try:
                run = _request(form=form, user=user, day=day, territory=territory)
            except DoorstepError as error:
                form.add_error(None, str(error))
            else:
                return HttpResponseRedirect(reverse("admin:visits_planningrun_change", args=[run.pk]))
    context |= {
        "state": state,
        "day": day,
        "territory": territory,
        "form": form,
        "day_form": DayForm(user=user, initial={"day": day, "territory": territory.pk}),
        "most_seconds": MOST_SECONDS,
        "script": {
            "words": {key: str(text) for key, text in SCRIPT_WORDS.items()},
            "tiles": settings.MAP_TILES,
            "credit": settings.MAP_TILES_CREDIT,
            "territory": territory.pk,
            "addresses": {
                name: reverse(f"visits_day_desk_{name}") for name in ("state", "ask", "keep", "address", "place")
            },
        },
    }
    return TemplateResponse(request, "admin/visits/desk.html", context)


def _day_values(request: HttpRequest) -> Any:
    values = request.POST if request.method == "POST" else request.GET
    try:
        chosen_day(user=request.user, values=values)
    except ValueError:
        # A day that the calendar does not have, such as 2026-02-30.
        raise Http404 from None
    return values


def _request(*, form: PlanForm, user: Any, day: Any, territory: Territory) -> PlanningRun:
    values = form.cleaned_data
    crews = [
        _from(chosen_pair(user=user, key=key, territory_id=territory.pk), base=values["base"])
        for key in values["crews"]
    ]
    common: dict[str, Any] = {
        "day": day,
        "territory": territory,
        "crews": crews,
        "seconds": values["seconds"],
        "actor": user,
        "at": timezone.now(),
    }
    if isinstance(form, OutForm):
        out = chosen_pair(user=user, key=values["out"], territory_id=territory.pk)
        return request_crew_out(out=out, **common)
    orders = VisitOrder.objects.visible_to(user).filter(pk__in=values["orders"]).select_related("case").order_by("pk")
    return request_planning(orders=list(orders), **common)


def _from(pair: CrewPair, *, base: tuple[float, float] | None) -> CrewPair:
    if base is None:
        return pair
    return CrewPair(lead=pair.lead, second=pair.second, latitude=base[0], longitude=base[1])
