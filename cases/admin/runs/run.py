"""Nightly runs: the list, the page of one run with its live part, and the forms that begin a run or a catch-up."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.core.errors import DoorstepError
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.buttons import day_input
from backoffice.core.pages.cells import EMPTY, chip, named
from backoffice.core.pages.pages import form_page
from backoffice.core.scoping import acts_everywhere
from cases.admin.runs.buttons import RunButtons
from cases.admin.runs.page import RUN_TONES, live_panel, run_page
from cases.enums import Job, RunState
from cases.models import EvaluationRun
from cases.rules.run_lifecycle import MOST_MISSED_DAYS, RUN
from cases.selectors.runs.progress import with_chunk_counts
from cases.services.evaluation import catch_up, runs


class StartForm(forms.Form):
    """Which job, for which business date."""

    job = forms.ChoiceField(label=_("Job"), choices=Job.choices, widget=UnfoldAdminSelectWidget)
    business_date = forms.DateField(label=_("Business date"), initial=timezone.localdate, widget=day_input())


class CatchUpForm(forms.Form):
    """Which job, up to which business date."""

    job = forms.ChoiceField(label=_("Job"), choices=Job.choices, widget=UnfoldAdminSelectWidget)
    until = forms.DateField(label=_("Up to and including"), initial=timezone.localdate, widget=day_input())


@admin.register(EvaluationRun)
class EvaluationRunAdmin(RunButtons, ScopedAdmin):
    """One job for one business date."""

    lifecycle = RUN
    list_display = (
        "business_date",
        "job",
        "state_chip",
        "progress",
        "account_count",
        "hit_count",
        "opened_count",
        "closed_count",
        "proposed_count",
        "quarantined_count",
        "started_at",
    )
    list_select_related = ("policy_version__policy", "started_by", "released_by")
    list_filter = (("job", ChoicesDropdownFilter), ("state", ChoicesDropdownFilter))
    ordering = ("-business_date", "-pk")
    empty_hint = _("The nightly schedule starts runs; a run can also be started here or from the command line.")
    change_form_outer_before_template = "admin/cases/run_page.html"
    fieldsets = (
        (
            _("Record"),
            {
                "fields": (
                    ("business_date", "job"),
                    ("state_chip", "passes"),
                    ("started_at", "starter"),
                    ("previewed_at", "finished_at"),
                    ("released_at", "releaser"),
                    ("release_note", "catch_up_until"),
                    ("account_count", "hit_count"),
                    ("opened_count", "closed_count"),
                    ("proposed_count", "quarantined_count"),
                    "version",
                ),
                "classes": ("collapse",),
            },
        ),
    )
    version = named("policy_version", _("policy version"))
    starter = named("started_by", _("started by"))
    releaser = named("released_by", _("released by"))
    actions_list = ("start", "catch_up")
    actions_detail = ("release", "refuse", "pause", "resume", "reopen", "cancel")

    class Media:
        css = {"all": ("cases/run.css",)}
        js = ("cases/run.js",)

    def get_urls(self) -> list[URLPattern]:
        """Add the address from which the page reloads its live part."""
        own = path(
            "<int:pk>/progress/", self.admin_site.admin_view(self.progress_part), name="cases_evaluationrun_progress"
        )
        return [own, *super().get_urls()]

    def progress_part(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Return the live part of a run's page as JSON: state, phase, whether workers may still change it, and HTML."""
        run = self.get_object(request, str(pk)) if self.has_view_permission(request) else None
        if run is None:
            raise Http404
        panel = live_panel(run=run, user=request.user, at=timezone.now())
        answer = JsonResponse(
            {
                "state": run.state,
                "phase": run.phase,
                "live": panel["view"].is_live,
                "html": render_to_string("admin/cases/run_live.html", {"page": panel}, request),
            }
        )
        add_never_cache_headers(answer)
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Show the record with the panels of the run."""
        run = self.get_object(request, object_id)
        context: dict[str, Any] = dict(extra_context or {})
        if run is not None and self.has_view_permission(request, run):
            context |= {
                "page": run_page(run=run, user=request.user, at=timezone.now()),
                "state_chip": self.state_chip(run),
            }
        return super().change_view(request, object_id, form_url, context)  # type: ignore[no-any-return]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Leave out what the service would refuse: a retry of nobody, one's own run, a person of some territories."""
        if not acts_everywhere(user=request.user):
            return []
        actions = super().get_actions_detail(request, object_id)
        run = self.get_object(request, str(object_id)) if actions else None
        if run is None:
            return actions
        hidden = set()
        if not run.quarantined.filter(resolved_at__isnull=True).exists():
            hidden.add("reopen")
        if run.started_by_id == request.user.pk:
            hidden.add("release")
        # Both "cancel" and "refuse" end a held run; an approver is offered "refuse" only.
        if run.state == RunState.HELD and request.user.has_perm(RUN.step("refuse").permission):
            hidden.add("cancel")
        return [each for each in actions if each.path not in hidden]

    def get_actions_list(self, request: HttpRequest) -> list[Any]:
        """Leave out what concerns every territory for a person of some territories."""
        return super().get_actions_list(request) if acts_everywhere(user=request.user) else []

    @action(description=_("Start a run"), permissions=["cases.run_evaluation"], icon="play_arrow", url_path="start")
    def start(self, request: HttpRequest) -> HttpResponse:
        """Ask for job and day; GET only shows the form."""
        _must_act_everywhere(request)
        form = StartForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                run = runs.start_run(actor=request.user, at=timezone.now(), **form.cleaned_data)
            except DoorstepError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("The run has begun; workers take its chunks."))
                return HttpResponseRedirect(self.page_of(run))
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Start"),
            title=_("Start a run"),
            text=_("Starting a finished day again repeats it; what has not changed stays as it is."),
        )

    @action(description=_("Catch up"), permissions=["cases.run_evaluation"], icon="fast_forward", url_path="catch-up")
    def catch_up(self, request: HttpRequest) -> HttpResponse:
        """Ask for job and last day; GET only shows the form, with what each job has missed."""
        _must_act_everywhere(request)
        form = CatchUpForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                run = catch_up.catch_up(actor=request.user, at=timezone.now(), **form.cleaned_data)
            except DoorstepError as error:
                form.add_error(None, str(error))
            else:
                if run is not None:
                    messages.success(request, _("The first missed day has begun; the others follow in order."))
                    return HttpResponseRedirect(self.page_of(run))
                form.add_error(None, _("No day is missed."))
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Catch up"),
            title=_("Catch up missed days"),
            text=_("{missed} Days are worked one after the other, at most {most}.").format(
                missed=_missed_words(), most=MOST_MISSED_DAYS
            ),
        )

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_chunk_counts(super().get_queryset(request)).select_related(*self.list_select_related)

    @admin.display(description=_("state"), ordering="state")
    def state_chip(self, run: EvaluationRun) -> Any:
        return chip(run, "state", RUN_TONES)

    @admin.display(description=_("progress"))
    def progress(self, run: Any) -> Any:
        if not run.chunk_total:
            return EMPTY
        steps = 2 * run.chunk_total
        percent = 100 * (steps - run.chunk_open - run.chunk_to_preview) // steps
        return format_html(
            '<span class="ds-track" role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{}">'
            '<span style="width: {}%"></span></span> {}%{}',
            percent,
            percent,
            percent,
            f" · {run.get_phase_display()}" if run.state in (RunState.RUNNING, RunState.PAUSED) else "",
        )


def _must_act_everywhere(request: HttpRequest) -> None:
    """:raises PermissionDenied: if the person is limited to some territories."""
    if not acts_everywhere(user=request.user):
        raise PermissionDenied


def _missed_words() -> str:
    """Return what each job has missed up to today, in words."""
    today = timezone.localdate()
    words = []
    for job in Job:
        missed = catch_up.missed_by(job=job, until=today)
        days = ", ".join(day.isoformat() for day in missed.days) or _("nothing missed")
        words.append(f"{job.label}: {days}.")
    return " ".join(words)
