"""Lists of daily positions and cost rates."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.decorators import display

from backoffice.access.filters import territory_filter
from backoffice.audit.recorded import GlobalRecordedAdmin
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.cells import money
from reports.models import CostRate, DailyPosition


@admin.register(DailyPosition)
class DailyPositionAdmin(ScopedAdmin):
    """The portfolio at the end of each business date."""

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
class CostRateAdmin(GlobalRecordedAdmin):
    """What a contact attempt costs where it has no cost of its own."""

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
