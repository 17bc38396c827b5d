"""Doors to visits, check-ins, reports and evidence: for crews, coordinators and an agency's programs."""

import re
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from backoffice.core.errors import NotAllowed
from backoffice.core.rest.api import ReadViewSet
from backoffice.core.rest.shapes import ReasonInput
from backoffice.outbox.write_actions import WriteRequest, write_action
from visits.api.filters import CheckInFilter, EvidenceFilter, ReportFilter, VisitOrderFilter
from visits.api.inputs import (
    AbortInput,
    CheckInInput,
    CheckOutInput,
    EvidenceInput,
    JoinedEvidenceInput,
    PartInput,
    ReportInput,
    member_of,
)
from visits.api.report_shapes import EvidenceSerializer, PartsSerializer, ReportDetailSerializer, ReportSerializer
from visits.api.signed_doors import SignedDoors
from visits.api.visit_shapes import ArrivedSerializer, CheckInSerializer, VisitOrderSerializer
from visits.models import CheckIn, Evidence, VisitOrder, VisitReport
from visits.services.dispatch import orders
from visits.services.doorstep import attendance
from visits.services.doorstep.attendance import Position
from visits.services.doorstep.evidence import Device, attach_evidence
from visits.services.doorstep.evidence_parts import attach_parts, parts_there, take_part
from visits.services.doorstep.reports import Document, Media, ReportDraft, SectionDraft, submit_report

SHA256 = re.compile(r"[0-9a-f]{64}")
READ = {"list": "visits:read", "retrieve": "visits:read"}


class VisitOrderViewSet(SignedDoors, ReadViewSet):
    """Visits. An agency sees those of its live placements, a crew its own; a recall ends that at once."""

    model = VisitOrder
    permissions = {
        "list": "visits.view_visitorder",
        "retrieve": "visits.view_visitorder",
        "accept": "visits.accept_visitorder",
        "decline": "visits.accept_visitorder",
        "depart": "visits.report_visitorder",
        "check_in": "visits.report_visitorder",
        "check_out": "visits.report_visitorder",
        "abort": "visits.report_visitorder",
        "report": "visits.report_visitorder",
    } | dict.fromkeys(("tickets", "signed_check_in", "signed_check_out"), "visits.report_visitorder")
    # What a phone signs comes from the person who is signed in on it, never from a program.
    scopes = READ | dict.fromkeys(
        ("accept", "decline", "depart", "check_in", "check_out", "abort", "report"), "visits:write"
    )
    related = ("case__borrower", "address", "placement__agency", "lead", "second", "requested_by", "approved_by")
    serializer_class = VisitOrderSerializer
    filterset_class = VisitOrderFilter

    @write_action(gives=VisitOrderSerializer, summary="Accept a scheduled visit")
    def accept(self, call: WriteRequest) -> Any:
        """Accept a scheduled visit for the agency."""
        return orders.accept_visit(order=call.record, actor=call.actor, at=call.at)

    @write_action(takes=ReasonInput, gives=VisitOrderSerializer, summary="Decline a scheduled visit")
    def decline(self, call: WriteRequest) -> Any:
        """Decline for the agency: crew, window and letter fall away, the order is planned anew."""
        return orders.decline_visit(order=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(gives=VisitOrderSerializer, summary="Set out")
    def depart(self, call: WriteRequest) -> Any:
        """Set out. If the visit is no longer due, it comes back cancelled instead."""
        return orders.depart(order=call.record, actor=call.actor, at=call.at)

    @write_action(takes=CheckInInput, gives=ArrivedSerializer, summary="Check in at the door")
    def check_in(self, call: WriteRequest) -> Any:
        """
        Check one crew member in; the second one's check-in opens the door if the conduct guard allows.

        For agencies' programs. A crew member who is signed in checks in by a message that their telephone signed.
        """
        _must_be_a_program(call)
        given = call.given
        return attendance.check_in(
            order=call.record,
            member=member_of(order=call.record, badge=given["badge"], user=call.actor),
            position=Position(**given["position"]),
            badge_evidence_ref=given["badge_evidence_ref"],
            is_indoors=given["is_indoors"],
            actor=call.actor,
            at=call.at,
        )

    @write_action(takes=CheckOutInput, gives=CheckInSerializer, summary="Check out")
    def check_out(self, call: WriteRequest) -> Any:
        """Check one crew member out; from then on no position of theirs is taken. For agencies' programs, as to check in."""
        _must_be_a_program(call)
        return attendance.check_out(
            order=call.record,
            member=member_of(order=call.record, badge=call.given["badge"], user=call.actor),
            position=Position(**call.given["position"]),
            actor=call.actor,
            at=call.at,
        )

    @write_action(takes=AbortInput, gives=VisitOrderSerializer, summary="Break off")
    def abort(self, call: WriteRequest) -> Any:
        """Break a visit off as unsafe (F40) or no longer due (F41)."""
        return attendance.abort_visit(order=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(takes=ReportInput, gives=ReportDetailSerializer, status=201, summary="Submit the report")
    def report(self, call: WriteRequest) -> Any:
        """Hand in the report. Every problem is listed with its field; the files follow to the report's evidence door."""
        return submit_report(order=call.record, draft=_draft(call.given), actor=call.actor, at=call.at)


def _must_be_a_program(call: WriteRequest) -> None:
    """Refuse a crew member who is signed in: by their login alone one telephone could check in two people."""
    if getattr(call.actor, "crew_member", None) is not None:
        raise NotAllowed(_("Check in and out on your own telephone, which signs it."))


def _draft(given: dict[str, Any]) -> ReportDraft:
    sections = [
        SectionDraft(**section | {"documents": [Document(**paper) for paper in section["documents"]]})
        for section in given["sections"]
    ]
    return ReportDraft(**given | {"sections": sections, "media": [Media(**item) for item in given["media"]]})


class CheckInViewSet(ReadViewSet):
    """Arrivals and departures of crews."""

    model = CheckIn
    permissions = {"list": "visits.view_checkin", "retrieve": "visits.view_checkin"}
    scopes = READ
    related = ("order", "member")
    serializer_class = CheckInSerializer
    filterset_class = CheckInFilter


class ReportViewSet(ReadViewSet):
    """Reports with their sections and what is known of their evidence."""

    model = VisitReport
    permissions = {
        "list": "visits.view_visitreport",
        "retrieve": "visits.view_visitreport",
        "evidence": "visits.report_visitorder",
        "evidence_parts": "visits.report_visitorder",
        "evidence_parts_there": "visits.report_visitorder",
        "joined_evidence": "visits.report_visitorder",
    }
    scopes = READ | dict.fromkeys(
        ("evidence", "evidence_parts", "evidence_parts_there", "joined_evidence"), "visits:write"
    )
    related = ("order", "review", "trust")
    serializer_class = ReportSerializer
    detail_serializer_class = ReportDetailSerializer
    filterset_class = ReportFilter

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows if self.action == "list" else rows.prefetch_related("sections", "evidence")

    @write_action(
        takes=EvidenceInput, gives=EvidenceSerializer, files=True, status=201, summary="Upload one announced file"
    )
    def evidence(self, call: WriteRequest) -> Any:
        """Attach one file that the report announced. The same file again changes nothing."""
        return attach_evidence(report=call.record, content=call.given["file"].read(), **_announced(call))

    @write_action(takes=PartInput, gives=PartsSerializer, files=True, summary="Upload one part of an announced file")
    def evidence_parts(self, call: WriteRequest) -> Any:
        """
        Keep one part of a file that the report announced; at most 2 MB. The same part again changes nothing.

        When all parts are there, `joined-evidence/` attaches the file. Parts of a file that is never completed are
        deleted after seven days.
        """
        given = call.given
        return take_part(
            report=call.record,
            sha256=given["sha256"],
            number=given["number"],
            count=given["count"],
            content=given["part"].read(),
            actor=call.actor,
            at=call.at,
        )

    @extend_schema(
        parameters=[OpenApiParameter(name="sha256", required=True, description="Of the whole file.")],
        responses=PartsSerializer,
        summary="Ask which parts of a file have arrived",
        filters=False,
    )
    @evidence_parts.mapping.get
    def evidence_parts_there(self, request: Request, *_args: Any, **_kwargs: Any) -> Response:
        """Say which parts of a file have arrived and which are missing."""
        report, sha256 = self.get_object(), request.query_params.get("sha256", "")
        if not SHA256.fullmatch(sha256):
            raise ValidationError({"sha256": [_("Name the file by its SHA-256, in lower-case hexadecimal.")]})
        return Response(PartsSerializer(parts_there(report=report, sha256=sha256)).data)

    @write_action(
        takes=JoinedEvidenceInput, gives=EvidenceSerializer, status=201, summary="Attach a file sent in parts"
    )
    def joined_evidence(self, call: WriteRequest) -> Any:
        """Attach a file whose parts have all arrived. The same file again changes nothing."""
        return attach_parts(report=call.record, sha256=call.given["sha256"], **_announced(call))


def _announced(call: WriteRequest) -> dict[str, Any]:
    """Return what a request says of a file, as the services take it."""
    given, member = call.given, None
    if given["badge"] or getattr(call.actor, "crew_member", None) is not None:
        member = member_of(order=call.record.order, badge=given["badge"], user=call.actor)
    return {
        "kind": given["kind"],
        "external_ref": given["external_ref"],
        "device": Device(at=given["device_at"], mock_location=given["mock_location"]),
        "uploaded_by": member,
        "section": given["section"],
        "actor": call.actor,
        "at": call.at,
    }


class EvidenceViewSet(ReadViewSet):
    """What is known of files from the door."""

    model = Evidence
    permissions = {"list": "visits.view_evidence", "retrieve": "visits.view_evidence"}
    scopes = READ
    serializer_class = EvidenceSerializer
    filterset_class = EvidenceFilter
