"""Filters of the list of decisions."""

from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.contrib.filters.admin import DropdownFilter

from cases.enums import DecisionState
from cases.selectors.casework.approvals import overdue_proposals
from cases.selectors.casework.waiting_decisions import waiting_for


class WaitingFilter(DropdownFilter):
    """Proposals that wait for an approver; for people who approve also those that wait for themselves."""

    title = pgettext_lazy("proposals", "waiting")
    parameter_name = "waiting"
    MINE = "mine"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        mine = [(self.MINE, _("For my approval"))] if request.user.has_perm("cases.approve_decision") else []
        return [*mine, ("overdue", _("Not decided in time")), ("second", _("For a second approver"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == self.MINE:
            return queryset.filter(pk__in=waiting_for(user=request.user).values("pk"))
        if self.value() == "overdue":
            return queryset.filter(overdue_proposals(on=timezone.localdate()))
        first = queryset.filter(state=DecisionState.PROPOSED, approved_by__isnull=False)
        return first if self.value() == "second" else queryset
