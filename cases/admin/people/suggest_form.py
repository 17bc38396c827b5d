"""The form that suggests two borrowers to be one person."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.core.pages.buttons import ButtonForm
from cases.services.merges.decisions import GROUNDS_BY_HAND


class SuggestMergeForm(ButtonForm):
    """The other borrower, and why the two are one person."""

    other_ref = forms.CharField(
        label=_("Reference of the other borrower"), max_length=60, widget=UnfoldAdminTextInputWidget
    )
    ground = forms.ChoiceField(
        label=_("Ground"),
        choices=[(ground.value, ground.label) for ground in GROUNDS_BY_HAND],
        widget=UnfoldAdminSelectWidget,
    )
