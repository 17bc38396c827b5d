"""What was established about borrowers, and the form of a desk check."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import (
    UnfoldAdminDecimalFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from backoffice.access.filters import territory_filter
from backoffice.core.pages.admin import ScopedInline
from backoffice.core.pages.buttons import ButtonForm
from backoffice.core.pages.cells import chip, linked, named, share, tones
from cases.admin.base import CasesAdmin
from cases.enums import SECTION_VERDICTS, Section, Verdict, VerificationSource
from cases.models import Verification, VerifiedFact
from cases.services.casework.verification import FactInput

VERDICT_TONES = tones(
    Verdict,
    success=["CONFIRMED", "ABLE"],
    info=["PARTLY_ABLE", "TEMPORARY", "FORCE_MAJEURE"],
    warning=["DOUBTFUL", "UNABLE"],
    danger=["REFUTED", "WILFUL"],
)


class DeskCheckForm(ButtonForm):
    """The four sections, established by telephone or from papers, without a visit."""

    columns = 3

    source_ref = forms.CharField(
        label=_("Reference of the recording or paper"), max_length=80, widget=UnfoldAdminTextInputWidget
    )
    right_party_met = forms.BooleanField(
        label=_("The borrower was reached"), required=False, widget=UnfoldBooleanWidget
    )
    cooperative = forms.BooleanField(label=_("The borrower cooperated"), required=False, widget=UnfoldBooleanWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for section in Section:
            self.fields[f"verdict_{section}"] = forms.ChoiceField(
                label=section.label,
                choices=[(v, v.label) for v in SECTION_VERDICTS[section]],
                initial=Verdict.NOT_ESTABLISHED,
                widget=UnfoldAdminSelectWidget,
            )
            self.fields[f"confidence_{section}"] = forms.DecimalField(
                label=_("How sure, 0 to 1"),
                min_value=0,
                max_value=1,
                decimal_places=2,
                initial=Decimal("0.80"),
                widget=UnfoldAdminDecimalFieldWidget,
            )
            self.fields[f"evidence_{section}"] = forms.CharField(
                label=_("Evidence"),
                max_length=200,
                required=False,
                widget=UnfoldAdminTextInputWidget,
                help_text=_("References of papers or recordings, separated by commas; no contents"),
            )

    def clean(self) -> dict[str, Any]:
        """Add `facts`: one entry a section that is filled in."""
        held: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            held["facts"] = [
                FactInput(
                    section=str(section),
                    verdict=held[f"verdict_{section}"],
                    confidence=held[f"confidence_{section}"],
                    evidence=[ref.strip() for ref in held[f"evidence_{section}"].split(",") if ref.strip()],
                )
                for section in Section
            ]
        return held


class FactInline(ScopedInline):
    model = VerifiedFact
    ordering = ("section", "pk")
    fields = ("section", "verdict_chip", "how_sure", "references", "expires_on")

    @admin.display(description=_("verdict"))
    def verdict_chip(self, fact: VerifiedFact) -> Any:
        return chip(fact, "verdict", VERDICT_TONES)

    @admin.display(description=_("confidence"))
    def how_sure(self, fact: VerifiedFact) -> str:
        return share(fact.confidence)

    @admin.display(description=_("evidence"))
    def references(self, fact: VerifiedFact) -> str:
        return ", ".join(str(reference) for reference in fact.evidence)


@admin.register(Verification)
class VerificationAdmin(CasesAdmin):
    """Four sections, established on one occasion."""

    reference_path = "source_ref"
    list_display = (
        "source_ref",
        "borrower_masked",
        "case",
        "source_chip",
        "right_party_met",
        "cooperative",
        "verified_on",
    )
    list_select_related = ("borrower", "case")
    list_filter = (territory_filter("borrower__territory"), ("source", ChoicesDropdownFilter))
    empty_hint = _("Facts are verified by an accepted visit report or by a desk check on a case.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("source_ref", "source_chip"),
                    ("borrower_masked", "case_link"),
                    ("right_party_met", "cooperative"),
                    ("verified_on", "recorded"),
                )
            },
        ),
    )
    recorded = named("recorded_by", _("recorded by"))
    inlines = (FactInline,)

    @admin.display(description=_("source"))
    def source_chip(self, verification: Verification) -> Any:
        return chip(verification, "source", {VerificationSource.VISIT: "info"})

    @admin.display(description=_("case"))
    def case_link(self, verification: Verification) -> Any:
        return linked(verification.case)
