"""How reports, their sections, evidence and reviews look from outside."""

from typing import Any

from django.utils import timezone
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backoffice.core.rest.shapes import LabelField
from visits.api.paper_shapes import PaperSerializer, SupportSerializer
from visits.api.visit_shapes import LenderOnly
from visits.enums import Finding
from visits.models import Evidence, ReportSection, ReportTrust, Review, VisitReport
from visits.services.review.papers import SectionPapers, report_papers


class SectionSerializer(LenderOnly, serializers.ModelSerializer[ReportSection]):
    """One of the four sections of a report, with the papers that were shown for it."""

    lender_only = ("support",)

    section_label = LabelField("section")
    verdict_label = LabelField("verdict")
    support = serializers.SerializerMethodField(
        help_text="Whether this verdict can be written, and why. Null to agencies and crews."
    )
    documents = serializers.SerializerMethodField(help_text="Papers that were shown; values are masked.")

    class Meta:
        model = ReportSection
        fields: tuple[str, ...] = (
            "section",
            "section_label",
            "verdict",
            "verdict_label",
            "confidence",
            "note",
            "support",
            "documents",
        )

    @extend_schema_field(SupportSerializer(allow_null=True))
    def get_support(self, section: ReportSection) -> dict[str, Any]:
        return dict(SupportSerializer(self._papers(section).support).data)

    @extend_schema_field(PaperSerializer(many=True))
    def get_documents(self, section: ReportSection) -> list[Any]:
        return list(PaperSerializer(self._papers(section).papers, many=True, context=self.context).data)

    def _papers(self, section: ReportSection) -> SectionPapers:
        found: SectionPapers = self.context["section_papers"][section.section]
        return found


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

    sections = serializers.SerializerMethodField()
    evidence = EvidenceSerializer(many=True, read_only=True)
    review = ReviewSerializer(read_only=True, allow_null=True, default=None)
    trust = serializers.SerializerMethodField(help_text="Level, score and reasons to check; null for outside firms.")

    class Meta(ReportSerializer.Meta):
        fields: tuple[str, ...] = (*ReportSerializer.Meta.fields, "sections", "evidence", "review", "trust")

    @extend_schema_field(SectionSerializer(many=True))
    def get_sections(self, report: VisitReport) -> list[Any]:
        # Read once for all sections: the checks compare papers with each other.
        papers = report_papers(report=report, on=timezone.localdate()).sections
        context = {**self.context, "section_papers": papers}
        return list(SectionSerializer(report.sections.all(), many=True, context=context).data)

    def get_trust(self, report: VisitReport) -> dict[str, Any] | None:
        request = self.context.get("request")
        trust: ReportTrust | None = getattr(report, "trust", None)
        if trust is None or request is None or not request.user.has_perm("visits.view_reporttrust"):
            return None
        return {"level": trust.level, "score": trust.score, "reasons": trust.reasons}
