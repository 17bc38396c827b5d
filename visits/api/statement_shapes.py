"""How agencies' statements look from outside, and what disputing a line takes."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from backoffice.core.rest.shapes import LabelField, NumberedField, VisibleField
from visits.models import AgencyStatement, StatementLine, VisitOrder


class StatementLineSerializer(serializers.ModelSerializer[StatementLine]):
    """One part of what one visit is paid for."""

    order_number = serializers.SerializerMethodField()
    basis_label = LabelField("basis")
    state_label = LabelField("state")
    reason = serializers.CharField(read_only=True, allow_null=True, help_text="Why the agency disputes it.")
    answer = serializers.CharField(read_only=True, allow_null=True, help_text="The lender's answer.")

    class Meta:
        model = StatementLine
        fields: tuple[str, ...] = (
            "id",
            "order",
            "order_number",
            "done_on",
            "basis",
            "basis_label",
            "computed_amount",
            "amount",
            "currency",
            "state",
            "state_label",
            "reason",
            "disputed_at",
            "answer",
            "answered_at",
        )
        read_only_fields = fields

    def get_order_number(self, line: StatementLine) -> str:
        """Return the number of the visit order as people write it."""
        return str(VisitOrder(pk=line.order_id))


class AgencyStatementSerializer(serializers.ModelSerializer[AgencyStatement]):
    """What an agency is owed for a month."""

    number = NumberedField()
    agency = serializers.CharField(source="agency.code", read_only=True)
    state_label = LabelField("state")
    sums = serializers.ListField(
        child=serializers.CharField(), read_only=True, help_text='One for each currency: "CNY 1234.50".'
    )

    class Meta:
        model = AgencyStatement
        fields: tuple[str, ...] = (
            "id",
            "number",
            "agency",
            "month",
            "state",
            "state_label",
            "sums",
            "open_disputes",
            "sent_at",
            "answer_due_on",
            "accepted_at",
            "approved_at",
            "paid_on",
            "payment_ref",
            "updated_at",
        )
        read_only_fields = fields


class AgencyStatementDetailSerializer(AgencyStatementSerializer):
    """A statement with its lines, in the order of the visits' days."""

    lines = StatementLineSerializer(many=True, read_only=True)

    class Meta(AgencyStatementSerializer.Meta):
        fields: tuple[str, ...] = (*AgencyStatementSerializer.Meta.fields, "lines")
        read_only_fields = fields


class DisputeInput(serializers.Serializer[Any]):
    """A line that the agency disputes, and why."""

    line = VisibleField(StatementLine, help_text="Number of the line.")
    reason = serializers.CharField(max_length=300, help_text="Kept sealed.")

    def validate_line(self, line: StatementLine) -> StatementLine:
        """Refuse a line of another statement than the one of the address."""
        if line.statement_id != self.context["record"].pk:
            raise serializers.ValidationError(_("This line is of another statement."))
        return line
