"""Serializer of the periods of an account."""

from rest_framework import serializers

from cases.models import Statement


class StatementSerializer(serializers.ModelSerializer[Statement]):
    """One period of an account, in the account's currency."""

    class Meta:
        model = Statement
        fields: tuple[str, ...] = (
            "period",
            "due_on",
            "balance",
            "due_amount",
            "paid_amount",
            "days_past_due",
            "is_idle",
        )
