"""Lists beside the runs: the quarantine, circuit breaker limits, and re-evaluations due."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from backoffice.audit.recorded import GlobalRecordedAdmin
from backoffice.audit.services import record
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.buttons import Press, button
from backoffice.core.pages.cells import share
from backoffice.core.scoping import acts_everywhere
from cases.admin.runs.page import borrower_link, error_words
from cases.enums import Measure
from cases.models import BreakerLimit, DueEvaluation, Quarantine
from cases.rules.breaker import FiguresLimit
from cases.rules.run_lifecycle import RUN
from cases.selectors.runs.views import with_visible_borrower
from cases.services.evaluation import run_control

_LIMITS = ("max_share", "max_multiple", "at_least", "max_age_days")


class WaitingFilter(DropdownFilter):
    """Filters by whether a borrower is still in quarantine."""

    title = _("still set aside")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Still set aside")), ("no", _("Judged since"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(resolved_at__isnull=self.value() == "yes") if self.value() else queryset


@admin.register(Quarantine)
class QuarantineAdmin(ScopedAdmin):
    """Borrowers whose evaluation failed three times."""

    list_display = ("run", "borrower_reference", "error_text", "created_at", "resolved_at")
    list_select_related = ("run",)
    list_filter = (WaitingFilter,)
    link_lookups = ("run__id__exact",)
    empty_hint = _("Nobody is set aside: every account was evaluated.")
    fieldsets = ((None, {"fields": (("run", "borrower_reference"), "error_text", ("created_at", "resolved_at"))}),)
    actions_detail = ("retry",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_visible_borrower(super().get_queryset(request), user=request.user)

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Leave out the retry, which reopens the run of every territory, for a person of some territories."""
        return super().get_actions_detail(request, object_id) if acts_everywhere(user=request.user) else []

    @admin.display(description=_("borrower"))
    def borrower_reference(self, row: Quarantine) -> Any:
        return borrower_link(row)

    @admin.display(description=_("error"))
    def error_text(self, row: Quarantine) -> str:
        return error_words(row.error)

    @button(
        label=_("Try again"),
        permission=RUN.step("reopen").permission,
        icon="replay",
        text=_("This borrower is evaluated once more, alone. Correct the data first."),
        done=_("They are being tried again; follow them on the run's page."),
    )
    def retry(self, press: Press) -> Any:
        """Evaluate this borrower once more."""
        row = press.record
        return run_control.retry_quarantined(
            run=row.run, borrower_ids=[row.borrower_id], actor=press.actor, at=press.at
        )


class BreakerLimitForm(forms.ModelForm[BreakerLimit]):
    """A limit; what is left empty gets the house's value for its measure."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in set(_LIMITS) & self.fields.keys():
            self.fields[name].required = False
            if self.instance._state.adding:
                self.initial.pop(name, None)
                self.fields[name].initial = None

    def clean(self) -> dict[str, Any]:
        """Fill what is empty: for old figures share and count are others than for the effects of a run."""
        values: dict[str, Any] = super().clean() or {}
        default = BreakerLimit()
        house: dict[str, Any] = {name: getattr(default, name) for name in _LIMITS}
        if values.get("measure", self.instance.measure) == Measure.FIGURES:
            of_figures = FiguresLimit()
            house |= {"max_share": of_figures.max_share, "at_least": of_figures.at_least}
        return values | {name: house[name] for name in _LIMITS if name in values and values[name] is None}


@admin.register(BreakerLimit)
class BreakerLimitAdmin(GlobalRecordedAdmin):
    """How much a run may do before a person must release it."""

    form = BreakerLimitForm
    list_display = ("measure", "source", "share_text", "max_multiple", "at_least", "max_age_days", "updated_at")
    ordering = ("measure", "source", "pk")
    empty_hint = _(
        "The house's limits apply: half of those judged, and five times the median of the last runs, from 100 on; figures"
        " older than 3 days of 1 % of the accounts judged. Add a measure to set its own."
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("measure", "source"),
                    ("max_share", "max_multiple"),
                    ("at_least", "max_age_days"),
                    "updated_at",
                ),
                "description": _(
                    "What is left empty gets the house's value. For old figures the share is of all accounts judged, and the"
                    " multiple does not count. A source that comes weekly gets a row of its own with more days."
                ),
            },
        ),
    )
    readonly_fields = ("updated_at",)

    @admin.display(description=_("largest share"), ordering="max_share")
    def share_text(self, limit: BreakerLimit) -> str:
        return share(limit.max_share)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("measure", "source", "updated_at") if obj is not None else ("updated_at",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save, and record the old and new limits: the trail must show which limits a run was compared with."""
        at = timezone.now()
        before = BreakerLimit.objects.filter(pk=obj.pk).values(*_LIMITS).first() or {}
        obj.updated_at = at
        obj.save()
        record(
            actor=request.user,
            action=f"breakerlimit.{'changed' if change else 'added'}",
            subject=obj,
            at=at,
            body={
                "measure": obj.measure,
                "source": obj.source,
                "before": {name: str(value) for name, value in before.items()},
                "after": {name: str(getattr(obj, name)) for name in _LIMITS},
            },
        )


@admin.register(DueEvaluation)
class DueEvaluationAdmin(ScopedAdmin):
    """Borrowers to be evaluated again because something that a rule sees has changed."""

    list_display = ("borrower", "due_at", "attempts", "last_error")
    list_select_related = ("borrower",)
    ordering = ("due_at", "pk")
    empty_hint = _(
        "Nobody waits. A borrower with a new payment, contact or circumstance is evaluated again within seconds."
    )
    fieldsets = ((None, {"fields": ("borrower", ("due_at", "attempts"), "last_error")}),)
