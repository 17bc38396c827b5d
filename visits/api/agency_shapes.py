"""How agencies, their crews and their placements look from outside."""

from rest_framework import serializers

from backoffice.core.rest.shapes import LabelField, NumberedField
from visits.models import Agency, CrewMember, Placement


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
        fields: tuple[str, ...] = ("id", "badge", "name", "agency", "state", "screened_on", "exam_passed_on")
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
