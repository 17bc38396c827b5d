"""Figures of a period, limited to what the caller may see."""

from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backoffice.access.models import Territory
from backoffice.core.rest import openapi  # noqa: F401 - tells the schema how machines sign in
from cases.enums import Channel
from reports.selectors.effectiveness import channel_effect
from reports.selectors.funnel import funnel

MAX_DAYS = 400
# Within these bounds the days before and after a period are still valid dates.
EARLIEST, LATEST = date(2000, 1, 1), date(2999, 12, 31)


class PeriodInput(serializers.Serializer[Any]):
    """A period, both days included, at most 400 days; of one territory if given."""

    start_on = serializers.DateField(help_text="First day.")
    end_on = serializers.DateField(help_text="Last day.")
    territory = serializers.CharField(
        max_length=20, required=False, default=None, allow_null=True, help_text="Code of a territory."
    )

    def validate_territory(self, code: str | None) -> Territory | None:
        if code is None:
            return None
        found = Territory.objects.visible_to(self.context["request"].user).filter(code=code).first()
        if found is None:
            raise serializers.ValidationError(_("There is no such territory, or it is not yours to see."))
        return found

    def validate(self, attrs: Mapping[str, Any]) -> Any:
        if not EARLIEST <= attrs["start_on"] <= attrs["end_on"] <= LATEST:
            raise serializers.ValidationError({"end_on": _("A period ends on or after its first day.")})
        if (attrs["end_on"] - attrs["start_on"]).days >= MAX_DAYS:
            raise serializers.ValidationError({"end_on": _("A period has at most {n} days.").format(n=MAX_DAYS)})
        return attrs


class EffectInput(PeriodInput):
    """The period and the currency that money is counted in."""

    currency = serializers.RegexField(r"^[A-Z]{3}$", required=False, default="CNY", help_text="ISO 4217 code.")


class ChannelEffectSerializer(serializers.Serializer[Any]):
    """One channel's numbers. Rates are fractions, null where the divisor is 0; money is in `currency`."""

    channel = serializers.ChoiceField(choices=Channel.choices)
    channel_label = serializers.SerializerMethodField()
    currency = serializers.CharField()
    attempts = serializers.IntegerField()
    right_party = serializers.IntegerField(help_text="Attempts that reached the borrower.")
    promises = serializers.IntegerField()
    promises_due = serializers.IntegerField()
    promises_kept = serializers.IntegerField()
    repayments = serializers.IntegerField()
    recovered = serializers.DecimalField(max_digits=20, decimal_places=2)
    cost = serializers.DecimalField(max_digits=20, decimal_places=4)
    right_party_rate = serializers.DecimalField(
        max_digits=20, decimal_places=4, allow_null=True, help_text="Per attempt."
    )
    promise_rate = serializers.DecimalField(
        max_digits=20, decimal_places=4, allow_null=True, help_text="Per borrower reached."
    )
    kept_rate = serializers.DecimalField(
        max_digits=20, decimal_places=4, allow_null=True, help_text="Per promise that came due."
    )
    cost_per_recovered = serializers.DecimalField(max_digits=20, decimal_places=4, allow_null=True)
    is_small = serializers.BooleanField(help_text="The rates rest on fewer than 30 attempts.")

    def get_channel_label(self, effect: Any) -> str:
        return str(Channel(effect.channel).label)


class FunnelStepSerializer(serializers.Serializer[Any]):
    """One step: how many have reached it, and their share of the first step."""

    name = serializers.CharField()
    name_label = serializers.CharField(source="label")
    count = serializers.IntegerField()
    share = serializers.DecimalField(max_digits=20, decimal_places=4, allow_null=True)


class Figures(APIView):
    """Base of the views with figures: `permissions` of people and `scopes` of machines by method."""

    permissions: ClassVar[dict[str, str]] = {"get": "reports.view_effectiveness"}
    scopes: ClassVar[dict[str, str]] = {"get": "cases:read"}

    def asked(self, request: Request, shape: type[PeriodInput]) -> dict[str, Any]:
        given = shape(data=request.query_params, context={"request": request})
        given.is_valid(raise_exception=True)
        return dict(given.validated_data)


class EffectivenessView(Figures):
    """What each channel achieved and cost."""

    @extend_schema(
        operation_id="reports_effectiveness",
        summary="What each channel achieved and cost",
        parameters=[EffectInput],
        responses=ChannelEffectSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Read attempts, contacts, promises, recoveries and cost by channel over a period."""
        effects = channel_effect(user=request.user, **self.asked(request, EffectInput))
        return Response(ChannelEffectSerializer(effects, many=True).data)


class FunnelView(Figures):
    """How far the cases of a period have come."""

    @extend_schema(
        operation_id="reports_funnel",
        summary="From a trigger hit to a repayment",
        parameters=[PeriodInput],
        responses=FunnelStepSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """Read how far borrowers and cases of a period have come until now."""
        steps = funnel(user=request.user, **self.asked(request, PeriodInput))
        return Response(FunnelStepSerializer(steps, many=True).data)
