"""How answers to letters look from outside: codes and instants. What borrowers write stays in the back office."""

from typing import Any

from rest_framework import serializers

from backoffice.core.rest.shapes import LabelField, NumberedField, PersonField
from visits.enums import AnswerOutcome
from visits.models import LetterAnswer


class LetterAnswerSerializer(serializers.ModelSerializer[LetterAnswer]):
    """One answer to the letter of a visit. Without the proof RIGHT it may be anybody's."""

    number = NumberedField()
    order_number = serializers.CharField(source="order.__str__", read_only=True)
    case = serializers.PrimaryKeyRelatedField[Any](source="order.case", read_only=True)
    kind_label = LabelField("kind")
    proof_label = LabelField("proof")
    outcome_label = LabelField("outcome")
    handled_by = PersonField()

    class Meta:
        model = LetterAnswer
        fields: tuple[str, ...] = (
            "id",
            "number",
            "order",
            "order_number",
            "case",
            "kind",
            "kind_label",
            "proof",
            "proof_label",
            "is_late",
            "holds",
            "wished_from",
            "wished_until",
            "by_video",
            "complaint",
            "paper_kind",
            "paper_state",
            "received_at",
            "handled_at",
            "handled_by",
            "outcome",
            "outcome_label",
        )
        read_only_fields = fields


class HandledInput(serializers.Serializer[Any]):
    """What a person found about an answer, and what was done."""

    outcome = serializers.ChoiceField(choices=AnswerOutcome.choices)
    done = serializers.CharField(max_length=500, help_text="Kept sealed.")
