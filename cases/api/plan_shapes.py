"""What REST takes and gives where a repayment plan is looked at or proposed."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from backoffice.core.rest.shapes import VisibleField
from cases.enums import PlanMethod
from cases.models import Account
from cases.rules.plans.affordability import Means
from cases.rules.plans.amounts import HOUSE_STEP, Step
from cases.rules.plans.comparison import Comparison, PlanOption
from cases.rules.plans.limits import MAX_FIRST_SHARE, MAX_INSTALMENTS
from cases.rules.plans.schedule import Instalment
from cases.rules.proposals import PlanWish


class PlanInput(serializers.Serializer[Any]):
    """What a plan for all that is owed on one account of the case shall be. Amounts are in the account's currency."""

    account = VisibleField(Account, help_text="Number of an account of the case's borrower.")
    method = serializers.ChoiceField(choices=PlanMethod.choices, required=False, default=PlanMethod.EQUAL_PAYMENT)
    instalments = serializers.IntegerField(
        min_value=1,
        max_value=MAX_INSTALMENTS,
        required=False,
        allow_null=True,
        default=None,
        help_text="24 unless given.",
    )
    step_every = serializers.IntegerField(
        min_value=1,
        max_value=MAX_INSTALMENTS,
        required=False,
        default=HOUSE_STEP.every,
        help_text="Instalments of a step.",
    )
    step_percent = serializers.IntegerField(
        min_value=1, max_value=50, required=False, default=HOUSE_STEP.percent, help_text="By which a step is higher."
    )
    first_share = serializers.DecimalField(
        max_digits=3,
        decimal_places=2,
        min_value=Decimal(0),
        max_value=MAX_FIRST_SHARE,
        required=False,
        allow_null=True,
        default=None,
        help_text="Share of what is owed that is paid at once, 0.05 unless given; never more than is affordable.",
    )
    monthly_income = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=Decimal(0), required=False, allow_null=True, default=None
    )
    monthly_expenses = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=Decimal(0), required=False, allow_null=True, default=None
    )

    def validate(self, attrs: Mapping[str, Any]) -> Any:
        if attrs["account"].borrower_id != self.context["record"].borrower_id:
            raise serializers.ValidationError({"account": _("The account belongs to another borrower.")})
        return attrs


class PlanProposalInput(PlanInput):
    """A plan to propose, and why."""

    reason = serializers.CharField(max_length=300, help_text="Sealed; stands in the borrower's letter.")


def wish_of(given: Mapping[str, Any]) -> PlanWish:
    """Return the plan that the input wishes for."""
    return PlanWish(
        instalments=given["instalments"],
        method=given["method"],
        step=Step(every=given["step_every"], percent=given["step_percent"]),
        first_share=given["first_share"],
        means=Means(monthly_income=given["monthly_income"], monthly_expenses=given["monthly_expenses"]),
    )


class ScheduledPaymentSerializer(serializers.Serializer[Instalment]):
    """One payment; amounts have the decimals of the currency."""

    number = serializers.IntegerField()
    due_on = serializers.DateField()
    amount = serializers.CharField()
    interest = serializers.CharField()


class PlanOptionSerializer(serializers.Serializer[PlanOption]):
    """One plan as it would be if it began today."""

    method = serializers.ChoiceField(choices=PlanMethod.choices, source="terms.method")
    instalments = serializers.IntegerField(source="terms.instalments")
    first_share = serializers.CharField(source="terms.first_share")
    currency = serializers.CharField(source="terms.currency")
    total = serializers.CharField(source="schedule.total")
    annual_rate = serializers.CharField(source="schedule.annual_rate", help_text="Nominal; the schedule's own.")
    all_in_rate = serializers.CharField(help_text="On the days of payment (XIRR); at most 0.24.")
    interest = serializers.CharField(source="schedule.interest")
    largest_payment = serializers.CharField(source="schedule.largest")
    is_affordable = serializers.BooleanField(source="fits", allow_null=True, help_text="Null where means are unknown.")
    payments = ScheduledPaymentSerializer(source="schedule.instalments", many=True)


class PlanComparisonSerializer(serializers.Serializer[Comparison]):
    """The plan that was asked for, first, and up to two others. Nothing is proposed by it."""

    affordable = serializers.CharField(
        allow_null=True, help_text="Largest monthly payment that the means allow; null where they are unknown."
    )
    advised_instalments = serializers.IntegerField(
        source="advised", allow_null=True, help_text="The fewest that are affordable; null if unknown or none are."
    )
    means_verified = serializers.SerializerMethodField(help_text="Always false: the figures are as the borrower says.")
    plans = PlanOptionSerializer(source="options", many=True)

    def get_means_verified(self, comparison: Comparison) -> bool:
        return False
