"""Contact permits: what was asked and answered. For reading."""

from typing import Any

from django.contrib import admin
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.access.filters import territory_filter
from backoffice.core.pages.buttons import Press, button
from backoffice.core.pages.cells import EMPTY, chip, lines, named, tones, words
from cases.admin.base import CasesAdmin
from cases.enums import ContactRule, PermitState
from cases.models import ContactPermit
from cases.rules.contact_budget.refusals import ContactRefusal, from_kept
from cases.services.contacts import permits

STATE_TONES = tones(PermitState, success=["USED"], info=["RESERVED"], danger=["REFUSED"])


def said(refusal: ContactRefusal) -> str:
    """Return a refusal as people read it: what to do, until when, and the clause."""
    until = "" if refusal.until is None else f" {localtime(refusal.until):%Y-%m-%d %H:%M}"
    return f"{refusal.words}{until} ({refusal.source})"


@admin.register(ContactPermit)
class ContactPermitAdmin(CasesAdmin):
    """One question whether a person may be contacted, and its answer."""

    reference_path = "reference"
    list_display = (
        "asked_at",
        "borrower_masked",
        "channel",
        "purpose",
        "state_chip",
        "reasons",
        "asked_by",
        "valid_until",
    )
    list_select_related = ("borrower", "asked_by")
    list_filter = (
        territory_filter("borrower__territory"),
        ("state", ChoicesDropdownFilter),
        ("channel", ChoicesDropdownFilter),
        ("purpose", ChoicesDropdownFilter),
    )
    empty_hint = _("Diallers, gateways and apps ask here before they contact somebody (docs/contacts.md).")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("reference", "borrower_masked"),
                    ("channel", "purpose"),
                    ("number", "asked_of"),
                    ("state_chip", "policy_version"),
                    "explained",
                    ("asked_at", "asker"),
                    ("valid_until", "counts_until"),
                    ("settled_at", "used_by"),
                    "request_id",
                )
            },
        ),
    )
    asker = named("asked_by", _("asked by"))
    actions_detail = ("release",)

    @button(
        label=_("Give back"),
        permission=permits.ASK,
        states=frozenset({PermitState.RESERVED}),
        icon="undo",
        text=_("The place is free again at once."),
        done=_("The permit is given back."),
    )
    def release(self, press: Press) -> None:
        permits.release_permit(permit=press.record, actor=press.actor, at=press.at)

    @admin.display(description=_("state"))
    def state_chip(self, permit: ContactPermit) -> Any:
        return chip(permit, "state", STATE_TONES)

    @admin.display(description=_("refused by"))
    def reasons(self, permit: ContactPermit) -> str:
        return words([kept["rule"] for kept in permit.refusals], ContactRule)

    @admin.display(description=_("refused because"))
    def explained(self, permit: ContactPermit) -> Any:
        return lines(said(from_kept(kept)) for kept in permit.refusals)

    @admin.display(description=_("number"))
    def number(self, permit: ContactPermit) -> str:
        return str(permit.phone.masked_number) if permit.phone is not None else EMPTY

    @admin.display(description=_("related person"))
    def asked_of(self, permit: ContactPermit) -> str:
        related = permit.related
        return EMPTY if related is None else f"{related.get_role_display()} {related.masked_name}"
