"""The form that asks for what purpose somebody needs to see personal data in clear."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from backoffice.audit.enums import AccessPurpose
from backoffice.audit.services import NOTE_LENGTH
from backoffice.core.pages.buttons import ButtonForm


class PurposeForm(ButtonForm):
    """Asks for a purpose of the list and, where the list does not cover it, for a note, which is kept sealed."""

    purpose = forms.ChoiceField(
        label=_("Purpose"),
        choices=[("", "---------"), *AccessPurpose.choices],
        widget=UnfoldAdminSelectWidget,
        help_text=_("Who saw what and why is kept in the access log."),
    )
    note = forms.CharField(
        label=_("Note"), max_length=NOTE_LENGTH, required=False, widget=UnfoldAdminTextareaWidget({"rows": 2})
    )

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if values.get("purpose") == AccessPurpose.OTHER and not values.get("note"):
            self.add_error("note", _("Say for what purpose you need to see this."))
        return values
