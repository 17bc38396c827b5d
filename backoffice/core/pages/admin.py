"""The admin's base: lists and records within scope, for reading; each button calls one service."""

from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from django.contrib import messages
from django.contrib.admin.checks import ModelAdminChecks
from django.contrib.admin.options import ShowFacets
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin, TabularInline
from unfold.dataclasses import UnfoldAction
from unfold.paginator import InfinitePaginator

from backoffice.core.errors import DoorstepError
from backoffice.core.outage import refused_if_in_use
from backoffice.core.pages.buttons import ReasonForm, to_page
from backoffice.core.pages.list_query import DeclaredChangeList, QueryRefused, check_record_query, refused_page
from backoffice.core.scoping import acts_everywhere
from backoffice.core.transitions import Lifecycle

__all__ = ["ReasonForm", "Scoped", "ScopedAdmin", "ScopedInline"]


class Scoped:
    """What lists, forms and inlines share: rows by `visible_to`, choices by the same rule."""

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Return only the rows that the signed-in person may see."""
        rows = self.model._default_manager.visible_to(request.user)  # type: ignore[attr-defined]
        ordering = self.get_ordering(request)  # type: ignore[attr-defined]
        return rows.order_by(*ordering) if ordering else rows  # type: ignore[no-any-return]

    def get_field_queryset(self, db: str | None, db_field: Any, request: HttpRequest) -> QuerySet[Any] | None:
        """Return the choices of a related field, limited to what the person may see."""
        related = db_field.remote_field.model._default_manager
        if hasattr(related, "visible_to"):
            return related.visible_to(request.user)  # type: ignore[no-any-return]
        return super().get_field_queryset(db, db_field, request)  # type: ignore[misc, no-any-return]


class ScopedAdmin(Scoped, ModelAdmin):
    """
    A list and a page of one record, for reading. Changes are buttons that call one service each.

    Buttons are Unfold detail actions with a dialog; a button named like a step of `lifecycle` shows only
    where the record's state allows the step.
    """

    lifecycle: ClassVar[Lifecycle | None] = None
    # Buttons that are no step of the lifecycle but need a state: method name -> states.
    action_states: ClassVar[dict[str, frozenset[str]]] = {}
    # Lookups that links of other pages use beside `list_filter` (the home page's cards). Name only columns that
    # every reader of the list sees: whoever may filter by a column can find out its value.
    link_lookups: ClassVar[tuple[str, ...]] = ()

    # Unfold's own checks look for the buttons' permissions in a table of the database; ours stand in roles.py
    # (tests/repository/test_layout.py compares them), and a check needs no database.
    checks_class = ModelAdminChecks
    actions: Any = None
    paginator = InfinitePaginator
    show_full_result_count = False
    show_facets = ShowFacets.NEVER
    list_disable_select_all = True
    list_per_page = 50
    list_fullwidth = True
    list_filter_submit = True
    ordering: tuple[str, ...] = ("-pk",)
    change_list_template = "core/change_list.html"
    # What an empty list says: where its rows come from, or what to do next.
    empty_hint: ClassVar[Any] = _("Nothing is here yet, or nothing matches the filters.")

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Return False: records are made by services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return False: changes are buttons."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Return False: records are kept."""
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[DeclaredChangeList]:
        """Return the list that accepts declared filters, searches and orders only."""
        return DeclaredChangeList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list; answer 400 to a query string that names what the list does not offer."""
        try:
            return super().changelist_view(request, extra_context)  # type: ignore[no-any-return]
        except QueryRefused:
            return refused_page(request)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Show or save one record; answer 400 to a query string that cannot be read."""
        try:
            check_record_query(request.GET)
        except QueryRefused:
            return refused_page(request)
        return super().changeform_view(request, object_id, form_url, extra_context)  # type: ignore[no-any-return]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Return nothing: a form begins empty, whatever the address says."""
        return {}

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[UnfoldAction]:
        """Return the buttons that the person's role and the record's state allow."""
        actions = super().get_actions_detail(request, object_id)
        state_field = self.lifecycle.field if self.lifecycle else "state"
        if not actions:
            return actions  # type: ignore[no-any-return]
        record = self.get_object(request, str(object_id))
        state = getattr(record, state_field, None)
        return [a for a in actions if self._state_allows(a.path, state) and self._reach_allows(a.path, request.user)]

    def _reach_allows(self, name: str, user: Any) -> bool:
        return not getattr(getattr(self, name, None), "everywhere", False) or acts_everywhere(user=user)

    def _state_allows(self, name: str, state: Any) -> bool:
        states = getattr(getattr(self, name, None), "states", None)
        if states is not None:
            return state in states
        if name in self.action_states:
            return state in self.action_states[name]
        if self.lifecycle:
            for step in self.lifecycle.transitions:
                if step.action == name:
                    return state in step.sources
        return True

    def carry_out(self, request: HttpRequest, object_id: Any, work: Callable[[Any], Any], *, done: Any) -> HttpResponse:
        """Fetch the record within the person's scope, do the work, and say what happened."""
        record = self.get_object(request, str(object_id))
        if record is None:
            raise Http404
        try:
            with refused_if_in_use():
                work(record)
        except DoorstepError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, str(done))
        return to_page(request, self.page_of(record))

    def page_of(self, record: Model) -> str:
        """Return the address of a record's page in this admin."""
        meta = record._meta
        return reverse(f"{self.admin_site.name}:{meta.app_label}_{meta.model_name}_change", args=[record.pk])

    def list_address(self) -> str:
        """Return the address of this admin's list."""
        meta = self.model._meta
        return reverse(f"{self.admin_site.name}:{meta.app_label}_{meta.model_name}_changelist")


class ScopedInline(Scoped, TabularInline):
    """Rows of a parent, for reading."""

    extra = 0
    can_delete = False
    show_change_link = False
    hide_title = True
    per_page = 20
    ordering: Any = ("-pk",)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: rows are made by services."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: the rows are for reading."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: records are kept."""
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Iterable[str]:
        """Return all shown fields."""
        return list(self.fields or ())
