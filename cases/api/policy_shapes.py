"""REST shapes of policies: versions, terms, findings of the checks, and differences."""

from typing import Any

from rest_framework import serializers

from backoffice.core.rest.shapes import LabelField, PersonField, VisibleField
from cases.models import PolicyTerm, PolicyVersion
from cases.rules.policy.diff_lines import Mark
from cases.rules.policy.findings import FindingKind, Severity
from cases.services.policies.versions import LONGEST_SEGMENT


class VersionSerializer(serializers.ModelSerializer[PolicyVersion]):
    """One version of a segment's policy; the empty segment is everybody without a policy of their own."""

    segment = serializers.CharField(source="policy.segment", read_only=True)
    state_label = LabelField("state")
    proposed_by = PersonField()
    approved_by = PersonField()

    class Meta:
        model = PolicyVersion
        fields: tuple[str, ...] = (
            "id",
            "segment",
            "number",
            "state",
            "state_label",
            "note",
            "review_note",
            "based_on",
            "effective_from",
            "proposed_by",
            "approved_by",
            "approved_at",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields


class TermSerializer(serializers.ModelSerializer[PolicyTerm]):
    """The business dates on which a version was in force: from the first, before the second; null is no end."""

    version = serializers.IntegerField(source="version.number", read_only=True, help_text="Number of the version.")
    set_by = PersonField()

    class Meta:
        model = PolicyTerm
        fields = ("id", "version", "effective_from", "effective_until", "set_by", "reason", "created_at")
        read_only_fields = fields


class AcceptedSerializer(serializers.Serializer[Any]):
    """A warning that the proposer took upon themselves."""

    kind = serializers.CharField()
    paths = serializers.ListField(child=serializers.CharField())
    codes = serializers.ListField(child=serializers.CharField())


class VersionDetailSerializer(VersionSerializer):
    """A version with its rules as written."""

    body = serializers.JSONField(read_only=True, help_text="The policy itself (docs/policies.md).")
    accepted_warnings = AcceptedSerializer(many=True, read_only=True)

    class Meta(VersionSerializer.Meta):
        fields = (*VersionSerializer.Meta.fields, "accepted_warnings", "body")
        read_only_fields = fields


class FindingSerializer(serializers.Serializer[Any]):
    """What a static check found. Errors are refused on submission, warnings must be accepted."""

    kind = serializers.CharField(help_text=f"One of {', '.join(FindingKind)}.")
    severity = serializers.ChoiceField(choices=[str(severity) for severity in Severity])
    paths = serializers.ListField(child=serializers.CharField(), help_text="Places in the body, the main one first.")
    codes = serializers.ListField(child=serializers.CharField(), help_text="The rules it is about.")
    message = serializers.CharField()
    example = serializers.DictField(
        allow_null=True, help_text="Facts for which it shows; amounts in the policy's currency."
    )


class LineSerializer(serializers.Serializer[Any]):
    """A condition or setting before and after; empty where it is not."""

    mark = serializers.ChoiceField(choices=[str(mark) for mark in Mark])
    label = serializers.CharField()  # type: ignore[assignment]  # a field's own name for the form, which is none here
    old = serializers.CharField()
    new = serializers.CharField()
    old_path = serializers.CharField()
    new_path = serializers.CharField()


class RuleDiffSerializer(serializers.Serializer[Any]):
    """A rule before and after."""

    mark = serializers.ChoiceField(choices=[str(mark) for mark in Mark])
    section = serializers.CharField()
    code = serializers.CharField()
    is_moved = serializers.BooleanField()
    head = LineSerializer(many=True)
    conditions = LineSerializer(many=True)


class PolicyDifferenceSerializer(serializers.Serializer[Any]):
    """Two policies side by side; lines that are the same are there as well."""

    is_empty = serializers.BooleanField()
    settings = LineSerializer(many=True)
    gate = LineSerializer(many=True)
    rules = RuleDiffSerializer(many=True)


class PolicyDifferenceInput(serializers.Serializer[Any]):
    """The version to compare with."""

    against = VisibleField(
        PolicyVersion,
        required=False,
        allow_null=True,
        default=None,
        help_text="Id of the older version; without it the one in force for the same segment.",
    )


class DraftInput(serializers.Serializer[Any]):
    """A whole policy and what is new in it."""

    body = serializers.JSONField(help_text="The policy (docs/policies.md).")
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    segment = serializers.CharField(max_length=LONGEST_SEGMENT, required=False, allow_blank=True, default="")
    based_on = VisibleField(
        PolicyVersion, required=False, allow_null=True, default=None, help_text="Id of the version it came from."
    )


class RevisionInput(serializers.Serializer[Any]):
    """The draft anew."""

    body = serializers.JSONField(help_text="The policy (docs/policies.md).")
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    expected_updated_at = serializers.DateTimeField(
        required=False,
        allow_null=True,
        default=None,
        help_text="`updated_at` as you read it: refused (409) if somebody has saved since.",
    )


class SubmissionInput(serializers.Serializer[Any]):
    """Whether the warnings of the checks are accepted."""

    accept_warnings = serializers.BooleanField(required=False, default=False)


class ActivationInput(serializers.Serializer[Any]):
    """From which business date. A day to come is waited for."""

    effective_from = serializers.DateField()


class RollBackInput(ActivationInput):
    """From which business date, and why."""

    reason = serializers.CharField(max_length=300)
