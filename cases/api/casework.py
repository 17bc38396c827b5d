"""REST access to cases, verifications, decisions, plans and complaints."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.core.rest.api import ReadViewSet
from backoffice.core.rest.shapes import ReasonInput
from backoffice.outbox.write_actions import WriteRequest, write_action
from cases.api.case_shapes import CaseDetailSerializer, CaseEventSerializer, CaseSerializer, VerificationSerializer
from cases.api.decision_shapes import (
    DecisionDetailSerializer,
    DecisionSerializer,
    PlanDetailSerializer,
    PlanSerializer,
)
from cases.api.filters import (
    CaseEventFilter,
    CaseFilter,
    DecisionFilter,
    PlanFilter,
    VerificationFilter,
)
from cases.api.inputs import (
    ApprovalInput,
    AssignInput,
    DecisionProposalInput,
    DeskCheckInput,
    HoldInput,
    NoteInput,
    OptInInput,
    RejectionInput,
    WaiverProposalInput,
)
from cases.api.legal_step_shapes import LegalStepInput, LegalStepSerializer
from cases.api.plan_shapes import PlanComparisonSerializer, PlanInput, PlanProposalInput, wish_of
from cases.enums import DecisionKind, VerificationSource
from cases.models import Case, CaseEvent, Decision, RepaymentPlan, Verification
from cases.rules.waivers import WaiverWish
from cases.selectors.casework.plan_comparison import compared_plans
from cases.services.casework import cases
from cases.services.casework.verification import FactInput, record_verification
from cases.services.decisions import (
    legal_steps,
    lifecycle,
    opt_in,
    proposing,
    reversal,
)

WORK = "cases.work_case"


class CaseViewSet(ReadViewSet):
    """Borrowers who need attention: reasons, owner and timeline."""

    model = Case
    permissions = {
        "list": "cases.view_case",
        "retrieve": "cases.view_case",
        "events": "cases.view_caseevent",
        "note": WORK,
        "hold": WORK,
        "resume": WORK,
        "assign": WORK,
        "desk_check": "cases.record_verification",
        "plan_simulations": "cases.propose_decision",
        "plan_proposals": "cases.propose_decision",
        "decision_proposals": "cases.propose_decision",
        "waiver_proposals": "cases.propose_decision",
    }
    scopes = {"list": "cases:read", "retrieve": "cases:read", "events": "cases:read"}
    related = ("borrower", "territory", "owner", "policy_version")
    serializer_class = CaseSerializer
    detail_serializer_class = CaseDetailSerializer
    filterset_class = CaseFilter

    @extend_schema(summary="The timeline of a case", responses=CaseEventSerializer(many=True))
    @action(detail=True, filterset_class=CaseEventFilter)
    def events(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Read what happened in a case, newest first."""
        case = get_object_or_404(self.get_queryset(), pk=kwargs["pk"])
        rows = CaseEvent.objects.visible_to(request.user).filter(case=case).select_related("actor")
        page = self.paginate_queryset(self.filter_queryset(rows))
        return self.get_paginated_response(CaseEventSerializer(page, many=True).data)

    @write_action(takes=NoteInput, gives=CaseDetailSerializer, summary="Write a note")
    def note(self, call: WriteRequest) -> Any:
        """Write a note into the timeline and, if given, the day of the next action."""
        return cases.note_case(case=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(takes=HoldInput, gives=CaseDetailSerializer, summary="Put on hold")
    def hold(self, call: WriteRequest) -> Any:
        """Put a case on hold up to and including a day. The request for a visit is withdrawn."""
        return cases.hold_case(case=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(gives=CaseDetailSerializer, summary="Take off hold")
    def resume(self, call: WriteRequest) -> Any:
        """Take a case off hold and back into work."""
        return cases.resume_case(case=call.record, actor=call.actor, at=call.at)

    @write_action(takes=AssignInput, gives=CaseDetailSerializer, summary="Assign to a case officer")
    def assign(self, call: WriteRequest) -> Any:
        """Give an open case to an officer who works its territory."""
        return cases.assign_case(case=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(takes=DeskCheckInput, gives=VerificationSerializer, status=201, summary="Record a desk check")
    def desk_check(self, call: WriteRequest) -> Any:
        """Record what a call established. The case moves on and the decisions that follow are proposed."""
        given = dict(call.given)
        return record_verification(
            case=call.record,
            source=VerificationSource.DESK,
            source_ref=given.pop("recording_ref"),
            findings=(),
            facts=[FactInput(**fact) for fact in given.pop("facts")],
            **given,
            actor=call.actor,
            at=call.at,
        )

    @write_action(takes=PlanInput, gives=PlanComparisonSerializer, summary="Look at a repayment plan")
    def plan_simulations(self, call: WriteRequest) -> Any:
        """Calculate a plan beside two others, as if it began today. Nothing is written."""
        return compared_plans(account=call.given["account"], wish=wish_of(call.given), business_date=call.business_date)

    @write_action(takes=PlanProposalInput, gives=DecisionSerializer, status=201, summary="Propose a repayment plan")
    def plan_proposals(self, call: WriteRequest) -> Any:
        """Propose a plan; another person approves it, and the borrower agrees to it afterwards."""
        return proposing.propose_decision(
            case=call.record,
            account=call.given["account"],
            kind=DecisionKind.PLAN,
            reason=call.given["reason"],
            plan=wish_of(call.given),
            actor=call.actor,
            at=call.at,
        )

    @write_action(takes=DecisionProposalInput, gives=DecisionSerializer, status=201, summary="Propose a decision")
    def decision_proposals(self, call: WriteRequest) -> Any:
        """Propose any decision but a plan or a waiver within an officer's bounds; another person approves it."""
        return proposing.propose_decision(case=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(takes=WaiverProposalInput, gives=DecisionSerializer, status=201, summary="Propose a waiver")
    def waiver_proposals(self, call: WriteRequest) -> Any:
        """Propose that a part of the arrears is waived once the rest is paid; the concession budget holds it from now on."""
        given = dict(call.given)
        account, reason = given.pop("account"), given.pop("reason")
        return proposing.propose_decision(
            case=call.record,
            account=account,
            kind=DecisionKind.WAIVER,
            reason=reason,
            waiver=WaiverWish(**given),
            actor=call.actor,
            at=call.at,
        )


class VerificationViewSet(ReadViewSet):
    """What visits and desk checks established, section by section. Nothing is edited; a later one supersedes."""

    model = Verification
    permissions = {"list": "cases.view_verification", "retrieve": "cases.view_verification"}
    scopes = {"list": "cases:read", "retrieve": "cases:read"}
    related = ("recorded_by",)
    prefetched = ("facts",)
    serializer_class = VerificationSerializer
    filterset_class = VerificationFilter


class DecisionViewSet(ReadViewSet):
    """Decisions on accounts: help, restrict or reward. Nobody approves what they proposed themselves."""

    model = Decision
    permissions = {
        "list": "cases.view_decision",
        "retrieve": "cases.view_decision",
        "approve": "cases.approve_decision",
        "reject": "cases.reject_decision",
        "reverse": "cases.reverse_decision",
        "opt_in": opt_in.PERMISSION,
        "legal_steps": legal_steps.PERMISSION,
    }
    scopes = {"list": "cases:read", "retrieve": "cases:read"}
    related = (
        "account",
        "policy_version",
        "proposed_by",
        "approved_by",
        "approved_for",
        "second_approved_by",
        "second_approved_for",
        "opt_in",
    )
    serializer_class = DecisionSerializer
    detail_serializer_class = DecisionDetailSerializer
    filterset_class = DecisionFilter

    @write_action(takes=ApprovalInput, gives=DecisionSerializer, summary="Approve a proposal")
    def approve(self, call: WriteRequest) -> Any:
        """Approve what somebody else proposed. The core is instructed in the same transaction; after the first of two: not yet."""
        return lifecycle.approve_decision(decision=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(takes=OptInInput, gives=DecisionSerializer, summary="The borrower's answer to a raised limit")
    def opt_in(self, call: WriteRequest) -> Any:
        """Record that the borrower accepted or declined; no answer within 31 days is a no."""
        return opt_in.answer_offer(decision=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(
        takes=LegalStepInput, gives=LegalStepSerializer, status=201, summary="Record a step of legal recovery"
    )
    def legal_steps(self, call: WriteRequest) -> Any:
        """Record what happened: mediation offered, agreed or failed, the claim filed with a court, or the end."""
        return legal_steps.record_legal_step(decision=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(takes=RejectionInput, gives=DecisionSerializer, summary="Reject a proposal")
    def reject(self, call: WriteRequest) -> Any:
        """Reject a proposal."""
        return lifecycle.reject_decision(decision=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(takes=ReasonInput, gives=DecisionSerializer, summary="Reverse a decision that stands")
    def reverse(self, call: WriteRequest) -> Any:
        """Reverse a decision that stands: the core is instructed to set back what it changed."""
        return reversal.reverse_decision(decision=call.record, **call.given, actor=call.actor, at=call.at)


class PlanViewSet(ReadViewSet):
    """Individual instalment plans. While one is active, collection stops."""

    model = RepaymentPlan
    permissions = {"list": "cases.view_repaymentplan", "retrieve": "cases.view_repaymentplan"}
    scopes = {"list": "cases:read", "retrieve": "cases:read"}
    related = ("account",)
    serializer_class = PlanSerializer
    detail_serializer_class = PlanDetailSerializer
    filterset_class = PlanFilter
