"""How long history is kept: configuration, with every change in the trail."""

from typing import Any

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.audit.recorded import GlobalRecordedAdmin
from cases.models import RetentionRule


@admin.register(RetentionRule)
class RetentionRuleAdmin(GlobalRecordedAdmin):
    """Whole months that a kind of history is kept; the nightly schedule drops what is older."""

    list_display = ("kind", "months", "updated_at")
    ordering = ("kind", "pk")
    fields = ("kind", "months")
    empty_hint = _(
        "Without rules facts are kept for 24 months, contact attempts and ended reasons for 60. Contact attempts stay longer as long as an account or a complaint needs them."
    )

    def save_model(self, request: Any, obj: Any, form: Any, change: bool) -> None:
        obj.updated_at = timezone.now()
        super().save_model(request, obj, form, change)
