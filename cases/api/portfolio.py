"""REST access to borrowers, accounts, contact attempts and the ledger of terms."""

from typing import Any

from backoffice.core.rest.api import ReadViewSet
from backoffice.outbox.write_actions import WriteRequest, write_action
from cases.api.filters import AccountFilter, BorrowerFilter, ContactFilter, TermsChangeFilter
from cases.api.inputs import ContactInput, TermsAnswerInput
from cases.api.portfolio_shapes import (
    AccountDetailSerializer,
    AccountSerializer,
    BorrowerDetailSerializer,
    BorrowerSerializer,
    ContactSerializer,
    TermsChangeSerializer,
)
from cases.models import Account, Borrower, ContactAttempt, TermsChange
from cases.services.casework.contacts import record_contact
from cases.services.decisions.acknowledgements import acknowledge_terms_change


class BorrowerViewSet(ReadViewSet):
    """People who borrow, masked. Clear text is shown in the back office only, for a purpose, and logged."""

    model = Borrower
    permissions = {"list": "cases.view_borrower", "retrieve": "cases.view_borrower"}
    scopes = {"list": "cases:read", "retrieve": "cases:read"}
    related = ("territory",)
    serializer_class = BorrowerSerializer
    detail_serializer_class = BorrowerDetailSerializer
    filterset_class = BorrowerFilter


class AccountViewSet(ReadViewSet):
    """Credit lines and loans, as the lender's core last reported them."""

    model = Account
    permissions = {"list": "cases.view_account", "retrieve": "cases.view_account"}
    scopes = {"list": "cases:read", "retrieve": "cases:read"}
    related = ("borrower", "territory")
    serializer_class = AccountSerializer
    detail_serializer_class = AccountDetailSerializer
    filterset_class = AccountFilter


class ContactViewSet(ReadViewSet):
    """Attempts to reach borrowers, by every channel."""

    model = ContactAttempt
    permissions = {
        "list": "cases.view_contactattempt",
        "retrieve": "cases.view_contactattempt",
        "create": "cases.record_contact",
    }
    scopes = {"list": "cases:read", "retrieve": "cases:read", "create": "portfolio:write"}
    related = ("borrower",)
    serializer_class = ContactSerializer
    filterset_class = ContactFilter

    @write_action(
        takes=ContactInput,
        gives=ContactSerializer,
        detail=False,
        path="",
        status=201,
        summary="Record one contact attempt",
    )
    def create(self, call: WriteRequest) -> Any:
        """Record one attempt, after it was made. A reference that is recorded already is a conflict."""
        given = dict(call.given)
        return record_contact(phone=given.pop("phone_ref"), actor=call.actor, at=call.at, **given)


class TermsChangeViewSet(ReadViewSet):
    """The ledger of terms: what decisions changed, and whether the core has acknowledged it."""

    model = TermsChange
    permissions = {"list": "cases.view_termschange", "retrieve": "cases.view_termschange"}
    # The core's own answers: no person gives them.
    scopes = {"list": "cases:read", "retrieve": "cases:read", "acknowledge": "terms:write"}
    related = ("account",)
    serializer_class = TermsChangeSerializer
    filterset_class = TermsChangeFilter

    @write_action(
        takes=TermsAnswerInput, gives=TermsChangeSerializer, detail=False, summary="Answer one line of the ledger"
    )
    def acknowledge(self, call: WriteRequest) -> Any:
        """Record that the core made a change, or why it refuses. The same answer again changes nothing."""
        return acknowledge_terms_change(**call.given, actor=call.actor, at=call.at)
