"""What the lists of this floor share: search by number or borrower, and the least for outside firms."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.cells import EMPTY, linked
from backoffice.core.reach import Reach
from cases.selectors.casework.search import borrowers_matching


def is_outside(user: Any) -> bool:
    """Return whether a person belongs to an outside firm: they see the least that the visit needs."""
    return user.reach in (Reach.AGENCY, Reach.CREW)


class VisitsAdmin(ScopedAdmin):
    """A list that is searched exactly: by number, by reference, or by what names the borrower."""

    search_fields = ("pk",)
    search_help_text = _("A number or reference, or the borrower's full name, identity or phone number")
    # Lookups from the row to its visit order and its borrower; empty for the order itself.
    order_path: ClassVar[str] = ""
    borrower_path: ClassVar[str] = "case__borrower"
    reference_path: ClassVar[str] = ""
    number_prefix: ClassVar[str] = "V"
    # Columns that stay at home: an outside firm's people do not see them.
    inside_only: ClassVar[tuple[str, ...]] = ("case_link", "borrower_link", "territory")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return exact matches only."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = Q(**{self.reference_path: term}) if self.reference_path else Q(pk__in=())
        if term.upper().startswith(self.number_prefix) and term[1:].isdecimal():
            found |= Q(**{self.order_path or "pk": min(int(term[1:]), 2**63 - 1)})
        if not is_outside(request.user) and self.borrower_path:
            borrowers = borrowers_matching(text=term, user=request.user).values("pk")
            found |= Q(**{f"{self.borrower_path}__in": borrowers})
        return queryset.filter(found), False

    def get_list_display(self, request: HttpRequest) -> Any:
        columns = super().get_list_display(request)
        return [c for c in columns if c not in self.inside_only] if is_outside(request.user) else columns

    def get_list_filter(self, request: HttpRequest) -> Any:
        filters = super().get_list_filter(request)
        if is_outside(request.user):
            return [f for f in filters if getattr(f, "parameter_name", "") != "territory"]
        return filters

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        # Insiders get the link instead of the plain masked name.
        hidden = self.inside_only if is_outside(request.user) else ("borrower_masked",)
        shown = [(title, options | {"fields": _without(options["fields"], hidden)}) for title, options in fieldsets]
        return [(title, options) for title, options in shown if options["fields"]]

    def order_of(self, record: Any) -> Any:
        """Return the visit order that a row belongs to."""
        return record

    @admin.display(description=_("case"))
    def case_link(self, record: Any) -> Any:
        return linked(self.order_of(record).case)

    @admin.display(description=_("borrower"))
    def borrower_link(self, record: Any) -> Any:
        borrower = self.order_of(record).case.borrower
        return linked(borrower, borrower.masked_name or borrower.external_ref)

    @admin.display(description=_("borrower"))
    def borrower_masked(self, record: Any) -> str:
        return self.order_of(record).case.borrower.masked_name or EMPTY

    @admin.display(description=_("note on the end"))
    def end_note_text(self, record: Any) -> str:
        return record.end_note or EMPTY

    @admin.display(description=_("territory"))
    def territory(self, record: Any) -> str:
        return str(self.order_of(record).case.territory)


def _without(fields: Any, hidden: tuple[str, ...]) -> tuple[Any, ...]:
    rows = [field if isinstance(field, tuple) else (field,) for field in fields]
    kept = [tuple(field for field in row if field not in hidden) for row in rows]
    return tuple(row if len(row) > 1 else row[0] for row in kept if row)
