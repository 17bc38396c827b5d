"""Outside agencies: who they are, what they may take, what they cost, how they are evaluated, and their people."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action

from backoffice.core.errors import DoorstepError
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.cells import EMPTY, chip, label, lines, money, named, tones
from backoffice.core.pages.pages import form_page
from visits.admin.agency_buttons import AgencyButtons, open_renewal
from visits.admin.agency_forms import EnterAgencyForm
from visits.admin.agency_rows import (
    CapacityInline,
    CredentialInline,
    CrewInline,
    PriceInline,
    RenewalInline,
)
from visits.admin.agency_score import EvaluationInline, ScoreColumn
from visits.enums import AgencyState
from visits.models import Agency
from visits.rules.agencies.entry import entry_criteria
from visits.rules.lifecycle import AGENCY_LIFECYCLE
from visits.services.agencies import admission

STATE_TONES = tones(
    AgencyState,
    success=[AgencyState.ACTIVE],
    warning=[AgencyState.RESTRICTED],
    danger=[AgencyState.SUSPENDED],
    info=[AgencyState.APPLICANT],
)


@admin.register(Agency)
class AgencyAdmin(ScoreColumn, AgencyButtons, ScopedAdmin):
    """A firm on the published list, or one that applies for it. Everything moves by buttons, each with one service."""

    lifecycle = AGENCY_LIFECYCLE
    list_display = (
        "code",
        "name",
        "state_chip",
        "scored",
        "admitted_on",
        "contract_ends_on",
        "papers_until",
        "complaints_phone",
    )
    list_filter = (("state", ChoicesDropdownFilter),)
    search_fields = ("=code", "=name", "=registration")
    empty_hint = _("Enter the agencies that the lender has a contract with.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("code", "name"),
                    ("registration", "complaints_phone"),
                    ("state_chip", "missing"),
                    ("contract_number", "no_subcontract_promise_on"),
                    ("contract_starts_on", "contract_ends_on"),
                    ("papers_until", "criteria"),
                    ("founded_on", "staff_count"),
                    ("capital", "admitted_on"),
                    ("entered", "admitted"),
                    ("people", "state_note_text"),
                )
            },
        ),
    )
    entered = named("entered_by", _("entered by"))
    admitted = named("admitted_by", _("admitted by"))
    inlines = (CapacityInline, CredentialInline, PriceInline, EvaluationInline, RenewalInline, CrewInline)
    actions_list = ("enter",)
    actions_detail = (
        "admit",
        "edit",
        "capacity",
        "paper",
        "price",
        "evaluate",
        "ask_renewal",
        "renew",
        "withdraw_renewal",
        "reinstate",
        "suspend",
        "exit",
        "coordinators",
    )

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Leave out the buttons about an open renewal where there is none."""
        found = super().get_actions_detail(request, object_id)
        if open_renewal(object_id) is not None:
            return [each for each in found if each.path != "ask_renewal"]
        return [each for each in found if each.path not in ("renew", "withdraw_renewal")]

    @admin.display(description=_("state"))
    def state_chip(self, agency: Agency) -> Any:
        return chip(agency, "state", STATE_TONES)

    @admin.display(description=_("missing for the admission"))
    def missing(self, agency: Agency) -> Any:
        if agency.state != AgencyState.APPLICANT:
            return EMPTY
        return lines(admission.admission_gaps(agency=agency, day=timezone.localdate())) or EMPTY

    @admin.display(description=_("entry criteria"))
    def criteria(self, agency: Agency) -> Any:
        found = entry_criteria(
            founded_on=agency.founded_on,
            capital=agency.registered_capital,
            staff=agency.staff_count,
            day=timezone.localdate(),
        )
        rows = (
            (label(text("met"), "success") if each.is_met else label(text("open"), "warning"), each.words)
            for each in found
        )
        return format_html_join("", "<div>{} {}</div>", rows)

    @admin.display(description=_("registered capital in RMB"))
    def capital(self, agency: Agency) -> str:
        return money(agency.registered_capital)

    @admin.display(description=_("coordinators"))
    def people(self, agency: Agency) -> Any:
        return lines(agency.coordinators.order_by("pk"))

    @admin.display(description=_("note on the state"))
    def state_note_text(self, agency: Agency) -> str:
        return agency.state_note or EMPTY

    @action(description=_("Enter an agency"), permissions=["visits.add_agency"], icon="add", url_path="enter")
    def enter(self, request: HttpRequest) -> HttpResponse:
        """Ask for the details of a new applicant."""
        form = EnterAgencyForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            at = timezone.now()
            try:
                agency = admission.enter_agency(
                    details=form.details, actor=request.user, at=at, business_date=timezone.localdate(at)
                )
            except DoorstepError as error:
                field = getattr(error, "field", "")
                form.add_error(field if field in form.fields else None, str(error))
            else:
                return HttpResponseRedirect(self.page_of(agency))
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Save as applicant"),
            title=_("Enter an agency"),
            text=_(
                "Papers, capacities and prices follow on its page. Another person admits it once nothing is missing."
            ),
        )
