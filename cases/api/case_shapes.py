"""Serializers of cases and verifications."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backoffice.core.rest.shapes import LabelField, NumberedField, PersonField
from cases.models import Case, CaseEvent, Verification, VerifiedFact
from cases.selectors.casework.explanations import why
from cases.selectors.casework.people import others_of_case


class HitSerializer(serializers.Serializer[Any]):
    """One reason that holds for one account: since when, why, and what would end it."""

    rule = serializers.CharField(help_text="Code of the reason in the policy version.")
    title = serializers.CharField(help_text="The reason's name.")
    account_ref = serializers.CharField()
    linked_borrower_ref = serializers.CharField(
        source="linked.external_ref",
        default=None,
        allow_null=True,
        help_text="The other borrower of the same person whose account it is; null for the case's own borrower.",
    )
    entered_on = serializers.DateField()
    muted = serializers.BooleanField()
    policy_version = serializers.IntegerField(
        source="policy_number", help_text="Number of the policy version that found it."
    )
    why = serializers.ListField(
        source="because", child=serializers.CharField(), help_text="The facts on entry, one sentence for each part."
    )
    what_would_close = serializers.ListField(
        source="ends_when",
        child=serializers.CharField(),
        help_text="Any one of these ends the reason; values of `facts_on`.",
    )
    facts_on = serializers.DateField(allow_null=True, help_text="Day of the newest facts; null where none are kept.")


class CaseSerializer(serializers.ModelSerializer[Case]):
    """One person who needs attention, at one of their borrowers."""

    number = NumberedField()
    borrower_ref = serializers.CharField(source="borrower.external_ref", read_only=True)
    territory = serializers.CharField(source="territory.code", read_only=True, help_text="Code of the territory.")
    stage_label = LabelField("stage")
    grade_label = LabelField("grade")
    priority_label = LabelField("priority")
    owner = PersonField(help_text="Who works the case.")
    owner_id = serializers.IntegerField(read_only=True, allow_null=True)
    close_reason_label = LabelField("close_reason")
    policy_version = serializers.IntegerField(source="policy_version.number", read_only=True)

    class Meta:
        model = Case
        fields: tuple[str, ...] = (
            "id",
            "number",
            "borrower",
            "borrower_ref",
            "territory",
            "stage",
            "stage_label",
            "grade",
            "grade_label",
            "priority",
            "priority_label",
            "owner",
            "owner_id",
            "opened_on",
            "sla_due_on",
            "needs_visit_by",
            "next_action_on",
            "held_until",
            "closed_on",
            "close_reason",
            "close_reason_label",
            "policy_version",
            "updated_at",
        )
        read_only_fields = fields


class CaseDetailSerializer(CaseSerializer):
    """One case with the reasons that hold."""

    linked_borrower_refs = serializers.SerializerMethodField(
        help_text="The other borrowers of the same person that the caller may see; the case is for all of them."
    )
    hits = serializers.SerializerMethodField(
        help_text="Reasons that hold for any borrower of the person that the caller may see; null where the role may not see them."
    )

    class Meta(CaseSerializer.Meta):
        fields: tuple[str, ...] = (*CaseSerializer.Meta.fields, "linked_borrower_refs", "hits")

    @extend_schema_field(HitSerializer(many=True, allow_null=True))
    def get_hits(self, case: Case) -> Any:
        request = self.context["request"]
        if request.auth is None and not request.user.has_perm("cases.view_triggerhit"):
            return None
        return HitSerializer(why(case=case, user=request.user).reasons, many=True).data

    def get_linked_borrower_refs(self, case: Case) -> list[str]:
        return [borrower.external_ref for borrower in others_of_case(case=case, user=self.context["request"].user)]


class CaseEventSerializer(serializers.ModelSerializer[CaseEvent]):
    """One line of a case's timeline, newest first. What officers wrote stays in the back office."""

    kind_label = LabelField("kind")
    actor = PersonField(help_text="Who did it; null is the system.")
    details = serializers.JSONField(source="body", read_only=True, help_text="Codes and values.")
    has_note = serializers.SerializerMethodField()

    class Meta:
        model = CaseEvent
        fields: tuple[str, ...] = ("id", "kind", "kind_label", "at", "business_date", "actor", "details", "has_note")

    def get_has_note(self, event: CaseEvent) -> bool:
        return event.note_ref is not None


class VerifiedFactSerializer(serializers.ModelSerializer[VerifiedFact]):
    """One section's verdict, how sure it is (0 to 1), and until when it counts."""

    section_label = LabelField("section")
    verdict_label = LabelField("verdict")

    class Meta:
        model = VerifiedFact
        fields: tuple[str, ...] = (
            "section",
            "section_label",
            "verdict",
            "verdict_label",
            "confidence",
            "evidence",
            "expires_on",
        )


class VerificationSerializer(serializers.ModelSerializer[Verification]):
    """What was established about a borrower on one occasion."""

    source_label = LabelField("source")
    findings = serializers.ListField(child=serializers.CharField(), read_only=True, help_text="Codes of findings.")
    recorded_by = PersonField()
    facts = VerifiedFactSerializer(many=True, read_only=True)

    class Meta:
        model = Verification
        fields: tuple[str, ...] = (
            "id",
            "borrower",
            "case",
            "source",
            "source_label",
            "source_ref",
            "findings",
            "right_party_met",
            "cooperative",
            "verified_on",
            "recorded_by",
            "created_at",
            "facts",
        )
        read_only_fields = fields
