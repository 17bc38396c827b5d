"""Contacts without or against a permit, and who reports contacts."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateTimeFilter, RelatedDropdownFilter

from backoffice.access.filters import territory_filter
from backoffice.audit.recorded import GlobalRecordedAdmin
from backoffice.core.pages.cells import chip, named, tones
from cases.admin.base import CasesAdmin
from cases.enums import BreachKind
from cases.models import ContactBreach, ContactSource
from cases.selectors.contacts.breaches import sources_with_counts

BREACH_TONES = tones(
    BreachKind,
    danger=["QUIET_HOURS", "CONVERSATIONS_A_DAY", "TRIES_A_NUMBER", "DESPITE_REFUSAL", "NUMBER_STOPPED"],
    warning=["NO_PERMIT", "UNKNOWN_PERMIT", "OUTSIDE_VALIDITY", "OTHER_PERSON", "OTHER_CHANNEL", "OTHER_NUMBER"],
)


@admin.register(ContactBreach)
class ContactBreachAdmin(CasesAdmin):
    """One thing that was wrong with a contact that was made. The contact itself was taken."""

    reference_path = "contact_ref"
    list_display = ("attempted_at", "borrower_masked", "kind_chip", "from_whom", "channel", "contact_ref")
    list_select_related = ("borrower", "source")
    list_filter = (
        territory_filter("borrower__territory"),
        ("kind", ChoicesDropdownFilter),
        ("source", RelatedDropdownFilter),
        ("attempted_at", RangeDateTimeFilter),
    )
    empty_hint = _("Contacts are compared with their permits, the hours and the caps when they are reported.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("contact_ref", "borrower_masked"),
                    ("kind_chip", "from_whom"),
                    ("channel", "attempted_at"),
                    ("permit_ref", "created_at"),
                )
            },
        ),
    )
    from_whom = named("source", _("source"))

    @admin.display(description=_("what was wrong"))
    def kind_chip(self, breach: ContactBreach) -> Any:
        return chip(breach, "kind", BREACH_TONES)


@admin.register(ContactSource)
class ContactSourceAdmin(GlobalRecordedAdmin):
    """Who reports contacts, how many breaches they made in 30 days, and from which day on permits are asked of them."""

    list_display = ("__str__", "permits_from", "breaches_in_30_days", "created_at")
    ordering = ("kind", "name", "pk")
    fields = (("kind", "name"), "permits_from", "created_at")
    readonly_fields = ("kind", "name", "created_at")
    empty_hint = _("A source appears with its first reported contact.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: a source is made by its first report."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: breaches name their source."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        ordering = self.get_ordering(request)
        return sources_with_counts(user=request.user, at=timezone.now()).order_by(*ordering)

    @admin.display(description=_("breaches in 30 days"))
    def breaches_in_30_days(self, source: Any) -> Any:
        address = reverse("admin:cases_contactbreach_changelist")
        return format_html(
            '<a href="{}?source__id__exact={}" class="text-link">{}</a>', address, source.pk, source.recent
        )
