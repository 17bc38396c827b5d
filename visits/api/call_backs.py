"""Doors to call-backs: which borrowers are to be asked whether a visit took place, and what they said."""

from typing import Any

from rest_framework import serializers

from backoffice.core.rest.api import ReadViewSet
from backoffice.core.rest.shapes import LabelField, NumberedField, PersonField
from backoffice.outbox.write_actions import WriteRequest, write_action
from cases.services.casework.wording import REASON_MAX
from visits.api.filters import CallBackFilter
from visits.models import CallBack
from visits.rules.report.call_back import ANSWER, SETTLE
from visits.services.review.call_backs import answer_call_back, settle_fee
from visits.trust_enums import CallBackAnswer


class CallBackSerializer(serializers.ModelSerializer[CallBack]):
    """One borrower to be asked, by `due_on`. The fee of the visit waits for the answer."""

    number = NumberedField()
    order_number = serializers.CharField(source="order.__str__", read_only=True)
    case = serializers.PrimaryKeyRelatedField[Any](source="order.case", read_only=True)
    cause_label = LabelField("cause")
    state_label = LabelField("state")
    answer_label = LabelField("answer")
    fee_label = LabelField("fee")
    answered_by = PersonField()
    settled_by = PersonField()

    class Meta:
        model = CallBack
        fields: tuple[str, ...] = (
            "id",
            "number",
            "order",
            "order_number",
            "case",
            "cause",
            "cause_label",
            "state",
            "state_label",
            "due_on",
            "answer",
            "answer_label",
            "permit_ref",
            "answered_by",
            "answered_at",
            "fee",
            "fee_label",
            "settled_by",
            "opened_at",
        )
        read_only_fields = fields


class CallBackInput(serializers.Serializer[Any]):
    """What the borrower said, and the permit that they were called with; none where they could not be reached."""

    answer = serializers.ChoiceField(choices=CallBackAnswer.choices)
    permit_ref = serializers.CharField(max_length=40, required=False, allow_blank=True, default="")


class FeeInput(serializers.Serializer[Any]):
    """Whether the fee is paid, and why."""

    is_paid = serializers.BooleanField()
    reason = serializers.CharField(max_length=REASON_MAX)


class CallBackViewSet(ReadViewSet):
    """Call-backs, for the lender's own people and programs; outside firms see none."""

    model = CallBack
    permissions = {
        "list": "visits.view_callback",
        "retrieve": "visits.view_callback",
        "answer": ANSWER,
        "settle": SETTLE,
    }
    scopes = {"list": "visits:read", "retrieve": "visits:read"}
    related = ("order", "answered_by", "settled_by")
    serializer_class = CallBackSerializer
    filterset_class = CallBackFilter

    @write_action(takes=CallBackInput, gives=CallBackSerializer, summary="Record what a borrower said about a visit")
    def answer(self, call: WriteRequest) -> Any:
        """Record the answer with the permit of the call; the fee of the visit is earned, or waits on."""
        return answer_call_back(call_back=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(takes=FeeInput, gives=CallBackSerializer, summary="Settle the fee of a visit that a borrower denies")
    def settle(self, call: WriteRequest) -> Any:
        """Settle the fee where the borrower says that nobody came; another person than who recorded that."""
        return settle_fee(call_back=call.record, **call.given, actor=call.actor, at=call.at)
