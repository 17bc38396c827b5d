"""REST access to contact permits, breaches, wishes about times, and refused numbers."""

from typing import Any

from backoffice.core.rest.api import ReadViewSet
from backoffice.outbox.write_actions import WriteRequest, write_action
from cases.api.contact_inputs import PermitInput, StopInput, WishInput
from cases.api.contact_shapes import BreachSerializer, PermitSerializer, StopSerializer, WishSerializer
from cases.api.filters import ContactBreachFilter, ContactPermitFilter, ContactStopFilter, ContactWishFilter
from cases.models import ContactBreach, ContactPermit, ContactStop, ContactWish
from cases.services.contacts import permits, stops, wishes

ASK_SCOPE = "contacts:ask"


class ContactPermitViewSet(ReadViewSet):
    """Whether a person may be contacted now. Ask before each contact, and name the permit when you report it."""

    model = ContactPermit
    permissions = {
        "list": "cases.view_contactpermit",
        "retrieve": "cases.view_contactpermit",
        "create": permits.ASK,
        "release": permits.ASK,
    }
    scopes = {"list": "cases:read", "retrieve": ASK_SCOPE, "create": ASK_SCOPE, "release": ASK_SCOPE}
    related = ("borrower", "phone", "related")
    serializer_class = PermitSerializer
    filterset_class = ContactPermitFilter

    @write_action(
        takes=PermitInput,
        gives=PermitSerializer,
        detail=False,
        path="",
        status=201,
        summary="Ask whether a person may be contacted",
    )
    def create(self, call: WriteRequest) -> Any:
        """Answer yes or no with every clause that refuses, and reserve the place. A no is an answer too: 201."""
        return permits.ask_permit(**call.given, actor=call.actor, at=call.at)

    @write_action(gives=PermitSerializer, summary="Give a permit back")
    def release(self, call: WriteRequest) -> Any:
        """Give a permit back that was not used; its place is free at once."""
        return permits.release_permit(permit=call.record, actor=call.actor, at=call.at)


class ContactBreachViewSet(ReadViewSet):
    """Contacts that were made without or against a permit, in quiet hours, or beyond a cap."""

    model = ContactBreach
    permissions = {"list": "cases.view_contactbreach", "retrieve": "cases.view_contactbreach"}
    scopes = {"list": "cases:read", "retrieve": "cases:read"}
    related = ("borrower", "source")
    serializer_class = BreachSerializer
    filterset_class = ContactBreachFilter


class ContactWishViewSet(ReadViewSet):
    """Times of day at which a borrower wants to be contacted."""

    model = ContactWish
    permissions = {
        "list": "cases.view_contactwish",
        "retrieve": "cases.view_contactwish",
        "create": "cases.add_contactwish",
        "end": "cases.change_contactwish",
    }
    scopes = {"list": "cases:read", "retrieve": "cases:read"}
    related = ("borrower",)
    serializer_class = WishSerializer
    filterset_class = ContactWishFilter

    @write_action(
        takes=WishInput, gives=WishSerializer, detail=False, path="", status=201, summary="Record a borrower's wish"
    )
    def create(self, call: WriteRequest) -> Any:
        """Record a wish with its evidence. People only: an agency's program cannot loosen quiet hours."""
        return wishes.record_wish(**call.given, actor=call.actor, at=call.at)

    @write_action(gives=WishSerializer, summary="End a wish")
    def end(self, call: WriteRequest) -> Any:
        """End a wish that the borrower took back."""
        return wishes.end_wish(wish=call.record, actor=call.actor, at=call.at)


class ContactStopViewSet(ReadViewSet):
    """Numbers at which somebody other than the borrower refused contact. They are never used again."""

    model = ContactStop
    permissions = {
        "list": "cases.view_contactstop",
        "retrieve": "cases.view_contactstop",
        "create": "cases.add_contactstop",
    }
    scopes = {"list": "cases:read", "retrieve": "cases:read", "create": ASK_SCOPE}
    related = ("borrower", "related")
    serializer_class = StopSerializer
    filterset_class = ContactStopFilter

    @write_action(
        takes=StopInput,
        gives=StopSerializer,
        detail=False,
        path="",
        status=201,
        summary="Note that a related person refused contact",
    )
    def create(self, call: WriteRequest) -> Any:
        """Stop a number for ever. Noted before, it is answered as it stands."""
        return stops.stop_number(**call.given, actor=call.actor, at=call.at)
