"""Repayments, and what of them was taken back."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice.access.filters import territory_filter
from backoffice.core.pages.admin import ScopedInline
from backoffice.core.pages.cells import money
from cases.admin.base import CasesAdmin
from cases.models import Repayment, RepaymentReversal


class ReversalInline(ScopedInline):
    model = RepaymentReversal
    ordering = ("reversed_on", "pk")
    fields = ("reversed_on", "amount", "reason", "external_ref")


@admin.register(Repayment)
class RepaymentAdmin(CasesAdmin):
    """Money received, as the core booked it."""

    borrower_path = "account__borrower"
    list_display = ("external_ref", "account", "received", "taken_back", "paid_on", "means")
    list_select_related = ("account",)
    list_filter = (territory_filter("account__territory"),)
    empty_hint = _("Repayments come in from the lender's core.")
    fieldsets = (
        (
            None,
            {"fields": (("external_ref", "account"), ("received", "paid_on"), ("taken_back", "void_on"), "means")},
        ),
    )
    inlines = (ReversalInline,)

    @admin.display(description=_("amount"))
    def received(self, repayment: Repayment) -> str:
        return money(repayment.amount, repayment.account.currency)

    @admin.display(description=_("taken back"))
    def taken_back(self, repayment: Repayment) -> str:
        return money(repayment.reversed_amount or None, repayment.account.currency)
