"""What surrounds a visit order: the filter by planned day, its check-ins and its reports."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from backoffice.core.pages.admin import ScopedInline
from backoffice.core.pages.cells import EMPTY, words
from visits.enums import Finding
from visits.models import CheckIn, VisitReport


class DayFilter(DropdownFilter):
    """What is on today's or tomorrow's plan."""

    title = _("planned for")
    parameter_name = "day"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("0", _("Today")), ("1", _("Tomorrow")), ("none", _("Not planned yet"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() == "none":
            return queryset.filter(window_start__isnull=True)
        if self.value() in ("0", "1"):
            midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
            start = midnight + timedelta(days=int(self.value()))
            return queryset.filter(window_start__gte=start, window_start__lt=start + timedelta(days=1))
        return queryset


class CheckInInline(ScopedInline):
    model = CheckIn
    ordering = ("happened_at", "pk")
    fields = ("moment", "member", "happened_at", "received_at", "phone", "away", "accurate_to", "mock_location")

    @admin.display(description=_("device"))
    def phone(self, check_in: CheckIn) -> str:
        return str(_("by a program")) if check_in.device is None else check_in.device.label

    @admin.display(description=_("distance from the address"))
    def away(self, check_in: CheckIn) -> str:
        return EMPTY if check_in.distance_m is None else _("{m} m").format(m=round(check_in.distance_m))

    @admin.display(description=_("accurate to"))
    def accurate_to(self, check_in: CheckIn) -> str:
        return EMPTY if check_in.accuracy_m is None else _("{m} m").format(m=round(check_in.accuracy_m))


class ReportInline(ScopedInline):
    model = VisitReport
    show_change_link = True
    ordering = ("-version", "-pk")
    fields = ("version", "found", "person_met", "recommendation", "submitted_at")

    @admin.display(description=_("findings"))
    def found(self, report: VisitReport) -> str:
        return words(report.findings, Finding)
