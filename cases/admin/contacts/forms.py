"""What the buttons about contacts ask for, on a borrower's page and on a case's page."""

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget, UnfoldAdminTimeWidget

from backoffice.core.pages.buttons import ButtonForm, day_input
from cases.enums import Channel, ContactPurpose, WishKind
from cases.models import BorrowerPhone, ContactWish, RelatedPerson
from cases.services.contacts.stops import OWING


class WishForm(ButtonForm):
    """A time of day that the borrower named, and the evidence."""

    kind = forms.ChoiceField(
        label=_("The borrower wants contact"), choices=WishKind.choices, widget=UnfoldAdminSelectWidget
    )
    opens = forms.TimeField(label=_("From"), widget=UnfoldAdminTimeWidget)
    closes = forms.TimeField(label=_("Until"), widget=UnfoldAdminTimeWidget)
    last_day = forms.DateField(label=_("Counts until"), widget=day_input())
    evidence_ref = forms.CharField(
        label=_("Recording or letter"),
        max_length=80,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Its reference, never what was said."),
    )


class EndWishForm(ButtonForm):
    """One of the wishes that count."""

    wish = forms.ModelChoiceField(label=_("Wish"), queryset=ContactWish.objects.none(), widget=UnfoldAdminSelectWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wishes = ContactWish.objects.visible_to(self.request.user).filter(borrower=self.record, ended_at__isnull=True)
        self.fields["wish"].queryset = wishes.order_by("pk")


class StopForm(ButtonForm):
    """The related person who refused contact."""

    related = forms.ModelChoiceField(
        label=_("Who refused contact"), queryset=RelatedPerson.objects.none(), widget=UnfoldAdminSelectWidget
    )
    evidence_ref = forms.CharField(
        label=_("Recording or letter"), max_length=80, required=False, widget=UnfoldAdminTextInputWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = RelatedPerson.objects.visible_to(self.request.user).filter(borrower=self.record)
        self.fields["related"].queryset = people.exclude(role__in=OWING).order_by("pk")
        self.fields["related"].label_from_instance = _named


class AskForm(ButtonForm):
    """How and why the borrower of a case shall be contacted now."""

    channel = forms.ChoiceField(
        label=_("Channel"),
        choices=[choice for choice in Channel.choices if choice[0] != Channel.VISIT],
        initial=Channel.VOICE,
        widget=UnfoldAdminSelectWidget,
    )
    purpose = forms.ChoiceField(label=_("Purpose"), choices=ContactPurpose.choices, widget=UnfoldAdminSelectWidget)
    phone = forms.ModelChoiceField(
        label=_("Telephone"), queryset=BorrowerPhone.objects.none(), required=False, widget=UnfoldAdminSelectWidget
    )
    related = forms.ModelChoiceField(
        label=_("Or a related person"),
        queryset=RelatedPerson.objects.none(),
        required=False,
        widget=UnfoldAdminSelectWidget,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mine = Q(borrower=self.record.borrower_id)
        self.fields["phone"].queryset = BorrowerPhone.objects.visible_to(self.request.user).filter(mine).order_by("pk")
        self.fields["phone"].label_from_instance = lambda phone: str(phone.masked_number)
        people = RelatedPerson.objects.visible_to(self.request.user).filter(mine)
        self.fields["related"].queryset = people.order_by("pk")
        self.fields["related"].label_from_instance = _named


def _named(related: RelatedPerson) -> str:
    return f"{related.get_role_display()} {related.masked_name}"
