"""What the sweep for visits passed over: one line for each territory, day and reason."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.access.filters import territory_filter
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.cells import chip, tones
from visits.models import SweepLine

REASON_TONES = tones(
    SweepLine.Reason,
    danger=[SweepLine.Reason.NO_AGENCY, SweepLine.Reason.SHARE_CAP],
    warning=[SweepLine.Reason.FEW_AGENCIES, SweepLine.Reason.NO_ADDRESS],
)


@admin.register(SweepLine)
class SweepLineAdmin(ScopedAdmin):
    """Why cases that need a visit have no draft, or were placed with a warning; the newest day first."""

    list_display = ("business_date", "territory", "reason_chip", "cases", "updated_at")
    list_select_related = ("territory",)
    list_filter = (("reason", ChoicesDropdownFilter), territory_filter("territory"))
    ordering = ("-business_date", "-cases", "pk")
    empty_hint = _("The sweep has passed over no case. It looks every ten minutes for cases that need a visit.")
    fieldsets = ((None, {"fields": (("business_date", "territory"), ("reason_chip", "cases"), "updated_at")}),)

    @admin.display(description=_("reason"), ordering="reason")
    def reason_chip(self, record: SweepLine) -> Any:
        return chip(record, "reason", REASON_TONES)
