"""The admin's base for configuration that staff edit in forms: every save leaves an audit entry."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from unfold.admin import ModelAdmin

from backoffice.audit.services import record
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.scoping import acts_everywhere


class RecordedAdmin(ScopedAdmin):
    """
    A form for configuration. Rights come from the person's role (add, change, delete of the model).

    The admin's change view runs in one transaction, so the entry stands or falls with the change. Only names of
    changed fields are recorded, since values may be personal.
    """

    def has_add_permission(self, request: HttpRequest) -> bool:
        return bool(ModelAdmin.has_add_permission(self, request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(ModelAdmin.has_change_permission(self, request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return bool(ModelAdmin.has_delete_permission(self, request, obj))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        verb = "changed" if change else "added"
        record(
            actor=request.user,
            action=f"{obj._meta.model_name}.{verb}",
            subject=obj,
            at=timezone.now(),
            body={"fields": sorted(form.changed_data)},
        )

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        subject = (obj._meta.label_lower, obj.pk)
        super().delete_model(request, obj)
        record(actor=request.user, action=f"{obj._meta.model_name}.deleted", subject=subject, at=timezone.now())


class GlobalRecordedAdmin(RecordedAdmin):
    """A form for configuration that holds for every territory: people of single territories only read it."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return acts_everywhere(user=request.user) and super().has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return acts_everywhere(user=request.user) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return acts_everywhere(user=request.user) and super().has_delete_permission(request, obj)
