"""Doors to the policies: read, draft, submit, approve, put into force, roll back, retire."""

from typing import Any

import django_filters.rest_framework as filters
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.core.rest.api import ReadViewSet
from backoffice.core.rest.filtering import choices
from backoffice.core.rest.shapes import ReasonInput
from backoffice.outbox.write_actions import WriteRequest, write_action
from cases.api.policy_shapes import (
    ActivationInput,
    DraftInput,
    FindingSerializer,
    PolicyDifferenceInput,
    PolicyDifferenceSerializer,
    RevisionInput,
    RollBackInput,
    SubmissionInput,
    TermSerializer,
    VersionDetailSerializer,
    VersionSerializer,
)
from cases.api.replay_shapes import ReplayInput, ReplaySerializer
from cases.enums import PolicyState
from cases.models import PolicyTerm, PolicyVersion
from cases.rules.policy.checks import check_policy
from cases.rules.policy.diff import diff_policies
from cases.rules.policy.parser import parse_policy
from cases.selectors.policies.proposal_replay import replay_proposals
from cases.services.policies import versions

READ = "cases.view_policyversion"
REVIEW = "cases.approve_policyversion"


class VersionFilter(filters.FilterSet):
    state = choices(PolicyState)
    segment = filters.CharFilter(field_name="policy__segment")
    number = filters.NumberFilter(min_value=1, max_value=10**6)


class TermFilter(filters.FilterSet):
    segment = filters.CharFilter(field_name="policy__segment")


class PolicyVersionViewSet(ReadViewSet):
    """Versions of the policies. Their rules do not change once submitted; another person approves them."""

    model = PolicyVersion
    permissions = {
        "list": READ,
        "retrieve": READ,
        "findings": READ,
        "difference": READ,
        "replay": READ,
        "create": "cases.add_policyversion",
        "revise": "cases.change_policyversion",
        "discard": "cases.change_policyversion",
        "submit": "cases.submit_policyversion",
        "send_back": REVIEW,
        "approve": REVIEW,
        "activate": REVIEW,
        "roll_back": REVIEW,
        "retire": REVIEW,
    }
    scopes = dict.fromkeys(("list", "retrieve", "findings", "difference", "replay"), "cases:read")
    related = ("policy", "proposed_by", "approved_by")
    serializer_class = VersionSerializer
    detail_serializer_class = VersionDetailSerializer
    filterset_class = VersionFilter

    @extend_schema(
        summary="What the static checks find in a version", responses=FindingSerializer(many=True), filters=False
    )
    @action(detail=True, filterset_class=None, pagination_class=None)
    def findings(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Read what can never hold, is shadowed, contradicts, leaves a gap or overlaps; gravest first."""
        version = self.get_object()
        found = check_policy(parse_policy(version.body), segment=version.policy.segment)
        return Response(FindingSerializer(found, many=True).data)

    @extend_schema(
        summary="What changed between two versions",
        parameters=[PolicyDifferenceInput],
        responses=PolicyDifferenceSerializer,
        filters=False,
    )
    @action(detail=True, filterset_class=None, pagination_class=None)
    def difference(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Read the version beside an older one, rule by rule and condition by condition."""
        version = self.get_object()
        asked = PolicyDifferenceInput(data=request.query_params, context=self.get_serializer_context())
        asked.is_valid(raise_exception=True)
        older = asked.validated_data["against"] or versions.active_version(segment=version.policy.segment)
        found = diff_policies(old=parse_policy(older.body), new=parse_policy(version.body))
        return Response(PolicyDifferenceSerializer(found).data)

    @extend_schema(
        summary="What a version would have proposed for recorded verifications",
        parameters=[ReplayInput],
        responses=ReplaySerializer,
        filters=False,
    )
    @action(detail=True, filterset_class=None, pagination_class=None)
    def replay(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Read the results of recorded verifications under this version, beside those under the version in force."""
        # A machine's scope covers both; a person's role must.
        if request.auth is None and not request.user.has_perm("cases.view_verification"):
            raise PermissionDenied
        asked = ReplayInput(data=request.query_params)
        asked.is_valid(raise_exception=True)
        found = replay_proposals(
            version=self.get_object(), user=request.user, at=timezone.now(), days=asked.validated_data["days"]
        )
        return Response(ReplaySerializer(found).data)

    @write_action(
        takes=DraftInput, gives=VersionDetailSerializer, detail=False, path="", status=201, summary="Draft a version"
    )
    def create(self, call: WriteRequest) -> Any:
        """Write a draft under the next number of its segment. Faults name their place in the body."""
        return versions.draft_version(**call.given, actor=call.actor, at=call.at)

    @write_action(takes=RevisionInput, gives=VersionDetailSerializer, summary="Revise a draft")
    def revise(self, call: WriteRequest) -> Any:
        """Replace a draft's rules. Who revises it last is its proposer."""
        return versions.revise_version(version=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(gives=VersionDetailSerializer, summary="Give a draft up")
    def discard(self, call: WriteRequest) -> Any:
        """Give a draft up; it keeps its number and is never in force."""
        return versions.discard_version(version=call.record, actor=call.actor, at=call.at)

    @write_action(takes=SubmissionInput, gives=VersionDetailSerializer, summary="Submit a draft for approval")
    def submit(self, call: WriteRequest) -> Any:
        """Hand a draft over. Errors of the checks are refused; warnings must be accepted."""
        return versions.submit_version(version=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(takes=ReasonInput, gives=VersionDetailSerializer, summary="Send a submitted version back")
    def send_back(self, call: WriteRequest) -> Any:
        """Make a draft of it again, with a reason for its proposer."""
        return versions.send_back_version(version=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(gives=VersionDetailSerializer, summary="Approve a submitted version")
    def approve(self, call: WriteRequest) -> Any:
        """Approve what somebody else proposed."""
        return versions.approve_version(version=call.record, actor=call.actor, at=call.at)

    @write_action(takes=ActivationInput, gives=VersionDetailSerializer, summary="Put an approved version into force")
    def activate(self, call: WriteRequest) -> Any:
        """Put it into force from a business date: at once, or on the day to come."""
        return versions.activate_version(
            version=call.record, **call.given, business_date=call.business_date, actor=call.actor, at=call.at
        )

    @write_action(takes=RollBackInput, gives=VersionDetailSerializer, summary="Put an old version into force again")
    def roll_back(self, call: WriteRequest) -> Any:
        """Put a retired version that was in force before into force again."""
        return versions.roll_back(
            version=call.record, **call.given, business_date=call.business_date, actor=call.actor, at=call.at
        )

    @write_action(takes=ReasonInput, gives=VersionDetailSerializer, summary="Retire a version")
    def retire(self, call: WriteRequest) -> Any:
        """Turn a submitted version down, call an approved one off, or end the policy of a segment."""
        return versions.retire_version(
            version=call.record, **call.given, business_date=call.business_date, actor=call.actor, at=call.at
        )


class PolicyTermViewSet(ReadViewSet):
    """When which version was in force: who was judged by what, on any day."""

    model = PolicyTerm
    permissions = dict.fromkeys(("list", "retrieve"), "cases.view_policyterm")
    scopes = dict.fromkeys(("list", "retrieve"), "cases:read")
    related = ("version", "policy", "set_by")
    serializer_class = TermSerializer
    filterset_class = TermFilter
