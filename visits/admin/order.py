"""Visit orders: where, what for, when and who; the letter; and every step of a visit as a button."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.access.filters import territory_filter
from backoffice.core.pages.cells import EMPTY, chip, linked, named, tones, words
from cases.selectors.casework.districts import district_name
from cases.selectors.policies.versions import titles_of
from visits.admin.agreement import agreed_lines
from visits.admin.base import VisitsAdmin
from visits.admin.day_plan import plan_day
from visits.admin.household_words import household_links
from visits.admin.last_resort import last_resort_card
from visits.admin.letter_answer import LetterAnswerInline
from visits.admin.order_buttons import OrderButtons
from visits.admin.order_pages import OrderPages
from visits.admin.order_rows import CheckInInline, DayFilter, ReportInline
from visits.enums import VisitPurpose, VisitState
from visits.models import VisitOrder
from visits.models.order import ENDED_VISITS, LIVE_PLACEMENTS
from visits.rules.conduct.agreements import NEEDS_CONSENT
from visits.rules.lifecycle import VISIT_LIFECYCLE
from visits.selectors.least_view import is_reception_only
from visits.services.dispatch.planning_requests import MOST_ORDERS

STATE_TONES = tones(
    VisitState,
    primary=[VisitState.DRAFT],
    info=[
        VisitState.APPROVED,
        VisitState.SCHEDULED,
        VisitState.ACCEPTED,
        VisitState.EN_ROUTE,
        VisitState.CHECKED_IN,
        VisitState.REPORTED,
        VisitState.UNDER_REVIEW,
        VisitState.SECOND_REVIEW,
    ],
    success=[VisitState.VERIFIED],
    warning=[VisitState.RETURNED, VisitState.ABORTED],
)


@admin.register(VisitOrder)
class VisitOrderAdmin(OrderButtons, OrderPages, VisitsAdmin):
    """One visit to one address."""

    lifecycle = VISIT_LIFECYCLE
    list_display = (
        "__str__",
        "case_link",
        "borrower_masked",
        "territory",
        "state_chip",
        "district",
        "agency",
        "window_start",
        "crew",
        "valid_until",
    )
    list_select_related = ("case__borrower", "case__territory", "address", "placement__agency", "lead", "second")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        DayFilter,
        ("letter_problem", ChoicesDropdownFilter),
        territory_filter("case__territory"),
    )
    link_lookups = ("state__in",)
    empty_hint = _("Visits are requested on a case's page, or by the sweep for cases that need one.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("state_chip", "agency"),
                    ("case_link", "borrower_link"),
                    ("borrower_masked", "territory"),
                    ("purposes_text", "ordinal"),
                    ("address_masked", "district"),
                    "why",
                    "borrower_request_ref",
                    "agreed",
                )
            },
        ),
        (_("Last resort"), {"fields": ("last_resort",)}),
        (
            _("Plan"),
            {
                "fields": (
                    ("window_start", "window_end"),
                    ("planned_arrival_at", "route_position"),
                    ("lead_badge", "second_badge"),
                    "household_text",
                    ("notice_sent_at", "valid_until"),
                    "permission_ref",
                )
            },
        ),
        (
            _("Mandate"),
            {
                "fields": (
                    ("requested", "approved"),
                    ("approved_at", "letter_issued_at"),
                    ("letter_link", "letter_code"),
                    ("letter_checked_at", "letter_problem"),
                    ("ended_at", "end_reason"),
                    "end_note_text",
                    "fee",
                )
            },
        ),
    )
    approved = named("approved_by", _("approved by"))
    requested = named("requested_by", _("requested by"))
    inside_only = (
        "case_link",
        "borrower_link",
        "territory",
        "why",
        "borrower_request_ref",
        "agreed",
        "last_resort",
        "requested",
        "approved",
        "fee",
        "end_reason",
        "end_note_text",
    )
    inlines = (LetterAnswerInline, CheckInInline, ReportInline)
    actions = ("plan_selected",)
    actions_detail = (
        "approve",
        "record_permission",
        "note_wish",
        "record_consent",
        "assign_crew",
        "issue_letter",
        "accept",
        "depart",
        "begin_review",
        "show_address",
        {"title": _("More"), "icon": "more_horiz", "items": ("decline", "unschedule", "abort", "cancel")},
    )

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related)

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        order = super().get_object(request, object_id, from_field)
        if order is not None:
            # A field of the page sees the record only; the contacts that it lists are those that this person may see.
            order.viewer = request.user
        return order

    @admin.display(description=_("state"), ordering="state")
    def state_chip(self, order: VisitOrder) -> Any:
        return chip(order, "state", STATE_TONES)

    @admin.display(description=_("agency"))
    def agency(self, order: VisitOrder) -> str:
        return order.placement.agency.name if order.placement else EMPTY

    @admin.display(description=_("district"))
    def district(self, order: VisitOrder) -> str:
        return district_name(code=order.address.adcode) or EMPTY

    @admin.display(description=_("address"))
    def address_masked(self, order: VisitOrder) -> str:
        place = f"{order.address.get_kind_display()} · {order.address.masked_line}"
        return f"{place} · {_('reception only')}" if is_reception_only(order=order) else place

    @admin.display(description=_("why a visit"))
    def why(self, order: VisitOrder) -> str:
        # A swept order holds the codes of the case's reasons; a requested one what the officer wrote.
        titles = titles_of(version=order.case.policy_version)
        codes = order.reason.split()
        return ", ".join(titles[code] for code in codes) if set(codes) <= set(titles) else order.reason

    @admin.display(description=_("tried before"))
    def last_resort(self, order: VisitOrder) -> str:
        if order.state in ENDED_VISITS:
            # What was tried until then stands in the timeline; the card would show what is true today.
            return EMPTY
        viewer: Any = getattr(order, "viewer", None)
        return last_resort_card(user=viewer, borrower=order.case.borrower, is_wished=bool(order.borrower_request_ref))

    @admin.display(description=_("agreed with the borrower"))
    def agreed(self, order: VisitOrder) -> Any:
        viewer: Any = getattr(order, "viewer", None)
        return agreed_lines(user=viewer, borrower=order.case.borrower, at=timezone.now())

    @admin.display(description=_("purposes"))
    def purposes_text(self, order: VisitOrder) -> str:
        return words(order.purposes, VisitPurpose)

    @admin.display(description=_("crew"))
    def crew(self, order: VisitOrder) -> str:
        return " + ".join(member.external_ref for member in (order.lead, order.second) if member) or EMPTY

    @admin.display(description=_("lead"))
    def lead_badge(self, order: VisitOrder) -> Any:
        return linked(order.lead)

    @admin.display(description=_("companion"))
    def second_badge(self, order: VisitOrder) -> Any:
        return linked(order.second)

    @admin.display(description=_("household visit"))
    def household_text(self, order: VisitOrder) -> str:
        return household_links(order=order, user=getattr(order, "viewer", None))

    @admin.display(description=_("letter"))
    def letter_link(self, order: VisitOrder) -> Any:
        # A visit that was moved has no code until its new letter is made; the former letter is not handed out.
        if not order.letter_file or not order.letter_code:
            return EMPTY
        return format_html(
            '<a href="{}" class="text-link">{}</a>',
            reverse("admin:visits_visitorder_letter", args=[order.pk]),
            _("Save the letter (PDF)"),
        )

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        actions = super().get_actions_detail(request, object_id)
        order = self.get_object(request, str(object_id))
        takes_consent = order is not None and order.address.kind in NEEDS_CONSENT
        return [each for each in actions if takes_consent or each.path != "record_consent"]

    def has_dispatch_permission(self, request: HttpRequest) -> bool:
        """Who may plan; Django asks by this name for the list's action."""
        return request.user.has_perm("visits.dispatch_visitorder")

    @admin.action(description=_("Plan a day for the selected visits"), permissions=["dispatch"])
    def plan_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        """Plan approved visits for one day; others of the selection are passed over."""
        orders = queryset.filter(state=VisitState.APPROVED, placement__state__in=LIVE_PLACEMENTS).order_by("pk")
        return plan_day(model_admin=self, request=request, orders=list(orders[:MOST_ORDERS]))
