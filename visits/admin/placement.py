"""Placements: which agency holds which case, for how long, and how the placement ended."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.access.filters import territory_filter
from backoffice.core.errors import DoorstepError
from backoffice.core.pages.buttons import WARNING, ButtonForm, Press, ReasonForm, button
from backoffice.core.pages.cells import chip, named, tones
from backoffice.core.pages.pages import form_page
from cases.models import Case
from visits.admin.base import VisitsAdmin
from visits.enums import AgencyState, PlacementState
from visits.models import Agency, Placement
from visits.rules.lifecycle import HELD, PLACEMENT_LIFECYCLE
from visits.services.agencies import placement

STATE_TONES = tones(
    PlacementState, success=[PlacementState.ACTIVE], info=[PlacementState.RETAINED], warning=[PlacementState.RECALLED]
)


class PlaceForm(forms.Form):
    """Which agency takes the case."""

    agency = forms.ModelChoiceField(label=_("Agency"), queryset=Agency.objects.none(), widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, case: Case, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = Agency.objects.visible_to(user).filter(state=AgencyState.ACTIVE, capacities__territory=case.territory_id)
        self.fields["agency"].queryset = here.order_by("name", "pk")  # type: ignore[attr-defined]


class CertificateForm(ButtonForm):
    """The agency's paper."""

    ref = forms.CharField(label=_("Reference of the certificate"), max_length=80, widget=UnfoldAdminTextInputWidget)


@admin.register(Placement)
class PlacementAdmin(VisitsAdmin):
    """One case placed with one agency."""

    lifecycle = PLACEMENT_LIFECYCLE
    number_prefix = "W"
    list_display = (
        "__str__",
        "agency",
        "case_link",
        "borrower_masked",
        "territory",
        "state_chip",
        "placed_on",
        "term_ends_on",
        "ended_on",
        "certificate_due_on",
        "certificate_ref",
    )
    list_select_related = ("agency", "case__borrower", "case__territory")
    list_filter = (("state", ChoicesDropdownFilter), territory_filter("case__territory"))
    link_lookups = ("certificate_ref__exact", "certificate_due_on__isnull")
    empty_hint = _("Place a case from its own page, or let the sweep place the cases that need a visit.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("agency", "state_chip"),
                    ("case_link", "borrower_link"),
                    ("borrower_masked", "territory"),
                    ("placed_on", "term_ends_on"),
                    ("ended_on", "end_reason"),
                    "end_note_text",
                    ("certificate_due_on", "certificate_ref"),
                    "placed",
                )
            },
        ),
    )
    placed = named("placed_by", _("placed by"))
    inside_only = ("case_link", "borrower_link", "territory", "placed", "end_note_text")
    actions_detail = ("retain", "recall", "return_case", "file_certificate")

    @admin.display(description=_("state"))
    def state_chip(self, record: Placement) -> Any:
        return chip(record, "state", STATE_TONES)

    def get_urls(self) -> list[URLPattern]:
        place = path("place/<int:case_id>/", self.admin_site.admin_view(self.place_view), name="visits_placement_place")
        return [place, *super().get_urls()]

    def place_view(self, request: HttpRequest, case_id: int) -> HttpResponse:
        """Ask for the agency and place the case."""
        case = Case.objects.visible_to(request.user).select_related("territory").filter(pk=case_id).first()
        if case is None:
            raise Http404
        if not request.user.has_perm("visits.place_placement"):
            raise PermissionDenied
        form = PlaceForm(request.POST if request.method == "POST" else None, case=case, user=request.user)
        if form.is_valid():
            at = timezone.now()
            try:
                placed = placement.place_case(
                    case=case,
                    agency=form.cleaned_data["agency"],
                    actor=request.user,
                    at=at,
                    business_date=timezone.localtime(at).date(),
                )
            except DoorstepError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("The case is placed."))
                for warning in placed.warnings:
                    messages.warning(request, str(warning))
                return HttpResponseRedirect(self.page_of(placed.placement))
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Place"),
            title=_("Place case {case} with an agency").format(case=case),
            text=_("Only active agencies with room in {territory} are offered.").format(territory=case.territory),
        )

    @button(
        label=_("Retain past term"),
        permission="visits.place_placement",
        icon="update",
        text=_("Once, by at most 30 days."),
        done=_("The placement goes on."),
    )
    def retain(self, press: Press) -> None:
        placement.retain_placement(
            placement=press.record, actor=press.actor, at=press.at, business_date=press.business_date
        )

    @button(
        label=_("Recall"),
        permission="visits.recall_placement",
        form=ReasonForm,
        icon="undo",
        variant=WARNING,
        text=_("Open visits are called off; the agency's people lose sight of the case at once."),
        done=_("The case is recalled."),
    )
    def recall(self, press: Press) -> None:
        placement.recall_placement(
            placement=press.record,
            reason=press.values["reason"],
            actor=press.actor,
            at=press.at,
            business_date=press.business_date,
        )

    @button(
        label=_("Return to the lender"),
        permission="visits.return_placement",
        form=ReasonForm,
        icon="keyboard_return",
        done=_("The case is back with the lender."),
    )
    def return_case(self, press: Press) -> HttpResponse | None:
        placement.return_placement(
            placement=press.record,
            reason=press.values["reason"],
            actor=press.actor,
            at=press.at,
            business_date=press.business_date,
        )
        return None

    @button(
        label=_("File the certificate"),
        permission="visits.recall_placement",
        form=CertificateForm,
        icon="task",
        states=frozenset(PlacementState) - HELD,
        text=_("The agency certifies that data were returned or deleted."),
        done=_("The certificate is filed."),
    )
    def file_certificate(self, press: Press) -> None:
        placement.file_certificate(placement=press.record, ref=press.values["ref"], actor=press.actor, at=press.at)

    def order_of(self, record: Any) -> Any:
        return record
