"""The desk of terms: what each account's terms are, what the core holds, and where the two may not agree."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from backoffice.access.filters import territory_filter
from backoffice.core.pages.admin import ScopedInline
from backoffice.core.pages.buttons import PRIMARY, ButtonForm, Press, button
from backoffice.core.pages.cells import EMPTY, chip, linked, named, tones
from cases.admin.base import CasesAdmin
from cases.admin.decisions.text import value_words
from cases.enums import TermsTrouble
from cases.models import AccountTerm, TermsChange, TermsMeasure
from cases.models.terms import IN_TROUBLE, OTHER_NAMED
from cases.selectors.casework.named_value import named_value
from cases.services.decisions import trouble
from cases.services.decisions.core_value import LONGEST_NOTE, accept_core_value


def _in_words(term: AccountTerm | TermsChange, value: str) -> str:
    return value_words(field=term.field, value=value, currency=term.account.currency)


TROUBLE_TONES = tones(TermsTrouble, danger=["REFUSED", "OTHER_VALUE"], warning=["SILENT", "DIFFERS"])


class AcceptForm(ButtonForm):
    """Why the core's value is right."""

    value = forms.CharField(label=_("value that the core named"), widget=UnfoldAdminTextInputWidget({"readonly": True}))
    note = forms.CharField(
        label=_("Why the core's value is right"),
        max_length=LONGEST_NOTE,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # It comes back with the answer: nobody accepts a value that they did not see.
        self.fields["value"].initial = named_value(term=self.record)


class MeasureInline(ScopedInline):
    model = TermsMeasure
    tab = True
    ordering = ("-began_at", "-pk")
    fields = ("field", "mode", "amount", "began_at", "suspended_at", "ended_at", "end_reason")


class TermsChangeInline(ScopedInline):
    model = TermsChange
    tab = True
    fields = (
        "field",
        "version",
        "before",
        "after",
        "effective_on",
        "sent_at",
        "acknowledged_at",
        "answered_value",
        "refused_reason",
    )


@admin.register(AccountTerm)
class AccountTermAdmin(CasesAdmin):
    """One term of an account: its base, the value that holds, and what the core answered."""

    borrower_path = "account__borrower"
    reference_path = "account__external_ref"
    list_display = (
        "account",
        "field",
        "own_value",
        "value_that_holds",
        "value_at_core",
        "version",
        "acknowledged_version",
        "trouble_chip",
        "trouble_since",
        "taken_by",
    )
    list_select_related = ("account", "taken_by")
    list_filter = (
        ("trouble", ChoicesDropdownFilter),
        ("field", ChoicesDropdownFilter),
        territory_filter("account__territory"),
    )
    link_lookups = ("trouble__in",)
    empty_hint = _("Terms stand here once a decision has touched them.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("account", "field"),
                    ("own_value", "value_that_holds"),
                    ("value_at_core", "value_before"),
                    ("version", "acknowledged_version"),
                    ("instructed_at", "acknowledged_at"),
                    ("trouble_chip", "trouble_since"),
                    ("core_named", "taken"),
                    ("accepted", "accepted_at"),
                    "why_accepted",
                )
            },
        ),
    )
    taken = named("taken_by", _("taken by"))
    accepted = named("accepted_by", _("core's value accepted by"))
    actions_detail = ("instruct_again", "accept_core_value", "take")

    @admin.display(description=_("core's own value"))
    def own_value(self, term: AccountTerm) -> str:
        return _in_words(term, term.base)

    @admin.display(description=_("value that holds"))
    def value_that_holds(self, term: AccountTerm) -> str:
        return _in_words(term, term.effective)

    @admin.display(description=_("value at the core"))
    def value_at_core(self, term: AccountTerm) -> str:
        return _in_words(term, term.held)

    @admin.display(description=_("value before"))
    def value_before(self, term: AccountTerm) -> str:
        return _in_words(term, term.held_before)

    @display(description=_("trouble"), ordering="trouble")
    def trouble_chip(self, term: AccountTerm) -> Any:
        return chip(term, "trouble", TROUBLE_TONES)

    @button(
        label=_("Instruct again"),
        permission="cases.approve_decision",
        states=[IN_TROUBLE, OTHER_NAMED],
        icon="send",
        variant=PRIMARY,
        text=_("The core is sent the value that holds once more, under a new version."),
        done=_("The core is instructed again."),
    )
    def instruct_again(self, press: Press) -> None:
        trouble.instruct_again(term=press.record, actor=press.actor, at=press.at)

    @admin.display(description=_("value that the core named"))
    def core_named(self, term: AccountTerm) -> str:
        value = named_value(term=term)
        return _in_words(term, value) if value else EMPTY

    @admin.display(description=_("why it was accepted"))
    def why_accepted(self, term: AccountTerm) -> str:
        return term.acceptance_note or EMPTY

    @button(
        label=_("Accept the core's value as the base"),
        permission="cases.approve_decision",
        form=AcceptForm,
        states=[OTHER_NAMED],
        icon="handshake",
        text=_(
            "The value that the core named holds from now on. What decisions still do to this term is instructed on top of it."
        ),
        done=_("The core's value is the base."),
    )
    def accept_core_value(self, press: Press) -> None:
        accept_core_value(term=press.record, actor=press.actor, at=press.at, **press.values)

    @button(
        label=_("I look into it"),
        permission="cases.approve_decision",
        states=[IN_TROUBLE, OTHER_NAMED],
        icon="back_hand",
        text=_("Your name stands beside it, so that nobody else asks the core too."),
        done=_("It is yours."),
    )
    def take(self, press: Press) -> None:
        trouble.take_trouble(term=press.record, actor=press.actor, at=press.at)


@admin.register(TermsChange)
class TermsChangeAdmin(CasesAdmin):
    """The ledger of terms: what decisions changed and whether the core has taken it."""

    borrower_path = "account__borrower"
    reference_path = "effect_key"
    list_display = (
        "account",
        "field",
        "value_before",
        "value_after",
        "version",
        "effective_on",
        "sent_at",
        "acknowledged_at",
        "refused",
    )
    list_select_related = ("account", "decision")
    list_filter = (territory_filter("account__territory"), ("field", ChoicesDropdownFilter))
    empty_hint = _("Terms change when an approved decision takes effect.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("account", "decision_link"),
                    ("field", "opt_in_required"),
                    ("value_before", "value_after"),
                    ("version", "effective_on"),
                    ("sent_at", "acknowledged_at"),
                    ("answered_value", "refused_reason"),
                )
            },
        ),
    )

    @admin.display(description=_("before"))
    def value_before(self, change: TermsChange) -> str:
        return _in_words(change, change.before)

    @admin.display(description=_("after"))
    def value_after(self, change: TermsChange) -> str:
        return _in_words(change, change.after)

    @display(description=_("refused"), boolean=True)
    def refused(self, change: TermsChange) -> bool:
        return change.refused_reason != ""

    @admin.display(description=_("decision"))
    def decision_link(self, change: TermsChange) -> Any:
        return linked(change.decision)
