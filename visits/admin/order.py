"""Visit orders: where, what for, when and who; the letter; and every step of a visit as a button."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.access.filters import territory_filter
from backoffice.audit.enums import AccessPurpose
from backoffice.audit.services import log_access
from backoffice.core.errors import DoorstepError
from backoffice.core.pages.cells import EMPTY, chip, linked, named, tones, words
from backoffice.core.pages.pages import form_page
from backoffice.core.pages.private import download
from cases.models import Case
from cases.selectors.casework.districts import district_name
from cases.selectors.policies.versions import titles_of
from visits.admin.base import VisitsAdmin
from visits.admin.day_plan import plan_day
from visits.admin.household_words import household_links
from visits.admin.last_resort import last_resort_card
from visits.admin.letter_answer import LetterAnswerInline
from visits.admin.order_buttons import OrderButtons
from visits.admin.order_forms import RequestForm
from visits.admin.order_rows import CheckInInline, DayFilter, ReportInline
from visits.enums import VisitPurpose, VisitState
from visits.models import VisitOrder
from visits.models.order import ENDED_VISITS, LIVE_PLACEMENTS
from visits.rules.lifecycle import VISIT_LIFECYCLE
from visits.services.dispatch import orders as dispatch
from visits.services.dispatch.planning_requests import MOST_ORDERS
from visits.services.files.opening import open_letter

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
    ],
    success=[VisitState.VERIFIED],
    warning=[VisitState.RETURNED, VisitState.ABORTED],
)


@admin.register(VisitOrder)
class VisitOrderAdmin(OrderButtons, VisitsAdmin):
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
        return f"{order.address.get_kind_display()} · {order.address.masked_line}"

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

    def has_dispatch_permission(self, request: HttpRequest) -> bool:
        """Who may plan; Django asks by this name for the list's action."""
        return request.user.has_perm("visits.dispatch_visitorder")

    @admin.action(description=_("Plan a day for the selected visits"), permissions=["dispatch"])
    def plan_selected(self, request: HttpRequest, queryset: Any) -> HttpResponse:
        """Plan approved visits for one day; others of the selection are passed over."""
        orders = queryset.filter(state=VisitState.APPROVED, placement__state__in=LIVE_PLACEMENTS).order_by("pk")
        return plan_day(model_admin=self, request=request, orders=list(orders[:MOST_ORDERS]))

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("request/<int:case_id>/", wrap(self.request_view), name="visits_visitorder_request"),
            path("<int:object_id>/letter/", wrap(self.letter_view), name="visits_visitorder_letter"),
            *super().get_urls(),
        ]

    def letter_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Hand out the letter. It names the borrower, so who took it is logged."""
        order, at = self.get_object(request, str(object_id)), timezone.now()
        if (
            order is None
            or not self.has_view_permission(request, order)
            or not order.letter_file
            or not order.letter_code
        ):
            raise Http404
        try:
            opened = open_letter(order=order, actor=request.user, at=at)
        except DoorstepError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self.page_of(order))
        # Logged first: what cannot be logged is not handed out.
        log_access(actor=request.user, subject=order, fields=["letter_file"], purpose=AccessPurpose.LETTER, at=at)
        return download(file=File(opened, name="kept"), name=f"{order}.pdf", media_type="application/pdf")

    def request_view(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """Ask for a visit of one case at one of the borrower's addresses."""
        case = Case.objects.visible_to(request.user).filter(pk=case_id).first()
        if case is None:
            raise Http404
        if not request.user.has_perm("visits.request_visitorder"):
            raise PermissionDenied
        form = RequestForm(request.POST if request.method == "POST" else None, case=case, user=request.user)
        if form.is_valid():
            at = timezone.now()
            try:
                order = dispatch.request_visit(
                    case=case,
                    actor=request.user,
                    at=at,
                    business_date=timezone.localtime(at).date(),
                    **form.cleaned_data,
                )
            except DoorstepError as error:
                field = getattr(error, "field", "")
                form.add_error(field if field in form.fields else None, str(error))
            else:
                messages.success(request, _("The visit is requested; another person approves it."))
                return HttpResponseRedirect(self.page_of(order))
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Request"),
            title=_("Request a visit for case {case}").format(case=case),
            text=_(
                "A visit is the last resort. Whether it is lawful is checked now, when it is planned, and at the door."
            ),
        )
