"""Nightly runs: how far they are, what their chunks do, and who was set aside. For reading."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.core.admin import ScopedAdmin, ScopedInline
from backoffice.core.buttons import day_input
from backoffice.core.cells import EMPTY, chip, linked, tones, words
from backoffice.core.errors import DoorstepError
from backoffice.core.pages import form_page
from cases.enums import ChunkState, Job, RunState
from cases.models import Borrower, EvaluationChunk, EvaluationRun, Quarantine
from cases.services import evaluation

RUN_TONES = tones(RunState, success=["FINISHED"], danger=["FAILED"], info=["RUNNING"], warning=["CANCELLED"])
CHUNK_TONES = tones(ChunkState, success=["DONE"], danger=["DEAD"], info=["LEASED"])


class ChunkInline(ScopedInline):
    model = EvaluationChunk
    tab = True
    ordering = ("lower", "pk")
    fields = (
        "lower",
        "upper",
        "state",
        "attempts",
        "account_count",
        "hit_count",
        "leased_until",
        "finished_at",
        "last_error",
    )


class QuarantineInline(ScopedInline):
    model = Quarantine
    tab = True
    fields = ("borrower_id", "error", "created_at", "resolved_at")


class StartForm(forms.Form):
    """Which job, for which day."""

    job = forms.ChoiceField(label=_("Job"), choices=Job.choices, widget=UnfoldAdminSelectWidget)
    business_date = forms.DateField(label=_("Business date"), initial=timezone.localdate, widget=day_input())


@admin.register(EvaluationRun)
class EvaluationRunAdmin(ScopedAdmin):
    """One job for one business date."""

    list_display = (
        "business_date", "job", "state_chip", "progress", "account_count", "hit_count", "opened_count", "closed_count",
        "proposed_count", "quarantined_count", "started_at",
    )  # fmt: skip
    list_select_related = ("policy_version__policy",)
    list_filter = (("job", ChoicesDropdownFilter), ("state", ChoicesDropdownFilter))
    ordering = ("-business_date", "-pk")
    empty_hint = _("The nightly schedule starts runs; a run can also be started from the command line.")
    fieldsets = (
        (None, {"fields": (
            ("business_date", "job"), ("state_chip", "passes"), ("progress", "chunk_states"), ("policy_version", "started_at"),
            ("account_count", "finished_at"), ("hit_count", "quarantined_count"), ("opened_count", "closed_count"), "proposed_count",
        )}),
    )  # fmt: skip
    inlines = (ChunkInline, QuarantineInline)
    actions_list = ("start",)

    @action(description=_("Start a run"), permissions=["cases.run_evaluation"], icon="play_arrow", url_path="start")
    def start(self, request: HttpRequest) -> HttpResponse:
        """Ask for job and day; GET only shows the form."""
        form = StartForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                run = evaluation.start_run(actor=request.user, at=timezone.now(), **form.cleaned_data)
            except DoorstepError as error:
                form.add_error(None, str(error))
            else:
                messages.success(
                    request, _("The run has begun; workers take its chunks. Reload this page to follow it.")
                )
                return HttpResponseRedirect(self.page_of(run))
        return form_page(
            model_admin=self, request=request, form=form, submit=_("Start"), title=_("Start a run"),
            text=_("Asked for again, a day is worked again and finds nothing to change where nothing changed."),
        )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> Any:
        living = ~Q(chunks__state=ChunkState.SPLIT)
        return super().get_queryset(request).annotate(
            chunks_all=Count("chunks", filter=living),
            chunks_done=Count("chunks", filter=Q(chunks__state__in=[ChunkState.DONE, ChunkState.DEAD])),
        )  # fmt: skip

    @admin.display(description=_("state"))
    def state_chip(self, run: EvaluationRun) -> Any:
        return chip(run, "state", RUN_TONES)

    @admin.display(description=_("progress"))
    def progress(self, run: Any) -> str:
        if not run.chunks_all:
            return EMPTY
        return f"{run.chunks_done} / {run.chunks_all} ({100 * run.chunks_done // run.chunks_all}%)"

    @admin.display(description=_("chunks"))
    def chunk_states(self, run: EvaluationRun) -> str:
        rows = run.chunks.order_by("state").values_list("state").annotate(number=Count("pk"))
        return ", ".join(f"{words([state], ChunkState)} {number}" for state, number in rows) or EMPTY


@admin.register(Quarantine)
class QuarantineAdmin(ScopedAdmin):
    """Borrowers whose evaluation failed again and again."""

    list_display = ("run", "borrower_reference", "error", "created_at", "resolved_at")
    list_select_related = ("run",)
    empty_hint = _("Nobody is set aside: every account was evaluated.")
    fieldsets = ((None, {"fields": (("run", "borrower_reference"), "error", ("created_at", "resolved_at"))}),)

    @admin.display(description=_("borrower"))
    def borrower_reference(self, row: Quarantine) -> Any:
        # A key without a foreign key: the row must outlive the borrower.
        return linked(Borrower(pk=row.borrower_id), f"#{row.borrower_id}")
