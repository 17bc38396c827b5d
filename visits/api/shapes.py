"""
How agencies, visits and reports look from outside.

Agencies and crews read the least that a visit needs: name and address masked, nothing of the debt and no reasons.
Fields that only the lender's own people read are null to them.
"""

from typing import Any

from rest_framework import serializers

from backoffice.core.reach import Reach
from backoffice.core.rest.shapes import LabelField, NumberedField, PersonField
from visits.enums import Finding, VisitPurpose
from visits.models import (
    Agency,
    CheckIn,
    CrewMember,
    Evidence,
    Placement,
    ReportSection,
    Review,
    VisitOrder,
    VisitReport,
)

OUTSIDE = (Reach.AGENCY, Reach.CREW)


class _LenderOnly(serializers.Serializer[Any]):
    """Blanks the fields in `lender_only` for people and programs of outside firms."""

    lender_only: tuple[str, ...] = ()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if self.context["request"].user.reach in OUTSIDE:
            shown.update(dict.fromkeys(self.lender_only))
        return shown


class AgencySerializer(serializers.ModelSerializer[Agency]):
    """An outside firm on the published list."""

    state_label = LabelField("state")

    class Meta:
        model = Agency
        fields: tuple[str, ...] = (
            "id",
            "code",
            "name",
            "registration",
            "state",
            "state_label",
            "complaints_phone",
            "admitted_on",
            "contract_ends_on",
            "no_subcontract_promise_on",
            "updated_at",
        )
        read_only_fields = fields


class CrewMemberSerializer(serializers.ModelSerializer[CrewMember]):
    """A person of an agency who goes to doors, by badge; the name is masked."""

    badge = serializers.CharField(source="external_ref", read_only=True)
    name = serializers.CharField(source="masked_name", read_only=True, help_text="Masked.")
    agency = serializers.CharField(source="agency.code", read_only=True)

    class Meta:
        model = CrewMember
        fields: tuple[str, ...] = ("id", "badge", "name", "agency", "is_active", "screened_on", "trained_until")
        read_only_fields = fields


class PlacementSerializer(serializers.ModelSerializer[Placement]):
    """One case placed with one agency for a term."""

    number = NumberedField()
    case_number = serializers.CharField(source="case.__str__", read_only=True)
    agency = serializers.CharField(source="agency.code", read_only=True)
    state_label = LabelField("state")

    class Meta:
        model = Placement
        fields: tuple[str, ...] = (
            "id",
            "number",
            "case",
            "case_number",
            "agency",
            "state",
            "state_label",
            "placed_on",
            "term_ends_on",
            "ended_on",
            "end_reason",
            "certificate_due_on",
            "certificate_ref",
            "updated_at",
        )
        read_only_fields = fields


class VisitOrderSerializer(_LenderOnly, serializers.ModelSerializer[VisitOrder]):
    """One visit to one address: purposes, lawful window and a pair of crew."""

    lender_only = ("case", "reason", "requested_by", "approved_by", "end_reason")

    number = NumberedField()
    case = serializers.PrimaryKeyRelatedField[Any](
        read_only=True, allow_null=True, help_text="Null to agencies and crews."
    )
    agency = serializers.CharField(source="placement.agency.code", read_only=True, default=None, allow_null=True)
    state_label = LabelField("state")
    purposes = serializers.ListField(child=serializers.ChoiceField(choices=VisitPurpose.choices), read_only=True)
    borrower_name = serializers.CharField(source="case.borrower.masked_name", read_only=True, help_text="Masked.")
    address = serializers.CharField(source="address.masked_line", read_only=True, help_text="Masked.")
    district_code = serializers.CharField(source="address.adcode", read_only=True)
    is_rural = serializers.BooleanField(source="address.is_rural", read_only=True)
    lead = serializers.CharField(
        source="lead.external_ref", read_only=True, default=None, allow_null=True, help_text="Badge."
    )
    second = serializers.CharField(
        source="second.external_ref", read_only=True, default=None, allow_null=True, help_text="Badge."
    )
    reason = serializers.CharField(read_only=True, allow_null=True, help_text="Null to agencies and crews.")
    requested_by = PersonField(help_text="Null to agencies and crews.")
    approved_by = PersonField(help_text="Null to agencies and crews.")
    end_reason = serializers.CharField(read_only=True, allow_null=True, help_text="Null to agencies and crews.")
    letter_issued = serializers.SerializerMethodField()

    class Meta:
        model = VisitOrder
        fields: tuple[str, ...] = (
            "id",
            "number",
            "case",
            "placement",
            "agency",
            "state",
            "state_label",
            "purposes",
            "ordinal",
            "borrower_name",
            "address",
            "district_code",
            "is_rural",
            "window_start",
            "window_end",
            "planned_arrival_at",
            "route_position",
            "lead",
            "second",
            "reason",
            "requested_by",
            "approved_by",
            "approved_at",
            "valid_until",
            "letter_issued",
            "ended_at",
            "end_reason",
            "updated_at",
        )
        read_only_fields = fields

    def get_letter_issued(self, order: VisitOrder) -> bool:
        return order.letter_issued_at is not None


class CheckInSerializer(serializers.ModelSerializer[CheckIn]):
    """One crew member's arrival or departure. Coordinates stay sealed; the distance says what matters."""

    order_number = serializers.CharField(source="order.__str__", read_only=True)
    badge = serializers.CharField(source="member.external_ref", read_only=True)
    moment_label = LabelField("moment")

    class Meta:
        model = CheckIn
        fields: tuple[str, ...] = (
            "id",
            "external_ref",
            "order",
            "order_number",
            "badge",
            "moment",
            "moment_label",
            "accuracy_m",
            "distance_m",
            "mock_location",
            "device_at",
            "received_at",
        )
        read_only_fields = fields


class RefusalSerializer(serializers.Serializer[Any]):
    """A conduct rule that keeps the crew from knocking, and what to do."""

    rule = serializers.CharField(source="rule.value")
    message = serializers.CharField()


class ArrivedSerializer(serializers.Serializer[Any]):
    """What a check-in led to. Knock only when `opened`; turn back when `aborted`; else mend the refusals and check in again."""

    check_in = CheckInSerializer()
    opened = serializers.BooleanField()
    aborted = serializers.BooleanField()
    refusals = RefusalSerializer(many=True)


class SectionSerializer(serializers.ModelSerializer[ReportSection]):
    """One of the four sections of a report."""

    section_label = LabelField("section")
    verdict_label = LabelField("verdict")

    class Meta:
        model = ReportSection
        fields: tuple[str, ...] = ("section", "section_label", "verdict", "verdict_label", "confidence", "note")


class EvidenceSerializer(serializers.ModelSerializer[Evidence]):
    """What is known of one file from the door. The file itself is shown in the back office only."""

    kind_label = LabelField("kind")
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
