"""Mappings from a lender's columns to ours, checked before they are kept."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from backoffice.audit.recorded import RecordedAdmin
from backoffice.core.errors import DoorstepError
from cases.models import IntakeProfile
from cases.rules.profile.parse import parse_profile


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """A mapping, checked before it is kept."""

    class Meta:
        model = IntakeProfile
        fields = ("name", "kind", "body")
        widgets = {"body": UnfoldAdminTextareaWidget({"rows": 30, "spellcheck": "false"})}

    def clean(self) -> dict[str, Any]:
        held: dict[str, Any] = super().clean() or self.cleaned_data
        if held.get("name") and held.get("body"):
            try:
                profile = parse_profile(text=held["body"], name=held["name"])
            except DoorstepError as error:
                field = getattr(error, "field", "")
                raise forms.ValidationError({"body": f"{field}: {error}" if field else str(error)}) from error
            if held.get("kind") and str(profile.kind) != held["kind"]:
                raise forms.ValidationError({"kind": _("The mapping says that its rows describe something else.")})
        return held


@admin.register(IntakeProfile)
class IntakeProfileAdmin(RecordedAdmin):
    """A mapping from a lender's columns to ours."""

    form = ProfileForm
    list_display = ("name", "kind", "updated_at")
    search_fields = ("=name",)
    empty_hint = _("Shipped profiles work without being listed here. Add one for a lender's own columns.")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Files name their profile; it stays."""
        return False
