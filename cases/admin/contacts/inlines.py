"""What a borrower's page shows of contacts: wishes about times, breaches, and the newest permits."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.admin import ScopedInline
from backoffice.core.pages.cells import chip
from cases.admin.contacts.breach import BREACH_TONES
from cases.admin.contacts.permit import STATE_TONES
from cases.models import ContactBreach, ContactPermit, ContactWish


class WishInline(ScopedInline):
    model = ContactWish
    tab = True
    fields = ("kind", "opens", "closes", "last_day", "evidence_ref", "granted_at", "ended_at")


class PermitInline(ScopedInline):
    model = ContactPermit
    tab = True
    show_change_link = True
    fields = ("asked_at", "channel", "purpose", "state_chip", "valid_until")

    @admin.display(description=_("state"))
    def state_chip(self, permit: ContactPermit) -> Any:
        return chip(permit, "state", STATE_TONES)


class BreachInline(ScopedInline):
    model = ContactBreach
    tab = True
    show_change_link = True
    fields = ("attempted_at", "kind_chip", "source_name", "channel", "contact_ref")

    def get_queryset(self, request: Any) -> Any:
        return super().get_queryset(request).select_related("source")

    @admin.display(description=_("what was wrong"))
    def kind_chip(self, breach: ContactBreach) -> Any:
        return chip(breach, "kind", BREACH_TONES)

    @admin.display(description=_("source"))
    def source_name(self, breach: ContactBreach) -> str:
        return str(breach.source)
