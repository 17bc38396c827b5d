"""Doors to agencies, their crews and their placements."""

from typing import Any

from backoffice.core.rest.api import ReadViewSet
from backoffice.core.rest.shapes import ReasonInput
from backoffice.outbox.write_actions import WriteRequest, write_action
from visits.api.agency_shapes import AgencySerializer, CrewMemberSerializer, PlacementSerializer
from visits.api.filters import AgencyFilter, CrewFilter, PlacementFilter
from visits.models import Agency, CrewMember, Placement
from visits.services.agencies.placement import return_placement

READ = {"list": "visits:read", "retrieve": "visits:read"}


class AgencyViewSet(ReadViewSet):
    """Outside firms. An agency sees itself."""

    model = Agency
    permissions = {"list": "visits.view_agency", "retrieve": "visits.view_agency"}
    scopes = READ
    serializer_class = AgencySerializer
    filterset_class = AgencyFilter


class CrewMemberViewSet(ReadViewSet):
    """People who go to doors, by badge. An agency sees its own."""

    model = CrewMember
    permissions = {"list": "visits.view_crewmember", "retrieve": "visits.view_crewmember"}
    scopes = READ
    related = ("agency",)
    serializer_class = CrewMemberSerializer
    filterset_class = CrewFilter


class PlacementViewSet(ReadViewSet):
    """Cases placed with agencies. An agency sees its live ones; a recall ends that at once."""

    model = Placement
    permissions = {
        "list": "visits.view_placement",
        "retrieve": "visits.view_placement",
        "give_back": "visits.return_placement",
    }
    scopes = READ
    related = ("case", "agency")
    serializer_class = PlacementSerializer
    filterset_class = PlacementFilter

    @write_action(takes=ReasonInput, gives=PlacementSerializer, path="return", summary="Return a case to the lender")
    def give_back(self, call: WriteRequest) -> Any:
        """Return a case to the lender. Its visits are called off and the agency's sight of it ends."""
        return return_placement(
            placement=call.record, **call.given, actor=call.actor, at=call.at, business_date=call.business_date
        )
