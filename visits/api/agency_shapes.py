"""How agencies, their papers, prices and placements look from outside."""

from rest_framework import serializers

from backoffice.core.rest.shapes import LabelField, NumberedField
from visits.models import Agency, AgencyCredential, Placement, PriceCard


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
            "contract_number",
            "contract_starts_on",
            "contract_ends_on",
            "papers_until",
            "no_subcontract_promise_on",
            "founded_on",
            "registered_capital",
            "staff_count",
            "updated_at",
        )
        read_only_fields = fields


class CredentialSerializer(serializers.ModelSerializer[AgencyCredential]):
    """A paper of an agency. It counts in the state CONFIRMED."""

    agency = serializers.CharField(source="agency.code", read_only=True)
    kind_label = LabelField("kind")
    state_label = LabelField("state")

    class Meta:
        model = AgencyCredential
        fields: tuple[str, ...] = (
            "id",
            "agency",
            "kind",
            "kind_label",
            "number",
            "issuer",
            "valid_from",
            "valid_until",
            "file_sha256",
            "state",
            "state_label",
            "updated_at",
        )
        read_only_fields = fields


class PriceSerializer(serializers.ModelSerializer[PriceCard]):
    """A line of an agency's price card. It counts in the state CONFIRMED, on its days."""

    agency = serializers.CharField(source="agency.code", read_only=True)
    basis_label = LabelField("basis")
    state_label = LabelField("state")

    class Meta:
        model = PriceCard
        fields: tuple[str, ...] = (
            "id",
            "agency",
            "basis",
            "basis_label",
            "amount",
            "currency",
            "valid_from",
            "valid_to",
            "state",
            "state_label",
            "updated_at",
        )
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
