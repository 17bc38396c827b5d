"""Planning runs: the list, and the page of one run with its progress and what came of each visit."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.access.filters import territory_filter
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.cells import chip, linked, named, tones
from visits.admin.desk_words import district_of, refusal_lines
from visits.models import PlanningOrder, PlanningRun
from visits.planning_enums import LetterState, PlanningOutcome, PlanningPhase, PlanningState
from visits.rules.dispatch.lifecycle import PLANNING_LIFECYCLE
from visits.selectors.planning_progress import planning_progress

RUN_TONES = tones(PlanningState, success=["FINISHED"], danger=["FAILED"], info=["RUNNING"])
# A run that failed says why in these words; another code is shown as it is.
PROBLEMS = {
    "worker_lost": _(
        "The worker was stopped three times. Nothing was planned; ask for a shorter search or fewer visits."
    ),
    "not_allowed": _("The person who asked for it may no longer plan visits here. Nothing was planned."),
    "state_conflict": _("Somebody changed the same visits at the same moment. Nothing was planned; plan again."),
}


@admin.register(PlanningRun)
class PlanningRunAdmin(ScopedAdmin):
    """One search for the routes of a day."""

    lifecycle = PLANNING_LIFECYCLE
    list_display = (
        "day",
        "territory_name",
        "kind",
        "state_chip",
        "planned_count",
        "refused_count",
        "requester",
        "requested_at",
    )
    list_select_related = ("territory", "requested_by")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("kind", ChoicesDropdownFilter),
        territory_filter("territory"),
    )
    empty_hint = _("A dispatcher plans a day on the day desk.")
    change_form_outer_before_template = "admin/visits/planning_run.html"
    fieldsets = (
        (
            _("Record"),
            {
                "fields": (
                    ("day", "territory_name"),
                    ("kind", "state_chip"),
                    ("requester", "requested_at"),
                    ("began_at", "finished_at"),
                    ("seconds", "attempts"),
                ),
                "classes": ("collapse",),
            },
        ),
    )
    requester = named("requested_by", _("requested by"))
    territory_name = named("territory", _("territory"))

    class Media:
        css = {"all": ("cases/run.css",)}
        js = ("cases/run.js",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related)

    @admin.display(description=_("state"), ordering="state")
    def state_chip(self, run: PlanningRun) -> Any:
        return chip(run, "state", RUN_TONES)

    def get_urls(self) -> list[URLPattern]:
        """Add the address from which the page reloads its live part."""
        view = self.admin_site.admin_view(self.progress_part)
        return [path("<int:pk>/progress/", view, name="visits_planningrun_progress"), *super().get_urls()]

    def progress_part(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the live part of a run's page as JSON: state, whether something may still change, and HTML."""
        run = self.get_object(request, str(pk)) if self.has_view_permission(request) else None
        if run is None:
            raise Http404
        panel = live_panel(run=run)
        html = render_to_string("admin/visits/planning_live.html", {"page": panel}, request)
        answer = JsonResponse({"state": run.state, "live": panel["view"].is_live, "html": html})
        add_never_cache_headers(answer)
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the record with its progress and outcomes."""
        run = self.get_object(request, object_id)
        context: dict[str, Any] = dict(extra_context or {})
        if run is not None and self.has_view_permission(request, run):
            desk = reverse("visits_day_desk") + f"?day={run.day.isoformat()}&territory={run.territory_id}"
            context |= {
                "page": live_panel(run=run)
                | outcomes(run=run)
                | {
                    "source": reverse("admin:visits_planningrun_progress", args=[run.pk]),
                    "desk": desk if request.user.has_perm("visits.dispatch_visitorder") else "",
                    "problem": PROBLEMS.get(run.problem, run.problem),
                },
                "state_chip": self.state_chip(run),
            }
        return super().change_view(request, object_id, form_url, context)  # type: ignore[no-any-return]


def live_panel(*, run: PlanningRun) -> dict[str, Any]:
    """Return the part of the page that is reloaded every two seconds while a worker is at it."""
    view = planning_progress(run=run, at=timezone.now())
    return {
        "run": run,
        "view": view,
        "phase": PlanningPhase(run.phase).label,
        "made": view.letters.get(LetterState.MADE, 0),
        "failed": view.letters.get(LetterState.FAILED, 0),
        "kilometres": f"{run.distance_m / 1000:.1f}",
    }


def outcomes(*, run: PlanningRun) -> dict[str, Any]:
    """Return the planned visits in the order of the crews' days, and the others each with rule, clause and remedy."""
    rows = (
        PlanningOrder.objects.filter(run=run)
        .select_related("order__address", "order__lead", "order__second", "order__case")
        .order_by("order__lead__external_ref", "order__planned_arrival_at", "pk")
    )
    planned = [each.order for each in rows if each.outcome == PlanningOutcome.PLANNED]
    return {
        "planned": [
            {
                "order": linked(order),
                "district": district_of(order),
                "crew": " + ".join(member.external_ref for member in (order.lead, order.second) if member),
                "begins": order.planned_arrival_at,
            }
            for order in planned
        ],
        "refused": [
            {
                "order": linked(each.order),
                "district": district_of(each.order),
                "lines": refusal_lines(
                    refusals=[(one["rule"], _moment(one["until"])) for one in each.refusals], reason=each.reason
                ),
            }
            for each in sorted(rows, key=lambda each: each.pk)
            if each.outcome == PlanningOutcome.REFUSED
        ],
    }


def _moment(text: str) -> Any:
    return parse_datetime(text) if text else None
