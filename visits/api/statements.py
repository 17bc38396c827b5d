"""Doors to agencies' monthly statements: an agency reads, disputes and accepts its own."""

from typing import Any

from django.db.models import Prefetch, QuerySet

from backoffice.core.rest.api import ReadViewSet
from backoffice.outbox.write_actions import WriteRequest, write_action
from visits.api.filters import AgencyStatementFilter
from visits.api.statement_shapes import AgencyStatementDetailSerializer, AgencyStatementSerializer, DisputeInput
from visits.models import AgencyStatement, StatementLine
from visits.rules.statement_lifecycle import ANSWER
from visits.selectors.statements import with_sums
from visits.services.agencies.statement_disputes import dispute_line
from visits.services.agencies.statements import accept_statement


class AgencyStatementViewSet(ReadViewSet):
    """What agencies are owed by month. An agency sees its own from the day on which it is sent."""

    model = AgencyStatement
    permissions = {
        "list": "visits.view_agencystatement",
        "retrieve": "visits.view_agencystatement",
        "dispute": ANSWER,
        "accept": ANSWER,
    }
    scopes = {"list": "visits:read", "retrieve": "visits:read", "dispute": "visits:write", "accept": "visits:write"}
    related = ("agency",)
    serializer_class = AgencyStatementSerializer
    detail_serializer_class = AgencyStatementDetailSerializer
    filterset_class = AgencyStatementFilter

    def get_queryset(self) -> QuerySet[Any]:
        rows = with_sums(super().get_queryset())
        if self.action == "list":
            return rows
        return rows.prefetch_related(Prefetch("lines", StatementLine.objects.order_by("done_on", "order", "basis")))

    @write_action(takes=DisputeInput, gives=AgencyStatementDetailSerializer, summary="Dispute a line")
    def dispute(self, call: WriteRequest) -> Any:
        """Dispute one line for the agency. The lender answers it before anything is paid; a line is disputed once."""
        dispute_line(**call.given, actor=call.actor, at=call.at)
        return call.record

    @write_action(gives=AgencyStatementDetailSerializer, summary="Accept a statement")
    def accept(self, call: WriteRequest) -> Any:
        """Accept a statement for the agency; no line can be disputed afterwards."""
        return accept_statement(statement=call.record, actor=call.actor, at=call.at)
