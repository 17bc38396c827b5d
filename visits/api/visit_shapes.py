"""
How visits and check-ins look from outside.

Agencies and crews read the least that a visit needs: name and address masked, nothing of the debt and no reasons.
Fields that only the lender's own people read are null to them.
"""

from typing import Any

from rest_framework import serializers

from backoffice.core.reach import Reach
from backoffice.core.rest.shapes import LabelField, NumberedField, PersonField
from visits.enums import VisitPurpose
from visits.models import CheckIn, VisitOrder
from visits.selectors.least_view import is_reception_only

OUTSIDE = (Reach.AGENCY, Reach.CREW)


class LenderOnly(serializers.Serializer[Any]):
    """Blanks the fields in `lender_only` for people and programs of outside firms."""

    lender_only: tuple[str, ...] = ()

    def to_representation(self, instance: Any) -> dict[str, Any]:
        shown = super().to_representation(instance)
        if self.context["request"].user.reach in OUTSIDE:
            shown.update(dict.fromkeys(self.lender_only))
        return shown


class VisitOrderSerializer(LenderOnly, serializers.ModelSerializer[VisitOrder]):
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
    reception_only = serializers.SerializerMethodField(
        help_text="A workplace: ask for the borrower at the reception and go no further."
    )
    lead = serializers.CharField(
        source="lead.external_ref", read_only=True, default=None, allow_null=True, help_text="Badge."
    )
    second = serializers.CharField(
        source="second.external_ref", read_only=True, default=None, allow_null=True, help_text="Badge."
    )
    household = serializers.UUIDField(
        source="household_id",
        read_only=True,
        allow_null=True,
        help_text="Orders with the same one are made in one visit to a door. Null until planned; another one after a move.",
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
            "reception_only",
            "window_start",
            "window_end",
            "planned_arrival_at",
            "route_position",
            "household",
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

    def get_reception_only(self, order: VisitOrder) -> bool:
        return is_reception_only(order=order)

    def get_letter_issued(self, order: VisitOrder) -> bool:
        return order.letter_issued_at is not None


class CheckInSerializer(serializers.ModelSerializer[CheckIn]):
    """One crew member's arrival or departure. Coordinates stay sealed; the distance to the address is shown."""

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
            "device",
            "device_at",
            "happened_at",
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
