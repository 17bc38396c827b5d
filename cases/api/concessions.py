"""REST access to concession budgets and waivers, and the core's answers about waivers."""

from typing import Any

import django_filters.rest_framework as filters
from django.db.models import QuerySet

from backoffice.core.rest.api import ReadViewSet
from backoffice.core.rest.filtering import CodeFilter, IdFilter, choices
from backoffice.outbox.write_actions import WriteRequest, write_action
from cases.api.concession_shapes import ConcessionBudgetSerializer, WaiverSerializer
from cases.api.inputs import AcknowledgementInput
from cases.enums import BudgetState, WaiverPart, WaiverState
from cases.models import ConcessionBudget, Waiver
from cases.services.decisions.waiver_events import acknowledge_waiver


class ConcessionBudgetFilter(filters.FilterSet):
    state = choices(BudgetState)
    currency = filters.CharFilter(max_length=3)
    on = filters.DateFilter(method="counting_on", label="A day on which the budget counts")

    def counting_on(self, queryset: QuerySet[Any], name: str, value: Any) -> QuerySet[Any]:
        """Keep the budgets whose period holds a day."""
        return queryset.filter(starts_on__lte=value, ends_on__gte=value)


class WaiverFilter(filters.FilterSet):
    budget = IdFilter("budget")
    decision = IdFilter("decision")
    account = IdFilter("account")
    account_ref = CodeFilter("account__external_ref")
    part = choices(WaiverPart)
    state = choices(WaiverState)
    acknowledged = filters.BooleanFilter(
        method="answered", label="False: instructed, and the core has not agreed to it yet"
    )

    def answered(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Keep the waivers that the core was instructed of, by whether it agreed."""
        return queryset.filter(version__gt=0, acknowledged_at__isnull=not value)


class ConcessionBudgetViewSet(ReadViewSet):
    """How much may be waived in a period: available, held by waivers under way, and used by earned ones."""

    model = ConcessionBudget
    permissions = dict.fromkeys(("list", "retrieve"), "cases.view_concessionbudget")
    scopes = dict.fromkeys(("list", "retrieve"), "cases:read")
    related = ("territory", "set_by", "confirmed_by")
    serializer_class = ConcessionBudgetSerializer
    filterset_class = ConcessionBudgetFilter


class WaiverViewSet(ReadViewSet):
    """Waivers of penalty interest and interest, each with the condition under which it counts."""

    model = Waiver
    permissions = dict.fromkeys(("list", "retrieve"), "cases.view_waiver")
    # The core's own answers: no person gives them.
    scopes = {"list": "cases:read", "retrieve": "cases:read", "acknowledge": "terms:write"}
    related = ("account",)
    serializer_class = WaiverSerializer
    filterset_class = WaiverFilter

    @write_action(
        takes=AcknowledgementInput,
        gives=WaiverSerializer,
        detail=False,
        summary="Answer one instruction about a waiver",
    )
    def acknowledge(self, call: WriteRequest) -> Any:
        """Record the amount that the core holds as waived, or why it refuses. The same answer again changes nothing."""
        return acknowledge_waiver(**call.given, actor=call.actor, at=call.at)
