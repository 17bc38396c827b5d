"""The arms of experiments: which borrowers were drawn, and the button that draws."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.core.errors import DoorstepError
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.cells import chip, linked, tones
from backoffice.core.pages.pages import form_page
from reports.enums import Arm, Experiment
from reports.models import ExperimentArm
from reports.services import experiment

ARM_TONES = tones(Arm, info=["CHAMPION"], warning=["CHALLENGER"])


class DrawForm(forms.Form):
    """Which experiment."""

    experiment = forms.ChoiceField(label=_("Experiment"), choices=Experiment.choices, widget=UnfoldAdminSelectWidget)


@admin.register(ExperimentArm)
class ExperimentArmAdmin(ScopedAdmin):
    """Which borrowers were drawn into which arm."""

    list_display = ("borrower_link", "arm_chip", "experiment", "drawn_on")
    list_select_related = ("borrower",)
    list_filter = (("experiment", ChoicesDropdownFilter), ("arm", ChoicesDropdownFilter))
    fields = ("borrower_link", "arm_chip", "experiment", "drawn_on")
    readonly_fields = fields
    empty_hint = _("No experiment runs. A risk manager draws its arms with the button above.")
    actions_list = ("draw",)

    @display(description=_("borrower"))
    def borrower_link(self, drawn: ExperimentArm) -> str:
        return linked(drawn.borrower)

    @display(description=_("arm"), ordering="arm")
    def arm_chip(self, drawn: ExperimentArm) -> Any:
        return chip(drawn, "arm", ARM_TONES)

    @action(description=_("Draw arms"), permissions=["reports.draw_experimentarm"], icon="casino", url_path="draw")
    def draw(self, request: HttpRequest) -> HttpResponse:
        """Ask for the experiment; GET only shows the form."""
        form = DrawForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            now = timezone.now()
            try:
                drawn = experiment.draw_arms(
                    actor=request.user, business_date=timezone.localdate(now), at=now, **form.cleaned_data
                )
            except DoorstepError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("{number} borrowers were drawn.").format(number=drawn))
                return HttpResponseRedirect(self.list_address())
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Draw arms"),
            title=_("Draw arms"),
            text=_(
                "Borrowers with an open case, 80 of 100 as now, 10 otherwise, 10 held out. Whoever ever had a recorded "
                "circumstance stays out. Drawn again, nobody changes arms."
            ),
        )
