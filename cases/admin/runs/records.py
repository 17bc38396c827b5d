"""What surrounds runs: borrowers set aside, the limits that stop a run, and who is to be judged again at once."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from backoffice.audit.recorded import RecordedAdmin
from backoffice.audit.services import record
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.buttons import Press, button
from backoffice.core.pages.cells import linked, share
from cases.admin.runs.page import error_words
from cases.models import Borrower, BreakerLimit, DueEvaluation, Quarantine
from cases.rules.run_lifecycle import RUN
from cases.services.evaluation import run_control

_LIMITS = ("max_share", "max_multiple", "at_least")


class WaitingFilter(DropdownFilter):
    """Who is still set aside."""

    title = _("still set aside")
    parameter_name = "waiting"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("Still set aside")), ("no", _("Judged since"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(resolved_at__isnull=self.value() == "yes") if self.value() else queryset


@admin.register(Quarantine)
class QuarantineAdmin(ScopedAdmin):
    """Borrowers whose evaluation failed again and again."""

    list_display = ("run", "borrower_reference", "error_text", "created_at", "resolved_at")
    list_select_related = ("run",)
    list_filter = (WaitingFilter,)
    link_lookups = ("run__id__exact",)
    empty_hint = _("Nobody is set aside: every account was evaluated.")
    fieldsets = ((None, {"fields": (("run", "borrower_reference"), "error_text", ("created_at", "resolved_at"))}),)
    actions_detail = ("retry",)

    @admin.display(description=_("borrower"))
    def borrower_reference(self, row: Quarantine) -> Any:
        # A key without a foreign key: the row must outlive the borrower.
        return linked(Borrower(pk=row.borrower_id), f"#{row.borrower_id}")

    @admin.display(description=_("error"))
    def error_text(self, row: Quarantine) -> str:
        return error_words(row.error)

    @button(
        label=_("Try again"),
        permission=RUN.step("reopen").permission,
        icon="replay",
        text=_("This borrower is judged once more, by themselves. Mend the data first."),
        done=_("They are being tried again; follow them on the run's page."),
    )
    def retry(self, press: Press) -> Any:
        """Judge this borrower once more."""
        row = press.record
        return run_control.retry_quarantined(
            run=row.run, borrower_ids=[row.borrower_id], actor=press.actor, at=press.at
        )


@admin.register(BreakerLimit)
class BreakerLimitAdmin(RecordedAdmin):
    """How much a run may do before a person is asked."""

    list_display = ("measure", "share_text", "max_multiple", "at_least", "updated_at")
    ordering = ("measure", "pk")
    empty_hint = _(
        "The house's limits apply: half of those judged, and five times the median of the last runs, from 100 on. Add a"
        " measure to set its own."
    )
    fieldsets = ((None, {"fields": ("measure", ("max_share", "max_multiple"), "at_least", "updated_at")}),)
    readonly_fields = ("updated_at",)

    @admin.display(description=_("largest share"), ordering="max_share")
    def share_text(self, limit: BreakerLimit) -> str:
        return share(limit.max_share)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("measure", "updated_at") if obj is not None else ("updated_at",)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Keep what the limit was and is: whoever reads the trail must see what let a run through."""
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
                "before": {name: str(value) for name, value in before.items()},
                "after": {name: str(getattr(obj, name)) for name in _LIMITS},
            },
        )


@admin.register(DueEvaluation)
class DueEvaluationAdmin(ScopedAdmin):
    """Borrowers of whom something changed since they were judged."""

    list_display = ("borrower", "due_at", "attempts", "last_error")
    list_select_related = ("borrower",)
    ordering = ("due_at", "pk")
    empty_hint = _("Nobody waits. A payment, a contact or a circumstance has its borrower judged again within seconds.")
    fieldsets = ((None, {"fields": ("borrower", ("due_at", "attempts"), "last_error")}),)
