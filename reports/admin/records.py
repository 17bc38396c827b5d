"""Lists of the roof's own records."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, FieldTextFilter, RangeDateFilter
from unfold.decorators import display

from backoffice.access.filters import territory_filter
from backoffice.audit.recorded import RecordedAdmin
from backoffice.core.admin import ScopedAdmin
from backoffice.core.cells import chip, linked, money, tones
from reports.models import CostRate, DailyPosition, ExperimentArm, ExportJob


@admin.register(DailyPosition)
class DailyPositionAdmin(ScopedAdmin):
    """The portfolio at the end of each day."""

    list_display = ("business_date", "territory", "bucket", "account_count", "owed", "late", "open_cases")
    list_select_related = ("territory",)
    list_filter = (("business_date", RangeDateFilter), territory_filter("territory"), "bucket", "currency")
    fields = ("business_date", "territory", "currency", "bucket", "account_count", "owed", "late", "open_cases")
    readonly_fields = fields
    ordering = ("-business_date", "territory", "currency", "bucket", "pk")
    empty_hint = _("The first position is written in the early morning after the first day.")

    @display(description=_("outstanding"), ordering="outstanding")
    def owed(self, position: DailyPosition) -> str:
        return money(position.outstanding, position.currency)

    @display(description=_("arrears"), ordering="arrears")
    def late(self, position: DailyPosition) -> str:
        return money(position.arrears, position.currency)


@admin.register(CostRate)
class CostRateAdmin(RecordedAdmin):
    """What an attempt costs where the attempt itself does not say."""

    list_display = ("channel_chip", "cost", "valid_from")
    list_filter = (("channel", ChoicesDropdownFilter), "currency")
    fields = ("channel", "amount", "currency", "valid_from")
    ordering = ("channel", "-valid_from", "pk")
    empty_hint = _("Without a rate, attempts that bring no cost of their own count as free. Add one for each channel.")

    @display(description=_("channel"), ordering="channel")
    def channel_chip(self, rate: CostRate) -> str:
        return rate.get_channel_display()

    @display(description=_("cost of one attempt"), ordering="amount")
    def cost(self, rate: CostRate) -> str:
        return f"{rate.currency} {rate.amount.normalize():f}"


@admin.register(ExperimentArm)
class ExperimentArmAdmin(ScopedAdmin):
    """Which borrowers were drawn into which arm."""

    list_display = ("experiment", "borrower_link", "arm_chip", "drawn_on")
    list_select_related = ("borrower",)
    list_filter = (("experiment", FieldTextFilter), ("arm", ChoicesDropdownFilter))
    fields = ("experiment", "borrower_link", "arm_chip", "drawn_on")
    readonly_fields = fields
    empty_hint = _("No experiment runs.")

    @display(description=_("borrower"))
    def borrower_link(self, drawn: ExperimentArm) -> str:
        return linked(drawn.borrower)

    @display(description=_("arm"), ordering="arm")
    def arm_chip(self, drawn: ExperimentArm) -> Any:
        return chip(drawn, "arm", tones(ExperimentArm.Arm, info=["CHAMPION"], warning=["CHALLENGER"]))


@admin.register(ExportJob)
class ExportJobAdmin(ScopedAdmin):
    """Downloads: who asked, for what purpose, who approved."""

    list_display = (
        "created_at",
        "report",
        "purpose",
        "state_chip",
        "requested_by",
        "approved_by",
        "row_count",
        "expires_at",
    )
    list_select_related = ("requested_by", "approved_by")
    list_filter = (("state", ChoicesDropdownFilter),)
    fields = ("report", "purpose", "state_chip", "requested_by", "approved_by", "row_count", "created_at", "expires_at")
    readonly_fields = fields
    empty_hint = _("Nobody has asked for an export.")

    @display(description=_("state"), ordering="state")
    def state_chip(self, job: ExportJob) -> Any:
        return chip(job, "state", tones(ExportJob.State, success=["READY"], danger=["REFUSED"], warning=["REQUESTED"]))
