"""What was tried with borrowers, what they promised, and what makes their data doubtful. For reading."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.access.filters import territory_filter
from backoffice.core.pages.cells import chip, money, tones
from cases.admin.base import CasesAdmin
from cases.enums import ContactOutcome, PromiseState
from cases.models import ContactAttempt, PromiseToPay

OUTCOME_TONES = tones(
    ContactOutcome, success=["RIGHT_PARTY", "READ"], danger=["NO_SUCH_NUMBER", "NEW_OWNER", "SUSPENDED"]
)
PROMISE_TONES = tones(PromiseState, success=["KEPT"], danger=["BROKEN"], info=["OPEN"])


@admin.register(ContactAttempt)
class ContactAttemptAdmin(CasesAdmin):
    """One attempt by one channel."""

    list_display = ("attempted_at", "borrower_masked", "channel", "direction", "outcome_chip", "right_party", "receipt")
    list_select_related = ("borrower",)
    list_filter = (
        territory_filter("borrower__territory"),
        ("channel", ChoicesDropdownFilter),
        ("outcome", ChoicesDropdownFilter),
    )
    empty_hint = _("Contact attempts come in from the lender's channels.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("external_ref", "borrower_masked"),
                    ("channel", "direction"),
                    ("outcome_chip", "attempted_at"),
                    ("right_party", "receipt"),
                    "cost",
                )
            },
        ),
    )

    @admin.display(description=_("outcome"))
    def outcome_chip(self, attempt: ContactAttempt) -> Any:
        return chip(attempt, "outcome", OUTCOME_TONES)


@admin.register(PromiseToPay)
class PromiseAdmin(CasesAdmin):
    """A promise: kept when at least 95 % is paid by its day plus three days of grace."""

    list_display = (
        "external_ref",
        "borrower_masked",
        "account",
        "promised",
        "promised_on",
        "due_on",
        "state_chip",
        "settled_on",
    )
    list_select_related = ("borrower", "account")
    list_filter = (territory_filter("borrower__territory"), ("state", ChoicesDropdownFilter))
    empty_hint = _("Promises are noted with the contact in which they were made.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("external_ref", "borrower_masked"),
                    ("account", "channel"),
                    ("promised", "state_chip"),
                    ("promised_on", "due_on"),
                    "settled_on",
                )
            },
        ),
    )

    @admin.display(description=_("amount"))
    def promised(self, promise: PromiseToPay) -> str:
        return money(promise.amount, promise.account.currency)

    @admin.display(description=_("state"))
    def state_chip(self, promise: PromiseToPay) -> Any:
        return chip(promise, "state", PROMISE_TONES)
