"""Configuration of what a visit costs and which share of arrears is usually recovered."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from backoffice.audit.recorded import GlobalRecordedAdmin
from backoffice.core.pages.cells import EMPTY, money
from cases.models import RecoveryShare, VisitPrice


class StampedAdmin(GlobalRecordedAdmin):
    """A form for global configuration; each save writes `updated_at`."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        obj.updated_at = timezone.now()
        super().save_model(request, obj, form, change)


@admin.register(VisitPrice)
class VisitPriceAdmin(StampedAdmin):
    """Prices of territories follow the agencies' price cards; by hand there is one for everywhere else."""

    list_display = ("place", "cost", "valid_from", "updated_at")
    list_select_related = ("territory",)
    list_filter = ("currency",)
    ordering = ("territory", "currency", "-valid_from", "pk")
    fields = ("place", "amount", "currency", "valid_from")
    readonly_fields = ("place",)
    empty_hint = _(
        "Prices come from the price cards of active agencies. A price added here counts wherever there is none."
    )

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A price that follows from a price card is changed on the card."""
        return super().has_change_permission(request, obj) and (obj is None or obj.territory_id is None)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A price ends by a row without an amount, so that past figures keep the price they were computed with."""
        return False

    @display(description=_("territory"), ordering="territory")
    def place(self, price: VisitPrice) -> str:
        return str(price.territory or _("everywhere"))

    @display(description=_("cost of a visit"), ordering="amount")
    def cost(self, price: VisitPrice) -> str:
        return EMPTY if price.amount is None else money(price.amount, price.currency)


@admin.register(RecoveryShare)
class RecoveryShareAdmin(StampedAdmin):
    """The share of arrears that is usually recovered, by days past due."""

    list_display = ("from_days_past_due", "share", "source", "updated_at")
    ordering = ("from_days_past_due", "pk")
    fields = ("from_days_past_due", "share", "source")
    empty_hint = _(
        "Without a share the expected recovery of every account is unknown. Add one for each age of arrears."
    )
