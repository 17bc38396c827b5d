"""The rows beside an agency: capacities, papers, prices, evaluations, renewals and crew."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.admin import ScopedInline
from backoffice.core.pages.cells import chip, money, named, tones
from visits.enums import EntryState, FeeBasis
from visits.models import (
    AgencyCredential,
    AgencyTerritory,
    ContractRenewal,
    CrewMember,
    PriceCard,
)

ENTRY_TONES = tones(EntryState, success=[EntryState.CONFIRMED], info=[EntryState.ENTERED])


class EntryInline(ScopedInline):
    """Rows that one person enters and another confirms, on a tab of their own."""

    tab = True

    @admin.display(description=_("state"))
    def state_chip(self, row: Any) -> Any:
        return chip(row, "state", ENTRY_TONES)


class CapacityInline(ScopedInline):
    model = AgencyTerritory
    tab = True
    ordering = ("territory__code", "pk")
    fields = ("territory", "capacity")


class CredentialInline(EntryInline):
    model = AgencyCredential
    show_change_link = True
    ordering = ("-valid_until", "-pk")
    fields = ("kind", "number", "issuer", "valid_from", "valid_until", "state_chip")


class PriceInline(EntryInline):
    model = PriceCard
    show_change_link = True
    ordering = ("-valid_from", "-pk")
    fields = ("basis", "price", "valid_from", "valid_to", "state_chip")

    @admin.display(description=_("amount"))
    def price(self, card: PriceCard) -> str:
        return price_text(card)


class RenewalInline(EntryInline):
    model = ContractRenewal
    fields = ("from_day", "until", "state_chip", "asked", "granted", "created_at")
    asked = named("entered_by", _("asked for by"))
    granted = named("confirmed_by", _("granted by"))


class CrewInline(ScopedInline):
    model = CrewMember
    tab = True
    show_change_link = True
    ordering = ("external_ref", "pk")
    fields = ("external_ref", "masked_name", "state", "exam_passed_on")

    @admin.display(description=_("full name"))
    def masked_name(self, member: CrewMember) -> str:
        return str(member.masked_name)


def price_text(card: PriceCard) -> str:
    """Return an amount with its currency; a share of recovery in percent."""
    return f"{card.amount} %" if card.basis == FeeBasis.RECOVERY_SHARE else money(card.amount, card.currency)
