"""Intake profiles of the lender, checked before they are saved."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from backoffice.audit.recorded import GlobalRecordedAdmin
from backoffice.core.errors import DoorstepError
from cases.models import IntakeProfile
from cases.rules.profile.parse import parse_profile


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """A profile; its text must parse before it is saved."""

    class Meta:
        model = IntakeProfile
        fields = ("name", "kind", "body")
        widgets = {"body": UnfoldAdminTextareaWidget({"rows": 30, "spellcheck": "false"})}

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        if given.get("name") and given.get("body"):
            try:
                profile = parse_profile(text=given["body"], name=given["name"])
            except DoorstepError as error:
                field = getattr(error, "field", "")
                raise forms.ValidationError({"body": f"{field}: {error}" if field else str(error)}) from error
            if given.get("kind") and str(profile.kind) != given["kind"]:
                raise forms.ValidationError({"kind": _("The mapping says that its rows describe something else.")})
        return given


@admin.register(IntakeProfile)
class IntakeProfileAdmin(GlobalRecordedAdmin):
    """A mapping from a lender's columns to our fields."""

    form = ProfileForm
    list_display = ("name", "kind", "updated_at")
    search_fields = ("=name",)
    empty_hint = _("Shipped profiles work without being listed here. Add one for a lender's own columns.")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Forbid it: files name the profile by which they were read."""
        return False
