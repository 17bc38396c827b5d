"""The trail in the admin: read, filter, and verify the chain."""

import json
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import FieldTextFilter, RangeDateTimeFilter
from unfold.decorators import action, display
from unfold.forms import BaseDialogForm

from backoffice.audit.models import AccessEntry, AuditEntry
from backoffice.audit.verdicts import verdict_sentence
from backoffice.audit.verifier import verify_chain, write_checkpoint
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.buttons import to_page


class TrailAdmin(ScopedAdmin):
    """Append-only: no form, no button that changes anything."""

    list_per_page = 100


@admin.register(AuditEntry)
class AuditEntryAdmin(TrailAdmin):
    """Who did what, in the order in which it was committed."""

    list_display = ("sequence", "at", "who", "action", "subject_type", "subject_id")
    list_filter = (
        ("action", FieldTextFilter),
        ("actor_name", FieldTextFilter),
        ("subject_type", FieldTextFilter),
        ("subject_id", FieldTextFilter),
        ("at", RangeDateTimeFilter),
    )
    search_fields = ("=action", "=actor_name", "=subject_id")
    search_help_text = _("Action, person or record number, exactly")
    fields = ("sequence", "at", "who", "action", "subject_type", "subject_id", "what", "digest", "digest_before")
    readonly_fields = fields
    actions_list = ("verify",)
    empty_hint = _("Nothing was recorded, or nothing matches the filters.")

    @display(description=_("by"), ordering="actor_id")
    def who(self, entry: AuditEntry) -> str:
        return entry.actor_name or str(_("the system"))

    @display(description=_("what changed"))
    def what(self, entry: AuditEntry) -> str:
        return format_html("<pre>{}</pre>", json.dumps(entry.body, ensure_ascii=False, indent=2)) if entry.body else "-"

    @display(description=_("hash"))
    def digest(self, entry: AuditEntry) -> str:
        return bytes(entry.hash).hex()

    @display(description=_("hash before"))
    def digest_before(self, entry: AuditEntry) -> str:
        return bytes(entry.previous_hash).hex()

    @action(
        description=_("Verify the chain"),
        permissions=["audit.verify_chain"],
        icon="verified",
        dialog={
            "title": _("Verify the chain"),
            "description": _("Reads every entry from the first to the last."),
            "form_class": BaseDialogForm,
            "form_submit_text": _("Verify"),
        },
    )
    def verify(self, request: HttpRequest, form: Any) -> HttpResponse:
        verdict = verify_chain()
        if verdict.ok:
            write_checkpoint(at=timezone.now())
        (messages.success if verdict.ok else messages.error)(request, verdict_sentence(verdict))
        return to_page(request, reverse("admin:audit_auditentry_changelist"))


@admin.register(AccessEntry)
class AccessEntryAdmin(TrailAdmin):
    """Who saw personal data in clear, and what for."""

    list_display = ("at", "actor_name", "subject_type", "subject_id", "seen", "purpose")
    list_filter = (
        ("actor_name", FieldTextFilter),
        ("subject_type", FieldTextFilter),
        ("subject_id", FieldTextFilter),
        ("at", RangeDateTimeFilter),
    )
    search_fields = ("=actor_name", "=subject_id")
    search_help_text = _("Person or record number, exactly")
    fields = ("sequence", "at", "actor_name", "subject_type", "subject_id", "seen", "purpose", "note_text")
    readonly_fields = fields
    empty_hint = _("Nobody has seen personal data in clear, or nothing matches the filters.")

    @display(description=_("note"))
    def note_text(self, entry: AccessEntry) -> str:
        return entry.note or "-"

    @display(description=_("fields"))
    def seen(self, entry: AccessEntry) -> str:
        return ", ".join(entry.fields)
