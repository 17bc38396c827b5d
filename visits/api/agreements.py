"""Doors to what borrowers agreed to about visits."""

from typing import Any

from backoffice.core.rest.api import ReadViewSet
from backoffice.outbox.write_actions import WriteRequest, write_action
from visits.api.agreement_shapes import AgreementInput, VisitAgreementSerializer, WithdrawalInput
from visits.api.filters import VisitAgreementFilter
from visits.models import VisitAgreement
from visits.services.answers import agreements


class VisitAgreementViewSet(ReadViewSet):
    """Times outside of the hours of visits and places to which a borrower agreed; outside firms see none."""

    model = VisitAgreement
    permissions = {
        "list": "visits.view_visitagreement",
        "retrieve": "visits.view_visitagreement",
        "create": agreements.RECORD,
        "withdraw": agreements.WITHDRAW,
    }
    scopes = {"list": "visits:read", "retrieve": "visits:read"}
    related = ("order", "recorded_by", "withdrawn_by")
    serializer_class = VisitAgreementSerializer
    filterset_class = VisitAgreementFilter

    @write_action(
        takes=AgreementInput,
        gives=VisitAgreementSerializer,
        detail=False,
        path="",
        status=201,
        summary="Record what a borrower agreed to about visits",
    )
    def create(self, call: WriteRequest) -> Any:
        """Record a time or a place with its evidence. People of the lender only: no program, no agency, no crew."""
        return agreements.record_agreement(**call.given, actor=call.actor, at=call.at)

    @write_action(takes=WithdrawalInput, gives=VisitAgreementSerializer, summary="Record that it was withdrawn")
    def withdraw(self, call: WriteRequest) -> Any:
        """Withdraw it, and what says the same. Visits that rest on it are called off within seconds."""
        return agreements.withdraw_agreement(agreement=call.record, **call.given, actor=call.actor, at=call.at)
