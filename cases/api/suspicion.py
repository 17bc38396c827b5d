"""Doors to suspicion signals: what makes stated facts doubtful, and what was found of each."""

from typing import Any

from rest_framework import serializers

from backoffice.core.rest.api import ReadViewSet
from backoffice.core.rest.shapes import LabelField, PersonField
from backoffice.outbox.write_actions import WriteRequest, write_action
from cases.api.filters import SuspicionSignalFilter
from cases.models import SuspicionSignal
from cases.services.casework.suspicion import ANSWER, answer_signal
from cases.services.casework.wording import REASON_MAX
from cases.signal_enums import SignalAnswer


class SuspicionSignalSerializer(serializers.ModelSerializer[SuspicionSignal]):
    """A sign that stated facts do not fit: a reason to verify, never a finding about a person."""

    borrower_ref = serializers.CharField(source="borrower.external_ref", read_only=True)
    kind_label = LabelField("kind")
    answer_label = LabelField("answer")
    answered_by = PersonField()

    class Meta:
        model = SuspicionSignal
        fields: tuple[str, ...] = (
            "id",
            "external_ref",
            "borrower",
            "borrower_ref",
            "kind",
            "kind_label",
            "source",
            "confidence",
            "noticed_on",
            "cleared_on",
            "answer",
            "answer_label",
            "answered_in",
            "answered_by",
            "answer_reason",
            "counts_until",
            "created_at",
        )
        read_only_fields = fields


class SignalAnswerInput(serializers.Serializer[Any]):
    """What was found of a signal, and how that is known."""

    answer = serializers.ChoiceField(choices=SignalAnswer.choices)
    reason = serializers.CharField(max_length=REASON_MAX)


class SuspicionSignalViewSet(ReadViewSet):
    """Suspicion signals of the lender's models, files and desk, and those of contradictions."""

    model = SuspicionSignal
    permissions = {
        "list": "cases.view_suspicionsignal",
        "retrieve": "cases.view_suspicionsignal",
        "answer": ANSWER,
    }
    scopes = {"list": "cases:read", "retrieve": "cases:read"}
    related = ("borrower", "answered_by")
    serializer_class = SuspicionSignalSerializer
    filterset_class = SuspicionSignalFilter

    @write_action(takes=SignalAnswerInput, gives=SuspicionSignalSerializer, summary="Answer a suspicion signal")
    def answer(self, call: WriteRequest) -> Any:
        """Answer it with a reason; it asks for no visit any more. Signals of contradictions are settled there."""
        return answer_signal(signal=call.record, **call.given, actor=call.actor, at=call.at)
