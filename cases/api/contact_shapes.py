"""Serializers of contact permits, breaches, wishes about times, and refused numbers. They hold no personal data."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backoffice.core.rest.shapes import LabelField
from cases.enums import ContactRule, ContactSourceKind, FlagKind
from cases.models import ContactBreach, ContactPermit, ContactStop, ContactWish
from cases.rules.contact_budget.refusals import from_kept


class ContactRefusalSerializer(serializers.Serializer[Any]):
    """One rule that refuses, its clause, the first instant at which it no longer does, and what to do."""

    rule = serializers.ChoiceField(choices=ContactRule.choices)
    clause = serializers.CharField()
    until = serializers.DateTimeField(allow_null=True, help_text="Null if time alone lifts nothing.")
    circumstance = serializers.ChoiceField(choices=FlagKind.choices, allow_null=True)
    message = serializers.CharField()


class PermitSerializer(serializers.ModelSerializer[ContactPermit]):
    """The answer to one question whether a person may be contacted."""

    borrower_ref = serializers.CharField(source="borrower.external_ref", read_only=True)
    channel_label = LabelField("channel")
    purpose_label = LabelField("purpose")
    phone_ref = serializers.CharField(source="phone.external_ref", read_only=True, allow_null=True, default=None)
    related_ref = serializers.CharField(source="related.external_ref", read_only=True, allow_null=True, default=None)
    state_label = LabelField("state")
    granted = serializers.BooleanField(read_only=True)
    refusals = serializers.SerializerMethodField()

    class Meta:
        model = ContactPermit
        fields: tuple[str, ...] = (
            "id",
            "reference",
            "request_id",
            "borrower",
            "borrower_ref",
            "channel",
            "channel_label",
            "purpose",
            "purpose_label",
            "phone_ref",
            "related_ref",
            "state",
            "state_label",
            "granted",
            "asked_at",
            "valid_until",
            "refusals",
            "policy_version",
            "used_by",
        )
        read_only_fields = fields

    @extend_schema_field(ContactRefusalSerializer(many=True))
    def get_refusals(self, permit: ContactPermit) -> Any:
        found = [from_kept(kept) for kept in permit.refusals]
        return ContactRefusalSerializer(
            [
                {
                    "rule": each.rule,
                    "clause": each.source,
                    "until": each.until,
                    "circumstance": each.about,
                    "message": str(each.words),
                }
                for each in found
            ],
            many=True,
        ).data


class BreachSerializer(serializers.ModelSerializer[ContactBreach]):
    """One thing that was wrong with a contact that was made."""

    borrower_ref = serializers.CharField(source="borrower.external_ref", read_only=True)
    kind_label = LabelField("kind")
    channel_label = LabelField("channel")
    source_kind = serializers.ChoiceField(source="source.kind", choices=ContactSourceKind.choices, read_only=True)
    source_name = serializers.CharField(source="source.name", read_only=True)

    class Meta:
        model = ContactBreach
        fields: tuple[str, ...] = (
            "id",
            "borrower",
            "borrower_ref",
            "kind",
            "kind_label",
            "source_kind",
            "source_name",
            "contact_ref",
            "channel",
            "channel_label",
            "attempted_at",
            "permit_ref",
            "created_at",
        )
        read_only_fields = fields


class WishSerializer(serializers.ModelSerializer[ContactWish]):
    """A borrower's wish about the times of contact."""

    borrower_ref = serializers.CharField(source="borrower.external_ref", read_only=True)
    kind_label = LabelField("kind")

    class Meta:
        model = ContactWish
        fields: tuple[str, ...] = (
            "id",
            "borrower",
            "borrower_ref",
            "kind",
            "kind_label",
            "opens",
            "closes",
            "last_day",
            "evidence_ref",
            "granted_at",
            "ended_at",
        )
        read_only_fields = fields


class StopSerializer(serializers.ModelSerializer[ContactStop]):
    """A number at which somebody other than the borrower refused contact; it is not shown."""

    borrower_ref = serializers.CharField(source="borrower.external_ref", read_only=True)
    related_ref = serializers.CharField(source="related.external_ref", read_only=True, allow_null=True, default=None)

    class Meta:
        model = ContactStop
        fields: tuple[str, ...] = ("id", "borrower", "borrower_ref", "related_ref", "evidence_ref", "noted_at")
        read_only_fields = fields
