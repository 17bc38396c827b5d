"""Doors for a crew member's own phone: its key, tickets, and arrivals and departures that it signed."""

from io import BytesIO
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from backoffice.core.errors import InvalidInput
from backoffice.core.rest.api import ReadViewSet
from backoffice.core.rest.parsing import BoundedJSONParser
from backoffice.outbox.write_actions import WriteRequest, write_action
from visits.api.crew_inputs import AnnouncedDeviceInput
from visits.api.crew_shapes import DeviceSerializer
from visits.api.inputs import SignedInput, StatementInput, TicketInput
from visits.api.visit_shapes import ArrivedSerializer, CheckInSerializer
from visits.models import CheckIn, CrewDevice, VisitOrder
from visits.services.agencies.devices import announce_device, own_member
from visits.services.doorstep import attendance
from visits.services.doorstep.attendance import Position
from visits.services.doorstep.door_proofs import DoorProof, issue_ticket, prove


class TicketSerializer(serializers.Serializer[Any]):
    """A ticket: text for the phone to send back with what it signs, and the server's clock."""

    ticket = serializers.CharField()
    server_at = serializers.DateTimeField()


class CrewDeviceViewSet(ReadViewSet):
    """Devices of crew members. A member sees their own, and announces the phone that they are signed in on."""

    model = CrewDevice
    permissions = {
        "list": "visits.view_crewdevice",
        "retrieve": "visits.view_crewdevice",
        "create": "visits.report_visitorder",
    }
    scopes = {"list": "visits:read", "retrieve": "visits:read"}
    serializer_class = DeviceSerializer

    @write_action(
        takes=AnnouncedDeviceInput,
        gives=DeviceSerializer,
        detail=False,
        path="",
        status=201,
        summary="Announce a phone",
    )
    def create(self, call: WriteRequest) -> Any:
        """Keep the key that the phone made. The coordinator binds it by the code that the phone shows."""
        return announce_device(**call.given, actor=call.actor, at=call.at)


class SignedDoors:
    """What a crew member's own phone does at a visit."""

    @write_action(takes=TicketInput, gives=TicketSerializer, status=201, summary="Get a ticket")
    def tickets(self, call: WriteRequest) -> Any:
        """Give a ticket that proves later, without connection, that something was signed after this moment."""
        text = issue_ticket(order=call.record, **call.given, actor=call.actor, at=call.at)
        return {"ticket": text, "server_at": call.at}

    @write_action(takes=SignedInput, gives=ArrivedSerializer, summary="Check in by a signed message")
    def signed_check_in(self, call: WriteRequest) -> Any:
        """Check the phone's member in, at the moment that the ticket and the phone's clock prove."""
        said, proof = _proven(call, CheckIn.Moment.IN)
        return attendance.check_in(
            order=call.record,
            member=own_member(actor=call.actor),
            position=Position(**said["position"]),
            badge_evidence_ref=said["badge_evidence_ref"],
            is_indoors=said["is_indoors"],
            proof=proof,
            actor=call.actor,
            at=call.at,
        )

    @write_action(takes=SignedInput, gives=CheckInSerializer, summary="Check out by a signed message")
    def signed_check_out(self, call: WriteRequest) -> Any:
        """Check the phone's member out, at the moment that the ticket and the phone's clock prove."""
        said, proof = _proven(call, CheckIn.Moment.OUT)
        return attendance.check_out(
            order=call.record,
            member=own_member(actor=call.actor),
            position=Position(**said["position"]),
            proof=proof,
            actor=call.actor,
            at=call.at,
        )


def _proven(call: WriteRequest, moment: CheckIn.Moment) -> tuple[dict[str, Any], DoorProof]:
    """Return what the phone signed, and the proof; the text is of this visit and moment."""
    order: VisitOrder = call.record
    text = call.given["statement"]
    said = StatementInput(data=BoundedJSONParser().parse(BytesIO(text.encode())))
    said.is_valid(raise_exception=True)
    values = dict(said.validated_data)
    if values["order"] != order.pk or values["moment"] != moment:
        raise InvalidInput(_("What was signed is of another visit or moment."), field="statement")
    proof = prove(
        order=order,
        device=call.given["device"],
        statement=text,
        signature=call.given["signature"],
        ticket=values["ticket"],
        device_at=values["position"]["device_at"],
        actor=call.actor,
        at=call.at,
    )
    return values, proof
