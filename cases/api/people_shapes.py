"""Serializers of suggestions that borrowers are one person. Personal data is masked."""

from typing import Any

from rest_framework import serializers

from backoffice.core.rest.shapes import LabelField, NumberedField, PersonField
from cases.models import MergedBorrower, PersonMerge


class MergedBorrowerSerializer(serializers.ModelSerializer[MergedBorrower]):
    """One borrower of a suggestion, masked."""

    external_ref = serializers.CharField(source="borrower.external_ref", read_only=True)
    name = serializers.CharField(source="borrower.masked_name", read_only=True, help_text="Masked.")
    id_number = serializers.CharField(
        source="borrower.masked_id_number", read_only=True, help_text="Masked but for its last four."
    )
    territory = serializers.CharField(source="borrower.territory.code", read_only=True)
    person: Any = serializers.IntegerField(
        source="borrower.person_id", read_only=True, allow_null=True, help_text="The borrower's person now."
    )

    class Meta:
        model = MergedBorrower
        fields: tuple[str, ...] = ("borrower", "external_ref", "name", "id_number", "territory", "person")
        read_only_fields = fields


class PersonMergeSerializer(serializers.ModelSerializer[PersonMerge]):
    """The suggestion that borrowers are one natural person, and what became of it."""

    number = NumberedField()
    ground_label = LabelField("ground")
    state_label = LabelField("state")
    borrowers = MergedBorrowerSerializer(source="members", many=True, read_only=True)
    suggested_by = PersonField(help_text="Null for the rule over identity numbers.")
    decided_by = PersonField()
    reviewed_by = PersonField(help_text="Who undid the merge, or kept it although the numbers differ by now.")

    class Meta:
        model = PersonMerge
        fields: tuple[str, ...] = (
            "id",
            "number",
            "ground",
            "ground_label",
            "state",
            "state_label",
            "names_differ",
            "borrowers",
            "suggested_by",
            "decided_by",
            "decided_at",
            "reviewed_by",
            "reviewed_at",
            "created_at",
        )
        read_only_fields = fields
