"""How reports, their sections, evidence and reviews look from outside."""

from typing import Any

from rest_framework import serializers

from backoffice.core.rest.shapes import LabelField
from visits.enums import Finding
from visits.models import Evidence, ReportSection, Review, VisitReport


class SectionSerializer(serializers.ModelSerializer[ReportSection]):
    """One of the four sections of a report."""

    section_label = LabelField("section")
    verdict_label = LabelField("verdict")

    class Meta:
        model = ReportSection
        fields: tuple[str, ...] = ("section", "section_label", "verdict", "verdict_label", "confidence", "note")


class PartsSerializer(serializers.Serializer[Any]):
    """What has arrived of a file that comes in parts. `count` is 0 where no part has."""

    sha256 = serializers.CharField()
    count = serializers.IntegerField()
    there = serializers.ListField(child=serializers.IntegerField())
    missing = serializers.ListField(child=serializers.IntegerField())
    is_attached = serializers.BooleanField(help_text="The whole file is evidence already.")


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    """What is known of one file from the door. The file itself is shown in the back office only."""

    kind_label = LabelField("kind")
    state_label = LabelField("state")
    signals = serializers.JSONField(read_only=True, help_text="What speaks for and against it: code and weight.")

    class Meta:
        model = Evidence
        fields: tuple[str, ...] = (
            "id",
            "external_ref",
            "report",
            "section",
            "kind",
            "kind_label",
            "state",
            "state_label",
            "media_type",
            "byte_count",
            "sha256",
            "taken_at",
            "trust_score",
            "signals",
            "received_at",
        )
        read_only_fields = fields


class ReviewSerializer(serializers.ModelSerializer[Review]):
    """A second person's judgement of a report."""

    verdict_label = LabelField("verdict")

    class Meta:
        model = Review
        fields: tuple[str, ...] = ("verdict", "verdict_label", "quality_score", "problems", "note", "reviewed_at")


class ReportSerializer(serializers.ModelSerializer[VisitReport]):
    """One crew's account of one visit. What was said at the door stays in the back office."""

    order_number = serializers.CharField(source="order.__str__", read_only=True)
    text_marks = serializers.DictField(
        child=serializers.DictField(child=serializers.IntegerField()),
        read_only=True,
        help_text="What was found in the texts, by field: how often each mark.",
    )
    findings = serializers.ListField(child=serializers.ChoiceField(choices=Finding.choices), read_only=True)
    finding_labels = serializers.SerializerMethodField(help_text="The findings in words.")
    person_met_label = LabelField("person_met")
    address_verdict_label = LabelField("address_verdict")
    recommendation_label = LabelField("recommendation")

    class Meta:
        model = VisitReport
        fields: tuple[str, ...] = (
            "id",
            "external_ref",
            "order",
            "order_number",
            "version",
            "findings",
            "finding_labels",
            "person_met",
            "person_met_label",
            "disclosure",
            "identity_factors",
            "entered_home",
            "recording_consent",
            "address_verdict",
            "address_verdict_label",
            "recommendation",
            "recommendation_label",
            "recommendation_reason",
            "contact_started_at",
            "contact_ended_at",
            "attested_by_lead",
            "attested_by_second",
            "incident_codes",
            "text_marks",
            "announced_media",
            "submitted_at",
        )
        read_only_fields = fields

    def get_finding_labels(self, report: VisitReport) -> list[str]:
        return [str(Finding(code).label) for code in report.findings]


class ReportDetailSerializer(ReportSerializer):
    """One report with its sections, what is known of its evidence, and its review."""

    sections = SectionSerializer(many=True, read_only=True)
    evidence = EvidenceSerializer(many=True, read_only=True)
    review = ReviewSerializer(read_only=True, allow_null=True, default=None)

    class Meta(ReportSerializer.Meta):
        fields: tuple[str, ...] = (*ReportSerializer.Meta.fields, "sections", "evidence", "review")
