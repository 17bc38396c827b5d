"""Identity numbers that too many borrowers have to be one person."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.cells import EMPTY, linked
from cases.models import SharedNumber


@admin.register(SharedNumber)
class SharedNumberAdmin(ScopedAdmin):
    """A number of more than 20 borrowers: the lender looks at its own data, and nobody is merged by it."""

    list_display = ("__str__", "masked_id_number", "borrower_count", "one_of_them", "noticed_at", "counted_at")
    list_select_related = ("example",)
    ordering = ("-borrower_count", "-pk")
    empty_hint = _("No identity number has more than 20 borrowers. They are counted after each intake and every night.")
    fieldsets = (
        (
            None,
            {"fields": (("masked_id_number", "borrower_count"), "one_of_them", ("noticed_at", "counted_at"))},
        ),
    )

    @admin.display(description=_("identity number"))
    def masked_id_number(self, number: SharedNumber) -> str:
        return str(number.example.masked_id_number) or EMPTY

    @admin.display(description=_("one of the borrowers"))
    def one_of_them(self, number: SharedNumber) -> Any:
        return linked(number.example)
