"""How the papers of a report look from outside: masked, and to outside firms without what the lender knows and finds."""

from typing import Any

from rest_framework import serializers

from visits.api.visit_shapes import LenderOnly
from visits.enums import DocumentKind, DocumentVerdict, PaperReason, SupportReason


class PaperCheckSerializer(serializers.Serializer[Any]):
    """One thing that the rules found: codes and words, never a value."""

    verdict = serializers.ChoiceField(choices=DocumentVerdict.choices)
    verdict_label = serializers.CharField(source="verdict.label")
    reason = serializers.ChoiceField(choices=PaperReason.choices)
    reason_label = serializers.CharField(source="reason.label")


class PaperLineSerializer(LenderOnly):
    """One field of a paper: as the lender has it, as the crew read it, and what the rules found."""

    lender_only = ("stated", "checks")

    field = serializers.CharField(source="name")
    field_label = serializers.CharField(source="label")
    stated = serializers.CharField(allow_null=True, help_text="Masked. Null to agencies and crews.")
    seen = serializers.CharField(help_text="Masked.")
    checks = PaperCheckSerializer(many=True, allow_null=True, help_text="Null to agencies and crews.")


class PaperSerializer(LenderOnly):
    """A paper that the borrower showed."""

    lender_only = ("is_sound",)

    kind = serializers.ChoiceField(choices=DocumentKind.choices, source="paper.kind")
    kind_label = serializers.CharField(source="document.get_kind_display")
    verdict = serializers.ChoiceField(
        choices=DocumentVerdict.choices, source="paper.verdict", help_text="As the crew says."
    )
    verdict_label = serializers.CharField(source="document.get_verdict_display")
    issuer = serializers.CharField(source="document.issuer")
    issued_on = serializers.DateField(source="document.issued_on", allow_null=True)
    is_sound = serializers.BooleanField(
        allow_null=True,
        help_text="Whether it can establish anything: seen, read, and no check doubts. Null to agencies and crews.",
    )
    lines = PaperLineSerializer(many=True)


class SupportSerializer(serializers.Serializer[Any]):
    """Whether the verdict of a section can be written, and why."""

    is_supported = serializers.BooleanField()
    reason = serializers.ChoiceField(choices=SupportReason.choices)
    reason_label = serializers.CharField(source="reason.label")
