"""Serializer of what a borrower stated when applying. Personal data is masked."""

from rest_framework import serializers

from cases.models import Application


class ApplicationSerializer(serializers.ModelSerializer[Application]):
    """What the borrower stated when applying; nobody has verified it."""

    employer = serializers.CharField(source="masked_employer", read_only=True, help_text="Masked.")
    monthly_income = serializers.CharField(
        source="masked_monthly_income", read_only=True, help_text="Three asterisks if it is known, else empty."
    )
    monthly_expenses = serializers.CharField(
        source="masked_monthly_expenses", read_only=True, help_text="Three asterisks if they are known, else empty."
    )

    class Meta:
        model = Application
        fields: tuple[str, ...] = ("employer", "monthly_income", "monthly_expenses", "stated_on", "updated_at")
