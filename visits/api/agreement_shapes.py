"""How agreements about visits look from outside, and what the doors that record them take. Notes stay in the back office."""

from typing import Any

from rest_framework import serializers

from backoffice.core.rest.shapes import LabelField, NumberedField, PersonField, VisibleField
from cases.models import Address, Case
from visits.enums import AgreementKind
from visits.models import VisitAgreement, VisitOrder


class VisitAgreementSerializer(serializers.ModelSerializer[VisitAgreement]):
    """One thing that a borrower agreed to; it counts for their person until it expires or is withdrawn."""

    number = NumberedField()
    kind_label = LabelField("kind")
    recorded_by = PersonField()
    withdrawn_by = PersonField()

    class Meta:
        model = VisitAgreement
        fields: tuple[str, ...] = (
            "id",
            "number",
            "case",
            "order",
            "kind",
            "kind_label",
            "opens_at",
            "closes_at",
            "is_outside_hours",
            "address",
            "place",
            "granted_at",
            "expires_at",
            "evidence_ref",
            "recorded_by",
            "withdrawn_at",
            "withdrawn_by",
        )
        read_only_fields = fields


class AgreementInput(serializers.Serializer[Any]):
    """What the borrower agreed to: TIME with `opens_at` and `closes_at`, or PLACE with `address`."""

    case = VisibleField(Case, help_text="Number of the case.")
    kind = serializers.ChoiceField(choices=AgreementKind.choices)
    order = VisibleField(
        VisitOrder,
        required=False,
        allow_null=True,
        default=None,
        help_text="Number of the visit that they spoke about; planned for another time, it is taken back.",
    )
    opens_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    closes_at = serializers.DateTimeField(
        required=False, allow_null=True, default=None, help_text="Two hours or more later, on the same day."
    )
    address = VisibleField(
        Address,
        required=False,
        allow_null=True,
        default=None,
        help_text="Number of the workplace or the relative's home.",
    )
    last_day = serializers.DateField(
        required=False, allow_null=True, default=None, help_text="It counts for 30 days at most."
    )
    evidence_ref = serializers.CharField(
        max_length=80,
        required=False,
        allow_blank=True,
        default="",
        help_text="Reference of the recording or letter; only a time inside the hours of visits goes without.",
    )
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="", help_text="Kept sealed.")


class WithdrawalInput(serializers.Serializer[Any]):
    """What the borrower said when they withdrew it."""

    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="", help_text="Kept sealed.")
