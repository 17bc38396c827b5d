"""Doors to agencies, their papers, prices and placements."""

from dataclasses import replace
from typing import Any

from rest_framework.parsers import MultiPartParser

from backoffice.core.errors import StateConflict
from backoffice.core.rest.api import ReadViewSet
from backoffice.core.rest.parsing import BoundedJSONParser
from backoffice.core.rest.shapes import ReasonInput
from backoffice.outbox.write_actions import WriteRequest, write_action
from visits.api.agency_inputs import (
    AgencyChangeInput,
    AgencyInput,
    CapacityInput,
    CredentialInput,
    EvaluationInput,
    PriceInput,
    RenewalInput,
)
from visits.api.agency_shapes import AgencySerializer, CredentialSerializer, PlacementSerializer, PriceSerializer
from visits.api.filters import AgencyFilter, CredentialFilter, PlacementFilter, PriceFilter
from visits.enums import EntryState
from visits.models import Agency, AgencyCredential, ContractRenewal, Placement, PriceCard
from visits.services.agencies import admission, agencies, credentials, price_cards, renewal
from visits.services.agencies.placement import return_placement

READ = {"list": "visits:read", "retrieve": "visits:read"}


class AgencyViewSet(ReadViewSet):
    """Outside firms. An agency sees itself. People admit and renew; a program of the lender enters."""

    model = Agency
    permissions = {
        "list": "visits.view_agency",
        "retrieve": "visits.view_agency",
        "create": "visits.add_agency",
        "change": "visits.change_agency",
        "capacity": "visits.change_agency",
        "admit": "visits.admit_agency",
        "reinstate": "visits.admit_agency",
        "suspend": "visits.suspend_agency",
        "exit": "visits.suspend_agency",
        "evaluate": "visits.evaluate_agency",
        "ask_renewal": "visits.change_agency",
        "withdraw_renewal": "visits.change_agency",
        "renew": "visits.admit_agency",
    }
    scopes = READ | dict.fromkeys(("create", "change", "capacity"), "agencies:write")
    serializer_class = AgencySerializer
    filterset_class = AgencyFilter

    @write_action(
        takes=AgencyInput, gives=AgencySerializer, detail=False, path="", status=201, summary="Enter an agency"
    )
    def create(self, call: WriteRequest) -> Any:
        """Enter an applicant. It takes no case until another person has admitted it."""
        details = admission.AgencyDetails(**call.given)
        return admission.enter_agency(details=details, actor=call.actor, at=call.at, business_date=call.business_date)

    @write_action(takes=AgencyChangeInput, gives=AgencySerializer, summary="Change an agency")
    def change(self, call: WriteRequest) -> Any:
        """Correct details. After the admission registration and contract are fixed."""
        details = replace(admission.details_of(agency=call.record), **call.given)
        return admission.change_agency(agency=call.record, details=details, **dated(call))

    @write_action(takes=CapacityInput, gives=AgencySerializer, summary="Set a capacity")
    def capacity(self, call: WriteRequest) -> Any:
        """Set how many cases the agency takes in a territory at once."""
        admission.set_capacity(agency=call.record, **call.given, **dated(call))
        return call.record

    @write_action(takes=ReasonInput, gives=AgencySerializer, summary="Admit an agency")
    def admit(self, call: WriteRequest) -> Any:
        """Put an applicant on the list that another person entered. A refusal lists what is missing."""
        return admission.admit_agency(agency=call.record, **call.given, **dated(call))

    @write_action(takes=ReasonInput, gives=AgencySerializer, summary="Suspend an agency")
    def suspend(self, call: WriteRequest) -> Any:
        """Suspend at once: live placements are recalled."""
        return agencies.suspend_agency(agency=call.record, **call.given, **dated(call))

    @write_action(takes=ReasonInput, gives=AgencySerializer, summary="Reinstate an agency")
    def reinstate(self, call: WriteRequest) -> Any:
        """Let a restricted or suspended agency take cases again."""
        return agencies.reinstate_agency(agency=call.record, **call.given, **dated(call))

    @write_action(takes=ReasonInput, gives=AgencySerializer, summary="End the cooperation")
    def exit(self, call: WriteRequest) -> Any:
        """End the cooperation for good: live placements are recalled."""
        return agencies.exit_agency(agency=call.record, **call.given, **dated(call))

    @write_action(takes=EvaluationInput, gives=AgencySerializer, summary="Evaluate an agency")
    def evaluate(self, call: WriteRequest) -> Any:
        """Evaluate by what was done in the last twelve months; the standing follows."""
        agencies.evaluate_agency(agency=call.record, **call.given, **dated(call))
        return call.record

    @write_action(takes=RenewalInput, gives=AgencySerializer, summary="Ask for a renewal")
    def ask_renewal(self, call: WriteRequest) -> Any:
        """Ask for a later end of the contract. A refusal names the evaluations that are missing."""
        renewal.ask_renewal(agency=call.record, **call.given, **dated(call))
        return call.record

    @write_action(gives=AgencySerializer, summary="Grant the renewal")
    def renew(self, call: WriteRequest) -> Any:
        """Grant the renewal that another person asked for."""
        return renewal.renew_agency(renewal=_open_renewal(call.record), **dated(call))

    @write_action(gives=AgencySerializer, summary="Withdraw the renewal")
    def withdraw_renewal(self, call: WriteRequest) -> Any:
        """Withdraw or refuse the renewal that awaits its decision."""
        renewal.withdraw_renewal(renewal=_open_renewal(call.record), actor=call.actor, at=call.at)
        return call.record


class CredentialViewSet(ReadViewSet):
    """Papers of agencies: entered by one person or program, confirmed by another person."""

    model = AgencyCredential
    permissions = {
        "list": "visits.view_agencycredential",
        "retrieve": "visits.view_agencycredential",
        "create": "visits.add_agencycredential",
        "confirm": "visits.confirm_agencycredential",
        "withdraw": "visits.add_agencycredential",
    }
    scopes = READ | dict.fromkeys(("create", "withdraw"), "agencies:write")
    related = ("agency",)
    serializer_class = CredentialSerializer
    filterset_class = CredentialFilter
    # For the collection's own POST: with a copy of the paper, or JSON without one.
    parser_classes = [MultiPartParser, BoundedJSONParser]

    @write_action(
        takes=CredentialInput,
        gives=CredentialSerializer,
        detail=False,
        path="",
        files=True,
        status=201,
        summary="Enter a paper",
    )
    def create(self, call: WriteRequest) -> Any:
        """Enter a paper of an agency. It counts once another person has confirmed it."""
        given = dict(call.given)
        agency, file = given.pop("agency"), given.pop("file", None)
        return credentials.enter_credential(
            agency=agency,
            details=credentials.CredentialDetails(**given),
            content=file.read() if file is not None else None,
            actor=call.actor,
            at=call.at,
        )

    @write_action(gives=CredentialSerializer, summary="Confirm a paper")
    def confirm(self, call: WriteRequest) -> Any:
        """Confirm a paper that another person entered."""
        return credentials.confirm_credential(credential=call.record, **dated(call))

    @write_action(gives=CredentialSerializer, summary="Withdraw a paper")
    def withdraw(self, call: WriteRequest) -> Any:
        """Withdraw a paper; it is kept and counts no more."""
        return credentials.withdraw_credential(credential=call.record, **dated(call))


class PriceViewSet(ReadViewSet):
    """Price cards of agencies: entered by one person or program, confirmed by another person."""

    model = PriceCard
    permissions = {
        "list": "visits.view_pricecard",
        "retrieve": "visits.view_pricecard",
        "create": "visits.add_pricecard",
        "confirm": "visits.confirm_pricecard",
        "withdraw": "visits.add_pricecard",
    }
    scopes = READ | dict.fromkeys(("create", "withdraw"), "agencies:write")
    related = ("agency",)
    serializer_class = PriceSerializer
    filterset_class = PriceFilter

    @write_action(takes=PriceInput, gives=PriceSerializer, detail=False, path="", status=201, summary="Enter a price")
    def create(self, call: WriteRequest) -> Any:
        """Enter a line of a price card, from today or a later day on."""
        return price_cards.enter_price(**call.given, **dated(call))

    @write_action(gives=PriceSerializer, summary="Confirm a price")
    def confirm(self, call: WriteRequest) -> Any:
        """Confirm a price that another person entered; the line of before ends the day before."""
        return price_cards.confirm_price(price=call.record, **dated(call))

    @write_action(gives=PriceSerializer, summary="Withdraw a price")
    def withdraw(self, call: WriteRequest) -> Any:
        """Withdraw a price that awaits confirmation."""
        return price_cards.withdraw_price(price=call.record, actor=call.actor, at=call.at)


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


def dated(call: WriteRequest) -> dict[str, Any]:
    """Return who asks, when, and on which business date."""
    return {"actor": call.actor, "at": call.at, "business_date": call.business_date}


def _open_renewal(agency: Agency) -> ContractRenewal:
    rows = ContractRenewal.objects.filter(agency=agency, state=EntryState.ENTERED).select_related("agency")
    found: ContractRenewal | None = rows.first()
    if found is None:
        raise StateConflict
    return found
