"""Doors to crew members: an agency's program enters them, a person of the lender confirms."""

from dataclasses import replace
from typing import Any

from backoffice.core.rest.api import ReadViewSet
from backoffice.core.rest.shapes import ReasonInput
from backoffice.outbox.write_actions import WriteRequest, write_action
from visits.api.crew_inputs import (
    CertificateInput,
    DeviceInput,
    MemberChangeInput,
    MemberInput,
    PhotoInput,
    RevokeDeviceInput,
)
from visits.api.crew_shapes import (
    CertificateSerializer,
    CrewMemberDetailSerializer,
    CrewMemberSerializer,
    DeviceSerializer,
)
from visits.api.filters import CrewFilter
from visits.models import CrewMember
from visits.services.agencies import crew, crew_papers, crew_standing, devices


class CrewMemberViewSet(ReadViewSet):
    """People who go to doors, by badge. An agency sees its own."""

    model = CrewMember
    permissions = {
        "list": "visits.view_crewmember",
        "retrieve": "visits.view_crewmember",
        "create": "visits.add_crewmember",
        "confirm": "visits.confirm_crewmember",
    } | dict.fromkeys(
        ("change", "photo", "certificates", "devices", "revoke_device", "deactivate", "reactivate"),
        "visits.change_crewmember",
    )
    scopes = {"list": "visits:read", "retrieve": "visits:read"} | dict.fromkeys(
        ("create", "change", "photo", "certificates", "devices", "revoke_device", "deactivate", "reactivate"),
        "visits:write",
    )
    related = ("agency",)
    serializer_class = CrewMemberSerializer
    detail_serializer_class = CrewMemberDetailSerializer
    filterset_class = CrewFilter

    def get_queryset(self) -> Any:
        rows = super().get_queryset()
        return rows if self.action == "list" else rows.prefetch_related("certificates", "devices")

    @write_action(
        takes=MemberInput, gives=CrewMemberSerializer, detail=False, path="", status=201, summary="Enter a crew member"
    )
    def create(self, call: WriteRequest) -> Any:
        """Enter a crew member. They go to no door until a second person of the lender has confirmed them."""
        given = dict(call.given)
        return crew.enter_member(agency=given.pop("agency"), details=crew.MemberDetails(**given), **_dated(call))

    @write_action(takes=MemberChangeInput, gives=CrewMemberSerializer, summary="Change a crew member")
    def change(self, call: WriteRequest) -> Any:
        """Change what is known of a member. That takes the confirmation back."""
        details = replace(crew.details_of(member=call.record), **call.given)
        return crew.change_member(member=call.record, details=details, **_dated(call))

    @write_action(takes=PhotoInput, gives=CrewMemberSerializer, files=True, summary="Send the photograph")
    def photo(self, call: WriteRequest) -> Any:
        """Keep the photograph, drawn anew. That takes the confirmation back."""
        details = crew.details_of(member=call.record)
        content = call.given["photo"].read()
        return crew.change_member(member=call.record, details=details, photo=content, **_dated(call))

    @write_action(takes=CertificateInput, gives=CertificateSerializer, status=201, summary="Enter a certificate")
    def certificates(self, call: WriteRequest) -> Any:
        """Enter a certificate. That takes the confirmation back."""
        return crew_papers.add_certificate(member=call.record, **call.given, **_dated(call))

    @write_action(takes=DeviceInput, gives=DeviceSerializer, status=201, summary="Register a device")
    def devices(self, call: WriteRequest) -> Any:
        """Register a device with which the member works."""
        return devices.register_device(member=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(takes=RevokeDeviceInput, gives=DeviceSerializer, summary="Revoke a device")
    def revoke_device(self, call: WriteRequest) -> Any:
        """Revoke a device that is lost, replaced or handed on."""
        return devices.revoke_device(**call.given, actor=call.actor, at=call.at)

    @write_action(gives=CrewMemberSerializer, summary="Confirm a crew member")
    def confirm(self, call: WriteRequest) -> Any:
        """Confirm for the lender what another person entered. A refusal lists what is missing."""
        return crew.confirm_member(member=call.record, actor=call.actor, at=call.at)

    @write_action(takes=ReasonInput, gives=CrewMemberSerializer, summary="Deactivate a crew member")
    def deactivate(self, call: WriteRequest) -> Any:
        """Let a member go to no door any more; planned visits are planned anew."""
        return crew_standing.deactivate_member(member=call.record, **call.given, actor=call.actor, at=call.at)

    @write_action(takes=ReasonInput, gives=CrewMemberSerializer, summary="Reactivate a crew member")
    def reactivate(self, call: WriteRequest) -> Any:
        """Let an inactive member await confirmation again."""
        return crew_standing.reactivate_member(member=call.record, **call.given, actor=call.actor, at=call.at)


def _dated(call: WriteRequest) -> dict[str, Any]:
    return {"actor": call.actor, "at": call.at, "business_date": call.business_date}
