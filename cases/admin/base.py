"""What the lists of this floor share: search by what staff know of a borrower, and masked names."""

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.cells import EMPTY, linked
from cases.selectors.casework.search import borrowers_matching


class CasesAdmin(ScopedAdmin):
    """A list that is searched exactly: by the record's own reference, or by what names its borrower."""

    # Shows the search box. What is searched stands in `get_search_results`.
    search_fields = ("pk",)
    search_help_text = _("Full name, identity or phone number, or a reference")
    # Lookups from the row to its borrower and to its own reference; empty where it has none.
    borrower_path: ClassVar[str] = "borrower"
    reference_path: ClassVar[str] = "external_ref"
    # The letter before a number that stands for the primary key (C0000012); empty where there is none.
    number_prefix: ClassVar[str] = ""

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Return exact matches only: parts of names are not searched, since they are not kept in clear."""
        term = search_term.strip()
        if not term:
            return queryset, False
        found = Q(pk__in=())
        if self.reference_path:
            found |= Q(**{self.reference_path: term})
        if self.number_prefix and term.upper().startswith(self.number_prefix) and term[1:].isdecimal():
            found |= Q(pk=min(int(term[1:]), 2**63 - 1))
        if self.borrower_path:
            borrowers = borrowers_matching(text=term, user=request.user).values("pk")
            found |= (
                Q(pk__in=borrowers) if self.borrower_path == "pk" else Q(**{f"{self.borrower_path}__in": borrowers})
            )
        return queryset.filter(found), False

    @admin.display(description=_("borrower"))
    def borrower_masked(self, record: Any) -> Any:
        """The borrower's masked name as a link to their page."""
        borrower = getattr(record, "borrower", None)
        return linked(borrower, borrower.masked_name or borrower.external_ref) if borrower else EMPTY
