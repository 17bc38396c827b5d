"""Filters of the case list: owner and due dates."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.contrib.filters.admin import DropdownFilter

from cases.enums import CaseStage


class OwnerFilter(DropdownFilter):
    """My cases, or those that nobody has taken. No list of colleagues: names are not for browsing."""

    title = _("owner")
    parameter_name = "whose"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("mine", _("Mine")), ("nobody", _("Nobody's"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "mine":
            return queryset.filter(owner=request.user)
        return queryset.filter(owner__isnull=True) if self.value() == "nobody" else queryset


class DueFilter(DropdownFilter):
    """Cases by their due dates."""

    title = pgettext_lazy("deadline", "due")
    parameter_name = "due"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("late", _("Past its deadline")),
            ("today", _("Action due by today")),
            ("visit", _("Needs a visit")),
            ("open", _("All open ones")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        today = timezone.localdate()
        rows = queryset.exclude(stage=CaseStage.CLOSED) if self.value() else queryset
        if self.value() == "late":
            return rows.filter(sla_due_on__lt=today)
        if self.value() == "today":
            return rows.filter(next_action_on__lte=today)
        return rows.filter(needs_visit_by__isnull=False) if self.value() == "visit" else rows
