"""Doors to trials: try a version on kept facts, follow it, read its figures."""

from typing import Any

import django_filters.rest_framework as filters
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from backoffice.core.rest.api import ReadViewSet
from backoffice.core.rest.filtering import IdFilter, choices
from backoffice.core.rest.shapes import LabelField, PersonField, VisibleField
from backoffice.outbox.write_actions import WriteRequest, write_action
from cases.enums import TrialKind, TrialState
from cases.models import PolicyTrial, PolicyVersion
from cases.services.trials import trial_requests

KINDS = (TrialKind.BACKTEST, TrialKind.PREVIEW, TrialKind.REPLAY)


class TrialInput(serializers.Serializer[Any]):
    """What to try. Without `against` the version in force for the same accounts is compared with."""

    kind = serializers.ChoiceField(choices=[(kind.value, kind.label) for kind in KINDS], default=TrialKind.BACKTEST)
    version = VisibleField(PolicyVersion)
    against = VisibleField(PolicyVersion, required=False)
    against_nothing = serializers.BooleanField(
        default=False, help_text="Compare with no policy at all: everything the version hits counts as opened."
    )
    business_date = serializers.DateField()
    until_date = serializers.DateField(required=False, allow_null=True, default=None)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if attrs.pop("against_nothing"):
            if "against" in attrs:
                raise serializers.ValidationError({"against_nothing": [_("Name a version to compare with, or none.")]})
            attrs["against"] = None
        return attrs


class TrialSerializer(serializers.ModelSerializer[PolicyTrial]):
    """One trial: what was asked, and how far it is."""

    kind_label = LabelField("kind")
    state_label = LabelField("state")
    asked_by = PersonField()

    class Meta:
        model = PolicyTrial
        fields: tuple[str, ...] = (
            "id",
            "kind",
            "kind_label",
            "version",
            "against",
            "business_date",
            "until_date",
            "state",
            "state_label",
            "account_count",
            "done_count",
            "last_error",
            "asked_by",
            "asked_at",
            "finished_at",
        )
        read_only_fields = fields


class TrialDetailSerializer(TrialSerializer):
    """One trial with its figures, one entry a business date (docs/trials.md)."""

    figures = serializers.ListField(child=serializers.DictField(), read_only=True)

    class Meta(TrialSerializer.Meta):
        fields: tuple[str, ...] = (*TrialSerializer.Meta.fields, "figures")
        read_only_fields = fields


class TrialFilter(filters.FilterSet):
    kind = choices(TrialKind)
    state = choices(TrialState)
    version = IdFilter("version")


class PolicyTrialViewSet(ReadViewSet):
    """Versions tried on kept facts. A trial reads the portfolio and changes nothing."""

    model = PolicyTrial
    permissions = {
        "list": "cases.view_policytrial",
        "retrieve": "cases.view_policytrial",
        "create": "cases.run_policytrial",
    }
    scopes = dict.fromkeys(("list", "retrieve"), "cases:read")
    related = ("asked_by",)
    serializer_class = TrialSerializer
    detail_serializer_class = TrialDetailSerializer
    filterset_class = TrialFilter

    @write_action(
        takes=TrialInput, gives=TrialSerializer, detail=False, path="", status=201, summary="Try a policy version"
    )
    def create(self, call: WriteRequest) -> Any:
        """Queue a trial over business dates of which facts are kept; read it again for its figures."""
        return trial_requests.request_trial(actor=call.actor, at=call.at, **call.given)
