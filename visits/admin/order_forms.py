"""What the buttons and pages of a visit order ask for."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from backoffice.core.pages.buttons import ButtonForm, ReasonForm, moment_input
from cases.enums import AddressKind, ContactVerdict
from cases.models import Address, Case
from visits.enums import CrewState, Finding, VisitPurpose
from visits.models import CrewMember
from visits.selectors.households import next_stop_to_join
from visits.selectors.policy import conduct_policy
from visits.services.dispatch.orders import CANCEL_REASONS
from visits.services.dispatch.permissions import LONGEST_REFERENCE


class AddressChoice(forms.ModelChoiceField[Address]):
    """Addresses as staff may see them: masked, with kind and verdict."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.get_kind_display()} · {obj.masked_line} · {obj.get_verdict_display()}"


class MemberChoice(forms.ModelChoiceField[CrewMember]):
    """Crew members by badge and masked name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.external_ref} · {obj.masked_name}"


class RequestForm(forms.Form):
    """Where to, what for, and why a visit at all."""

    address = AddressChoice(label=_("Address"), queryset=Address.objects.none(), widget=UnfoldAdminSelectWidget)
    purposes = forms.MultipleChoiceField(
        label=_("What the visit is to establish"),
        choices=VisitPurpose.choices,
        initial=VisitPurpose.values,
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
    )
    reason = forms.CharField(
        label=_("Why a visit"),
        max_length=300,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=_("What was tried before, and why nothing else will do"),
    )

    borrower_request_ref = forms.CharField(
        label=_("Record of the borrower's wish"),
        max_length=80,
        required=False,
        widget=UnfoldAdminTextInputWidget(),
        help_text=_("Only if the borrower asked for the visit: the recording or letter that proves it"),
    )

    def __init__(self, *args: Any, case: Case, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        addresses = Address.objects.visible_to(user).filter(borrower_id=case.borrower_id)
        lawful = addresses.exclude(verdict=ContactVerdict.INVALID).exclude(kind=AddressKind.SCHOOL)
        self.fields["address"].queryset = lawful.order_by("pk")  # type: ignore[attr-defined]


class CrewForm(ButtonForm):
    """Which two of the agency go, and when they begin."""

    lead = MemberChoice(label=_("Lead"), queryset=CrewMember.objects.none(), widget=UnfoldAdminSelectWidget)
    second = MemberChoice(label=_("Companion"), queryset=CrewMember.objects.none(), widget=UnfoldAdminSelectWidget)
    starts_at = forms.DateTimeField(label=_("Begins at"), widget=moment_input())

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = CrewMember.objects.visible_to(self.request.user).filter(state=CrewState.CONFIRMED)
        placement = self.record.placement
        own = Q(agency_id=placement.agency_id) if placement else Q(pk__in=())
        for name in ("lead", "second"):
            self.fields[name].queryset = members.filter(own).order_by("external_ref", "pk")
        policy = conduct_policy(territory=self.record.case.territory)
        self.fields["starts_at"].help_text = _(
            "The whole visit is between {start:%H:%M} and {end:%H:%M} at the address; the rules are checked again."
        ).format(start=policy.visit_from, end=policy.visit_until)
        stop = next_stop_to_join(order=self.record, after=timezone.now() + timedelta(hours=policy.notice_min_hours))
        if stop is not None:
            first = stop[0]
            self.initial |= {"lead": first.lead_id, "second": first.second_id, "starts_at": first.planned_arrival_at}
            self.fields["lead"].help_text = _(
                "People of this door are visited then by this pair: with the same pair and minute it is one visit for all of them."
            )


class PermissionForm(ButtonForm):
    """Where the borrower's permission is kept."""

    reference = forms.CharField(
        label=_("Recording or message"),
        max_length=LONGEST_REFERENCE,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The number under which it is kept; never what was said."),
    )


class CancelForm(ButtonForm):
    """Why the visit is cancelled: one of the list, and a note that is kept sealed."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=[(r, r.label) for r in CANCEL_REASONS], widget=UnfoldAdminSelectWidget
    )
    note = forms.CharField(
        label=_("Note"), max_length=300, required=False, widget=UnfoldAdminTextareaWidget({"rows": 3})
    )


class AbortForm(ReasonForm):
    """Why the visit was broken off."""

    finding = forms.ChoiceField(
        label=_("Finding"), choices=[(f, f.label) for f in (Finding.F40, Finding.F41)], widget=UnfoldAdminSelectWidget
    )
