"""Serializers of concession budgets and waivers."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backoffice.core.rest.shapes import LabelField, NumberedField, PersonField
from cases.models import ConcessionBudget, Waiver
from cases.services.decisions.waiver_events import effect_key


class ConcessionBudgetSerializer(serializers.ModelSerializer[ConcessionBudget]):
    """One budget; `amount` is `available` + `held` + `used`. Null territory: wherever there is none of its own."""

    territory = serializers.CharField(source="territory.code", read_only=True, allow_null=True, default=None)
    state_label = LabelField("state")
    available = serializers.DecimalField(max_digits=14, decimal_places=2, read_only=True)
    set_by = PersonField()
    confirmed_by = PersonField()

    class Meta:
        model = ConcessionBudget
        fields: tuple[str, ...] = (
            "id",
            "currency",
            "territory",
            "starts_on",
            "ends_on",
            "amount",
            "available",
            "held",
            "used",
            "state",
            "state_label",
            "amends",
            "set_by",
            "confirmed_by",
            "confirmed_at",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields


class WaiverSerializer(serializers.ModelSerializer[Waiver]):
    """One waiver. Money is in `currency`; the core holds `amount` as waived while the state is USED, else nothing."""

    number = NumberedField()
    account_ref = serializers.CharField(source="account.external_ref", read_only=True)
    currency = serializers.CharField(source="account.currency", read_only=True)
    part_label = LabelField("part")
    state_label = LabelField("state")
    effect_key = serializers.SerializerMethodField(help_text="Of the newest instruction; null before the first.")

    class Meta:
        model = Waiver
        fields: tuple[str, ...] = (
            "id",
            "number",
            "decision",
            "account",
            "account_ref",
            "budget",
            "part",
            "part_label",
            "due",
            "evidence_ref",
            "amount",
            "pay",
            "currency",
            "settle_by",
            "counts_from",
            "state",
            "state_label",
            "earned_on",
            "version",
            "effect_key",
            "instructed_at",
            "acknowledged_at",
            "answered_value",
            "refused_reason",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    @extend_schema_field(serializers.CharField(allow_null=True))
    def get_effect_key(self, waiver: Waiver) -> str | None:
        return effect_key(waiver) if waiver.version else None
