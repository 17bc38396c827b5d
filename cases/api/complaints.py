"""REST access to complaints, disputes, appeals and requests for an explanation."""

from typing import Any

from backoffice.core.rest.api import ReadViewSet
from backoffice.core.rest.shapes import ReasonInput
from backoffice.outbox.write_actions import WriteRequest, write_action
from cases.api.decision_shapes import (
    ComplaintSerializer,
)
from cases.api.filters import (
    ComplaintFilter,
)
from cases.api.inputs import (
    AnswerInput,
    ComplaintInput,
    ReopenInput,
)
from cases.models import Complaint
from cases.services.decisions import (
    complaint_extension,
    complaint_reopening,
    complaints,
)


class ComplaintViewSet(ReadViewSet):
    """Complaints, disputes and appeals, answered within 15 days by somebody who took no part."""

    model = Complaint
    permissions = {
        "list": "cases.view_complaint",
        "retrieve": "cases.view_complaint",
        "create": "cases.receive_complaint",
        "acknowledge": "cases.receive_complaint",
        "answer": "cases.decide_complaint",
        "put_off": "cases.decide_complaint",
        "reopen": "cases.receive_complaint",
    }
    scopes = {"list": "cases:read", "retrieve": "cases:read", "create": "portfolio:write"}
    related = ("received_by", "answered_by")
    serializer_class = ComplaintSerializer
    filterset_class = ComplaintFilter

    @write_action(
        takes=ComplaintInput,
        gives=ComplaintSerializer,
        detail=False,
        path="",
        status=201,
        summary="Receive a complaint",
    )
    def create(self, call: WriteRequest) -> Any:
        """Record what a borrower complains of. Until it is answered, its subject is paused."""
        return complaints.receive_complaint(**call.given, actor=call.actor, at=call.at)

    @write_action(gives=ComplaintSerializer, summary="Acknowledge receipt")
    def acknowledge(self, call: WriteRequest) -> Any:
        """Note that the borrower was informed that their complaint arrived."""
        return complaints.acknowledge_complaint(complaint=call.record, actor=call.actor, at=call.at)

    @write_action(takes=AnswerInput, gives=ComplaintSerializer, summary="Answer a complaint")
    def answer(self, call: WriteRequest) -> Any:
        """Answer a complaint; an upheld appeal reverses its decision, or rejects it while it is a proposal."""
        return complaints.answer_complaint(complaint=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(takes=ReasonInput, gives=ComplaintSerializer, summary="Put the answer off")
    def put_off(self, call: WriteRequest) -> Any:
        """Put the answer off to the thirtieth day after the receipt, once; the borrower is told the reason."""
        return complaint_extension.put_off_answer(complaint=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(takes=ReopenInput, gives=ComplaintSerializer, status=201, summary="The answer is not accepted")
    def reopen(self, call: WriteRequest) -> Any:
        """Receive an answered complaint once more, within 60 days; yet another person answers it."""
        return complaint_reopening.reopen_complaint(complaint=call.record, **call.given, actor=call.actor, at=call.at)
