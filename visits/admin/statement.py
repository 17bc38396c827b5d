"""Agencies' monthly statements: what is owed for which visits, and who checks, disputes, approves and pays it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action

from backoffice.core.errors import DoorstepError, NotAllowed
from backoffice.core.pages.admin import ScopedAdmin, ScopedInline
from backoffice.core.pages.buttons import day_input
from backoffice.core.pages.cells import EMPTY, chip, lines, linked, money, named, tones
from backoffice.core.pages.pages import form_page
from backoffice.core.pages.private import download
from backoffice.core.scoping import acts_everywhere
from visits.admin.base import is_outside
from visits.admin.statement_buttons import StatementButtons
from visits.enums import LineState, StatementState
from visits.models import AgencyStatement, StatementLine, VisitOrder
from visits.rules.statement_lifecycle import PREPARE, STATEMENT
from visits.rules.statement_months import month_before, month_of
from visits.selectors.statements import basis_totals, grand_totals, unpriced_visits, with_sums
from visits.services.agencies import statement_building, statements

STATE_TONES = tones(
    StatementState,
    info=[StatementState.SENT],
    primary=[StatementState.ACCEPTED],
    success=[StatementState.APPROVED, StatementState.PAID],
)
LINE_TONES = tones(LineState, warning=[LineState.DISPUTED], info=[LineState.UPHELD, LineState.REJECTED])
# While the lender can still add to it.
OPEN = frozenset({StatementState.DRAFT, StatementState.SENT, StatementState.ACCEPTED})


class MonthForm(forms.Form):
    """Any day of the month to build."""

    month = forms.DateField(
        label=_("Month"), widget=day_input(), help_text=_("Any day of it; the month has to be over.")
    )


class LineInline(ScopedInline):
    model = StatementLine
    verbose_name_plural = _("Lines")
    show_change_link = True
    per_page = 50
    ordering = ("done_on", "order", "basis")
    fields = ("order_number", "done_on", "basis", "owed", "state_chip")

    @admin.display(description=_("visit order"))
    def order_number(self, line: StatementLine) -> str:
        return str(VisitOrder(pk=line.order_id))

    @admin.display(description=_("amount"))
    def owed(self, line: StatementLine) -> str:
        return money(line.amount, line.currency)

    @admin.display(description=_("state"))
    def state_chip(self, line: StatementLine) -> Any:
        return chip(line, "state", LINE_TONES)


@admin.register(AgencyStatement)
class AgencyStatementAdmin(StatementButtons, ScopedAdmin):
    """One agency's month: sums by what is paid for, the lines, and the steps to the payment."""

    lifecycle = STATEMENT
    list_display = (
        "__str__",
        "agency",
        "month_shown",
        "state_chip",
        "sums_shown",
        "open_disputes",
        "answer_due_on",
        "paid_on",
    )
    list_select_related = ("agency",)
    list_filter = (("state", ChoicesDropdownFilter),)
    link_lookups = ("state__in", "open_disputes__gt")
    ordering = ("-month", "-pk")
    search_fields = ("=agency__code",)
    search_help_text = _("The code of an agency")
    empty_hint = _("Drafts are built on the first days of each month for the month before, or by hand with the button.")
    change_form_outer_before_template = "admin/visits/statement_page.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("agency_link", "month_shown"),
                    ("state_chip", "open_disputes"),
                    ("prepared", "sent_at"),
                    ("answer_due_on", "note_text"),
                    ("accepted", "accepted_at"),
                    ("approved", "approved_at"),
                    ("paid_on", "payment_ref"),
                    "file_link",
                )
            },
        ),
    )
    prepared = named("prepared_by", _("prepared by"))
    accepted = named("accepted_by", _("accepted by"))
    approved = named("approved_by", _("approved by"))
    inlines = (LineInline,)
    actions_list = ("build",)
    actions_detail = ("rebuild", "send", "accept", "approve", "mark_paid", "take_back")

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_sums(super().get_queryset(request))

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Keep from the agency why the lender took a statement back."""
        shown = super().get_fieldsets(request, obj)
        if not is_outside(request.user):
            return shown
        rows = [tuple(name for name in row if name != "note_text") for row in shown[0][1]["fields"][:-1]]
        return [(None, {"fields": (*rows, "file_link")})]

    def get_urls(self) -> list[URLPattern]:
        taken = path(
            "<int:object_id>/download/",
            self.admin_site.admin_view(self.download_view),
            name="visits_agencystatement_download",
        )
        return [taken, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Add the sums to the page, and to the lender's how many visits are on no statement."""
        statement = self.get_object(request, object_id)
        context: dict[str, Any] = dict(extra_context or {})
        if statement is not None and self.has_view_permission(request, statement):
            totals = basis_totals(statement=statement)
            context |= {"totals": totals, "grand_totals": grand_totals(totals=totals).items()}
            if not is_outside(request.user) and statement.state in OPEN:
                context["unpriced"] = unpriced_visits(statement=statement)
        return super().change_view(request, object_id, form_url, context)  # type: ignore[no-any-return]

    def download_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Send the statement as CSV and log the download."""
        statement = self.get_object(request, str(object_id))
        if statement is None:
            raise Http404
        try:
            content = statements.hand_out_statement(statement=statement, actor=request.user, at=timezone.now())
        except NotAllowed as error:
            raise PermissionDenied from error
        return download(
            file=ContentFile(content, name="statement"),
            name=f"statement-{statement.agency.code}-{statement.month:%Y-%m}.csv",
            media_type="text/csv; charset=utf-8",
        )

    @action(description=_("Build the drafts of a month"), permissions=[PREPARE], icon="calculate", url_path="build")
    def build(self, request: HttpRequest) -> HttpResponse:
        """Ask for the month; POST builds the drafts of all agencies."""
        if not acts_everywhere(user=request.user):
            raise PermissionDenied
        at = timezone.now()
        today = timezone.localtime(at).date()
        asked = request.POST if request.method == "POST" else None
        form = MonthForm(asked, initial={"month": month_before(today)})
        if form.is_valid():
            try:
                built = statement_building.build_statements(
                    month=month_of(form.cleaned_data["month"]), business_date=today, at=at, actor=request.user
                )
            except DoorstepError as error:
                form.add_error("month", str(error))
            else:
                said = _("Drafts built: {drafts}, with {lines} lines.")
                messages.success(request, str(said).format(drafts=built.statements, lines=built.lines))
                return HttpResponseRedirect(self.list_address())
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Build"),
            title=_("Build the drafts of a month"),
            text=_("Drafts are computed anew from visits and price cards. What was sent to an agency stays as it is."),
        )

    @admin.display(description=_("agency"))
    def agency_link(self, statement: AgencyStatement) -> Any:
        return linked(statement.agency)

    @admin.display(description=_("month"), ordering="month")
    def month_shown(self, statement: AgencyStatement) -> str:
        return f"{statement.month:%Y-%m}"

    @admin.display(description=_("state"))
    def state_chip(self, statement: AgencyStatement) -> Any:
        return chip(statement, "state", STATE_TONES)

    @admin.display(description=_("sum"))
    def sums_shown(self, statement: Any) -> Any:
        return lines(statement.sums)

    @admin.display(description=_("why it was taken back"))
    def note_text(self, statement: AgencyStatement) -> str:
        return statement.note or EMPTY

    @admin.display(description=_("file"))
    def file_link(self, statement: AgencyStatement) -> Any:
        address = reverse("admin:visits_agencystatement_download", args=[statement.pk])
        return format_html('<a href="{}" class="text-link">{}</a>', address, _("Save as CSV; this is logged"))
