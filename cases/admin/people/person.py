"""Natural persons: the borrowers that are one, and the merges that made them so."""

from typing import Any

from django.contrib import admin
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.cells import EMPTY, lines, linked
from cases.admin.base import CasesAdmin
from cases.admin.people.cells import arrears_of, names_of, numbers_of, references_of, territories_of
from cases.models import Account, Borrower, Person
from cases.selectors.casework.people import beside, merges_of_person
from cases.selectors.casework.search import borrowers_matching


@admin.register(Person)
class PersonAdmin(CasesAdmin):
    """One person with at least two borrowers. A borrower without one is a person by itself and stands in their own list."""

    reference_path = ""
    borrower_path = ""
    number_prefix = "P"
    list_display = ("__str__", "names", "references", "id_numbers", "territories", "arrears", "created_at")
    change_form_outer_before_template = "admin/cases/merge_page.html"
    empty_hint = _("No borrowers are one person yet. Approve a suggested merge, or suggest one on a borrower's page.")
    fieldsets = ((None, {"fields": (("created_at", "merges"),)}),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        accounts = Account.objects.visible_to(request.user).only("borrower_id", "currency", "arrears_amount")
        borrowers = (
            Borrower.objects.visible_to(request.user)
            .select_related("territory")
            .prefetch_related(Prefetch("accounts", accounts, to_attr="seen_accounts"))
            .order_by("pk")
        )
        return (
            super().get_queryset(request).prefetch_related(Prefetch("borrowers", borrowers, to_attr="seen_borrowers"))
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Find the people whose borrowers the text names, and by their own number."""
        found, _distinct = super().get_search_results(request, queryset, search_term)
        if not search_term.strip():
            return found, False
        borrowers = borrowers_matching(text=search_term.strip(), user=request.user)
        return found | queryset.filter(pk__in=borrowers.values("person_id")), False

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Add the merges of the person that the reader may see."""
        person = super().get_object(request, object_id, from_field)
        if person is not None:
            person.seen_merges = merges_of_person(person=person, user=request.user)
        return person

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Add the borrowers side by side."""
        person = self.get_object(request, object_id)
        context: dict[str, Any] = dict(extra_context or {})
        if person is not None and self.has_view_permission(request, person):
            context["beside"] = beside(borrowers=person.seen_borrowers, user=request.user)
        return super().change_view(request, object_id, form_url, context)  # type: ignore[no-any-return]

    @admin.display(description=_("borrowers"))
    def names(self, person: Any) -> Any:
        return names_of(person.seen_borrowers)

    @admin.display(description=_("reference"))
    def references(self, person: Any) -> Any:
        return references_of(person.seen_borrowers)

    @admin.display(description=_("identity number"))
    def id_numbers(self, person: Any) -> Any:
        return numbers_of(person.seen_borrowers)

    @admin.display(description=_("territory"))
    def territories(self, person: Any) -> Any:
        return territories_of(person.seen_borrowers)

    @admin.display(description=_("arrears"))
    def arrears(self, person: Any) -> Any:
        return arrears_of(person.seen_borrowers)

    @admin.display(description=_("merges"))
    def merges(self, person: Any) -> Any:
        return lines(linked(merge, f"{merge} · {merge.get_ground_display()}") for merge in person.seen_merges) or EMPTY
