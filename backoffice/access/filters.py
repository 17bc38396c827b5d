"""Filters of lists by territory: only those that the person may see are offered."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter

from backoffice.access.models import Territory


class TerritoryFilter(DropdownFilter):
    """Rows of one territory. The list itself is scoped already; this only narrows it."""

    title = _("territory")
    parameter_name = "territory"
    path = "territory"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the territories that the person may see."""
        territories = Territory.objects.visible_to(request.user).order_by("code", "pk")
        return [(territory.code, str(territory)) for territory in territories]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Return the rows of the chosen territory, or all of them."""
        return queryset.filter(**{f"{self.path}__code": self.value()}) if self.value() else queryset


def territory_filter(path: str) -> type[TerritoryFilter]:
    """Return the filter for rows whose territory stands at the lookup `path`."""
    return type("TerritoryFilter", (TerritoryFilter,), {"path": path})
