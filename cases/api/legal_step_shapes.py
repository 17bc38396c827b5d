"""Input and serializer of the steps of legal recovery."""

from typing import Any

from rest_framework import serializers

from backoffice.core.rest.shapes import LabelField, PersonField
from cases.enums import LegalStepKind
from cases.models import LegalStep


class LegalStepInput(serializers.Serializer[Any]):
    """What happened under a decision for legal recovery."""

    kind = serializers.ChoiceField(choices=LegalStepKind.choices)
    happened_on = serializers.DateField(help_text="Local day, today at the latest.")
    court = serializers.CharField(
        max_length=80, required=False, allow_blank=True, default="", help_text="Of a claim that was filed."
    )
    reference = serializers.CharField(max_length=80, help_text="The message, record or court file that evidences it.")


class LegalStepSerializer(serializers.ModelSerializer[LegalStep]):
    """One step of legal recovery: mediation offered, agreed or failed, the claim filed, or the end."""

    kind_label = LabelField("kind")
    recorded_by = PersonField()

    class Meta:
        model = LegalStep
        fields: tuple[str, ...] = (
            "id",
            "decision",
            "kind",
            "kind_label",
            "happened_on",
            "court",
            "reference",
            "recorded_by",
            "created_at",
        )
        read_only_fields = fields
