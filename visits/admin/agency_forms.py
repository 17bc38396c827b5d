"""What the buttons and pages of an agency ask for."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from backoffice.access.models import Territory, User
from backoffice.access.roles import Role
from backoffice.access.scopes import AGENCY_SCOPE
from backoffice.core.pages.buttons import ButtonForm, day_input
from visits.enums import AgencyState, CredentialKind, FeeBasis
from visits.services.agencies.admission import FIXED_BY_ADMISSION, AgencyDetails, details_of


class EvaluateForm(ButtonForm):
    """The score follows from the figures; the note is the evaluator's."""

    note = forms.CharField(
        label=_("Note"), max_length=300, required=False, widget=UnfoldAdminTextareaWidget({"rows": 3})
    )


class AgencyFields(forms.Form):
    """An agency as staff enter it. The service checks what belongs together."""

    columns = 3

    code = forms.CharField(
        label=_("code"),
        max_length=20,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Short and unique, such as SJ. It never changes."),
    )
    name = forms.CharField(label=_("name"), max_length=80, widget=UnfoldAdminTextInputWidget)
    registration = forms.CharField(
        label=_("unified social credit code"),
        max_length=40,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("18 characters, from the business licence."),
    )
    complaints_phone = forms.CharField(
        label=_("complaints telephone"),
        max_length=30,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Shown on the published list."),
    )
    contract_number = forms.CharField(label=_("contract number"), max_length=60, widget=UnfoldAdminTextInputWidget)
    contract_starts_on = forms.DateField(label=_("contract begins on"), widget=day_input())
    contract_ends_on = forms.DateField(
        label=_("contract ends on"),
        widget=day_input(),
        help_text=_("The last day. Once the agency is admitted, only a renewal moves it."),
    )
    no_subcontract_promise_on = forms.DateField(
        label=_("promised not to subcontract on"), required=False, widget=day_input()
    )
    founded_on = forms.DateField(label=_("founded on"), required=False, widget=day_input())
    registered_capital = forms.DecimalField(
        label=_("registered capital in RMB"),
        required=False,
        max_digits=16,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
    )
    staff_count = forms.IntegerField(label=_("number of staff"), required=False, widget=UnfoldAdminIntegerFieldWidget)

    @property
    def details(self) -> AgencyDetails:
        """The agency as a valid form gives it."""
        return AgencyDetails(**{name: self.cleaned_data[name] for name in AgencyDetails.__dataclass_fields__})


class EnterAgencyForm(AgencyFields):
    """A new applicant."""


class ChangeAgencyForm(AgencyFields, ButtonForm):
    """The details of an agency that may still change."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.columns = 3
        held = details_of(agency=self.record)
        for name in AgencyDetails.__dataclass_fields__:
            self.fields[name].initial = getattr(held, name)
        fixed = ("code",) if self.record.state == AgencyState.APPLICANT else ("code", *FIXED_BY_ADMISSION)
        for name in fixed:
            # A disabled field keeps its value whatever is sent.
            self.fields[name].disabled = True


class CapacityForm(ButtonForm):
    """How many cases the agency takes in a territory."""

    territory = forms.ModelChoiceField(
        label=_("Territory"), queryset=Territory.objects.none(), widget=UnfoldAdminSelectWidget
    )
    capacity = forms.IntegerField(
        label=_("Cases at once"), min_value=0, max_value=100_000, widget=UnfoldAdminIntegerFieldWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seen = Territory.objects.visible_to(self.request.user)
        self.fields["territory"].queryset = seen.order_by("code", "pk")


class CoordinatorsForm(ButtonForm):
    """The agency's people and programs."""

    coordinators = forms.ModelMultipleChoiceField(
        label=_("coordinators"),
        queryset=User.objects.none(),
        required=False,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = Q(role=Role.AGENCY_COORDINATOR)
        # An agency's program stands beside its people.
        programs = Q(role=Role.MACHINE, scopes__contains=[AGENCY_SCOPE])
        seen = User.objects.visible_to(self.request.user).filter(people | programs)
        field = self.fields["coordinators"]
        field.queryset = seen.order_by("username", "pk")
        field.initial = list(self.record.coordinators.values_list("pk", flat=True))


class CredentialForm(ButtonForm):
    """A paper of the agency, with a copy or without."""

    kind = forms.ChoiceField(label=_("kind"), choices=CredentialKind.choices, widget=UnfoldAdminSelectWidget)
    number = forms.CharField(label=_("number"), max_length=60, widget=UnfoldAdminTextInputWidget)
    issuer = forms.CharField(label=_("issuer"), max_length=80, widget=UnfoldAdminTextInputWidget)
    valid_from = forms.DateField(label=_("valid from"), widget=day_input())
    valid_until = forms.DateField(label=_("valid until"), widget=day_input(), help_text=_("The last day."))
    file = forms.FileField(
        label=_("Copy of the paper"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("PDF, JPEG or PNG, at most 10 MB. It is kept encrypted."),
    )


class RenewalForm(ButtonForm):
    """Until when the contract shall run."""

    until = forms.DateField(label=_("New last day of the contract"), widget=day_input())


class PriceForm(ButtonForm):
    """One line of the price card."""

    basis = forms.ChoiceField(label=_("paid for"), choices=FeeBasis.choices, widget=UnfoldAdminSelectWidget)
    amount = forms.DecimalField(
        label=_("amount"),
        max_digits=10,
        decimal_places=2,
        widget=UnfoldAdminDecimalFieldWidget,
        help_text=_("For a share of recovery: percent of the agency's pay, at most 50."),
    )
    currency = forms.CharField(
        label=_("currency"), min_length=3, max_length=3, initial="CNY", widget=UnfoldAdminTextInputWidget
    )
    valid_from = forms.DateField(
        label=_("valid from"),
        widget=day_input(),
        help_text=_("Today or later. The price of before ends the day before."),
    )
