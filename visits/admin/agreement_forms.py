"""What is asked for when somebody records what a borrower agreed to about visits."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from backoffice.core.pages.buttons import ButtonForm, day_input, moment_input
from cases.models import Address, Case
from visits.admin.order_forms import AddressChoice
from visits.enums import AgreementKind
from visits.selectors.agreements import addresses_for_consent
from visits.selectors.policy import conduct_policy
from visits.services.answers.agreements import LONGEST_NOTE, LONGEST_REFERENCE


def _evidence(*, required: bool) -> forms.CharField:
    return forms.CharField(
        label=_("Recording or letter"),
        max_length=LONGEST_REFERENCE,
        required=required,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Its reference, never what was said."),
    )


def _note() -> forms.CharField:
    return forms.CharField(
        label=_("Note"),
        max_length=LONGEST_NOTE,
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=_("Kept sealed."),
    )


class _TimeFields(forms.Form):
    """The time that the borrower asked for, and what proves it."""

    opens_at = forms.DateTimeField(label=_("From"), widget=moment_input())
    closes_at = forms.DateTimeField(
        label=_("Until"), widget=moment_input(), help_text=_("Two hours or more later, on the same day.")
    )
    evidence_ref = _evidence(required=False)
    note = _note()

    def explain(self, *, territory: Any) -> None:
        """Say which times need a recording: those that leave the hours of visits where the borrower lives."""
        policy = conduct_policy(territory=territory)
        self.fields["evidence_ref"].help_text = _(
            "Its reference, never what was said. Without one the time is between {opens} and {closes}."
        ).format(opens=f"{policy.visit_from:%H:%M}", closes=f"{policy.visit_until:%H:%M}")


class _PlaceFields(forms.Form):
    """What proves the consent to a place, and until when it counts."""

    evidence_ref = _evidence(required=True)
    last_day = forms.DateField(
        label=_("Counts until"),
        required=False,
        widget=day_input(),
        help_text=_("For 30 days at most, also if this stays empty."),
    )
    note = _note()


class WishButtonForm(ButtonForm, _TimeFields):
    """A time that the borrower asked for, about one visit."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.explain(territory=self.record.case.borrower.territory)


class ConsentButtonForm(ButtonForm, _PlaceFields):
    """The consent to the place of one visit."""


class WithdrawForm(ButtonForm):
    """What the borrower said, if somebody wants to keep it."""

    note = _note()


class TimeForm(_TimeFields):
    """A time that the borrower asked for, on a page of its own."""

    def __init__(self, *args: Any, case: Case, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.explain(territory=case.borrower.territory)


class PlaceForm(_PlaceFields):
    """A place that needs the borrower's consent: one of their workplaces and relatives' homes."""

    address = AddressChoice(label=_("Address"), queryset=Address.objects.none(), widget=UnfoldAdminSelectWidget)
    field_order = ("address", "evidence_ref", "last_day", "note")

    def __init__(self, *args: Any, case: Case, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["address"].queryset = addresses_for_consent(user=user, case=case)  # type: ignore[attr-defined]


FORMS: dict[str, type[TimeForm] | type[PlaceForm]] = {AgreementKind.TIME: TimeForm, AgreementKind.PLACE: PlaceForm}
