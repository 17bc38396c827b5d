"""Borrowers, always masked, with telephones, addresses and circumstances."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import DropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from backoffice.access.filters import TerritoryFilter
from backoffice.access.models import Territory
from backoffice.audit.forms import PurposeForm
from backoffice.core.pages.admin import ScopedInline
from backoffice.core.pages.buttons import WARNING, ButtonForm, Press, button, day_input
from backoffice.core.pages.cells import EMPTY, chip, lines, linked, named, tones
from cases.admin.application import ApplicationInline
from cases.admin.base import CasesAdmin
from cases.admin.contacts.buttons import BorrowerContactButtons
from cases.admin.contacts.inlines import BreachInline, PermitInline, WishInline
from cases.admin.people.suggest_form import SuggestMergeForm
from cases.enums import ContactVerdict, FlagKind, FlagSource
from cases.models import Account, Address, Borrower, BorrowerFlag, BorrowerPhone, Case, DoubtfulCell, RelatedPerson
from cases.selectors.casework.people import merges_about, others_of_person
from cases.services.casework import circumstances, reveal
from cases.services.merges import decisions

SHOWN_ONCE = _(
    "Name, identity number, telephones, addresses and the application are shown once and are not kept by the browser."
)
VERDICT_TONES = tones(ContactVerdict, success=["VALID"], danger=["INVALID"], warning=["DOUBTFUL"])


class FlagForm(ButtonForm):
    """A circumstance, its source, and its last day."""

    kind = forms.ChoiceField(label=_("Circumstance"), choices=FlagKind.choices, widget=UnfoldAdminSelectWidget)
    source = forms.ChoiceField(label=_("Known from"), choices=FlagSource.choices, widget=UnfoldAdminSelectWidget)
    note = forms.CharField(
        label=_("Note"),
        max_length=300,
        required=False,
        widget=UnfoldAdminTextareaWidget({"rows": 2}),
        help_text=_("Kept sealed. Needed where the source is another; never a person's condition."),
    )
    expires_on = forms.DateField(label=_("Counts until"), required=False, widget=day_input())


class ClearFlagForm(ButtonForm):
    """One of the open circumstances, and the reason of its end."""

    kind = forms.ChoiceField(label=_("Circumstance"), widget=UnfoldAdminSelectWidget)
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=UnfoldAdminTextareaWidget({"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        borrower = getattr(self.record, "borrower", self.record)
        kinds = borrower.flags.filter(cleared_at__isnull=True).order_by("kind").values_list("kind", flat=True)
        self.fields["kind"].choices = [(kind, FlagKind(kind).label) for kind in kinds]


def revealed(*, press: Press, borrower: Borrower) -> HttpResponse:
    """Show personal data in clear, once, within the dialog; the service has logged who saw it and why."""
    shown = reveal.reveal_borrower(borrower=borrower, actor=press.actor, at=press.at, **press.values)
    return HttpResponse(render_to_string("admin/cases/revealed.html", {"shown": shown}, request=press.request))


class PhoneInline(ScopedInline):
    model = BorrowerPhone
    tab = True
    fields = ("masked_number", "verdict_chip", "created_at")

    @admin.display(description=_("number"))
    def masked_number(self, phone: BorrowerPhone) -> str:
        return str(phone.masked_number)

    @admin.display(description=_("verdict"))
    def verdict_chip(self, phone: BorrowerPhone) -> Any:
        return chip(phone, "verdict", VERDICT_TONES)


class AddressInline(ScopedInline):
    model = Address
    tab = True
    fields = ("masked_line", "kind", "adcode", "source", "last_verified_on", "verdict_chip")

    @admin.display(description=_("address"))
    def masked_line(self, address: Address) -> str:
        return str(address.masked_line)

    @admin.display(description=_("verdict"))
    def verdict_chip(self, address: Address) -> Any:
        return chip(address, "verdict", VERDICT_TONES)


class FlagInline(ScopedInline):
    model = BorrowerFlag
    tab = True
    fields = ("kind", "source", "source_ref", "set_at", "expires_on", "cleared_at")


class AccountInline(ScopedInline):
    model = Account
    tab = True
    show_change_link = True
    fields = ("external_ref", "product", "status", "days_past_due", "arrears_amount", "currency", "as_of")


class CaseInline(ScopedInline):
    model = Case
    tab = True
    show_change_link = True
    fields = ("stage", "grade", "owner", "opened_on", "closed_on")


class DoubtInline(ScopedInline):
    model = DoubtfulCell
    tab = True
    show_change_link = True
    fields = ("field", "masked_value", "shown_reason", "state", "created_at")

    @admin.display(description=_("value"))
    def masked_value(self, doubt: DoubtfulCell) -> str:
        return str(doubt.masked_value)

    @admin.display(description=_("reason"))
    def shown_reason(self, doubt: DoubtfulCell) -> str:
        return doubt.told_reason


class RelatedInline(ScopedInline):
    model = RelatedPerson
    tab = True
    fields = ("role", "masked_name", "masked_id_number", "masked_number", "since_on", "ends_on")

    @admin.display(description=_("full name"))
    def masked_name(self, person: RelatedPerson) -> str:
        return str(person.masked_name)

    @admin.display(description=_("identity number"))
    def masked_id_number(self, person: RelatedPerson) -> str:
        return str(person.masked_id_number)

    @admin.display(description=_("number"))
    def masked_number(self, person: RelatedPerson) -> str:
        return str(person.masked_number)


class DividedFilter(DropdownFilter):
    """Whether the accounts of a borrower are worked in another territory than the borrower."""

    title = _("accounts elsewhere")
    parameter_name = "divided"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("An account is worked in another territory"))]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() != "yes":
            return queryset
        elsewhere = Account.objects.filter(borrower=OuterRef("pk")).exclude(territory=OuterRef("territory"))
        return queryset.filter(Exists(elsewhere))


@admin.register(Borrower)
class BorrowerAdmin(BorrowerContactButtons, CasesAdmin):
    """Found by name, number or reference; never listed in clear."""

    borrower_path = "pk"
    list_display = ("external_ref", "masked_name", "masked_id_number", "territory", "last_app_login_at", "updated_at")
    list_select_related = ("territory",)
    list_filter = (TerritoryFilter, DividedFilter)
    empty_hint = _("Borrowers come in with the portfolio: take in a file first.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("external_ref", "place"),
                    ("masked_name", "masked_id_number"),
                    ("document", "worked_in"),
                    ("same_person", "merge_links"),
                    ("last_app_login_at", "updated_at"),
                )
            },
        ),
    )
    place = named("territory", _("territory"))
    inlines = (
        AccountInline,
        CaseInline,
        FlagInline,
        WishInline,
        PermitInline,
        BreachInline,
        DoubtInline,
        RelatedInline,
        PhoneInline,
        AddressInline,
        ApplicationInline,
    )
    actions_detail = (
        "reveal",
        "set_flag",
        "clear_flag",
        "suggest_merge",
        {
            "title": _("Contact"),
            "icon": "call",
            "items": ("note_wish", "end_wish", "note_stop"),
        },
    )

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """Add what is known of the borrower's person, as far as the reader may see it."""
        borrower = super().get_object(request, object_id, from_field)
        if borrower is not None:
            borrower.reader = request.user
        return borrower

    @admin.display(description=_("one person with"))
    def same_person(self, borrower: Any) -> Any:
        others = others_of_person(borrower=borrower, user=borrower.reader).select_related("territory")
        told = [linked(other, f"{other} · {other.masked_name} · {other.territory}") for other in others]
        if borrower.person_id is not None:
            cases = Case.objects.visible_to(borrower.reader).open().of_people_of([borrower.pk])
            told += [linked(case, f"{case} · {_('the open case of this person')}") for case in cases]
        return lines(told)

    @admin.display(description=_("suggested merges"))
    def merge_links(self, borrower: Any) -> Any:
        found = merges_about(borrower=borrower, user=borrower.reader)
        return lines(linked(merge, f"{merge} · {merge.get_state_display()}") for merge in found)

    @admin.display(description=_("identity document"))
    def document(self, borrower: Borrower) -> str:
        return borrower.get_id_document_display() or EMPTY

    @admin.display(description=_("accounts are worked in"))
    def worked_in(self, borrower: Borrower) -> str:
        """The territories of the accounts; several are a conflict of the lender's data that a person should see."""
        places = Territory.objects.filter(pk__in=borrower.accounts.values("territory")).order_by("code")
        return ", ".join(str(place) for place in places) or EMPTY

    @admin.display(description=_("full name"))
    def masked_name(self, borrower: Borrower) -> str:
        return str(borrower.masked_name)

    @admin.display(description=_("identity number"))
    def masked_id_number(self, borrower: Borrower) -> str:
        return str(borrower.masked_id_number)

    @button(
        label=_("Show personal data"),
        permission="cases.reveal_borrower",
        form=PurposeForm,
        icon="visibility",
        variant=WARNING,
        text=SHOWN_ONCE,
    )
    def reveal(self, press: Press) -> HttpResponse:
        return revealed(press=press, borrower=press.record)

    @button(
        label=_("Note a circumstance"),
        permission="cases.flag_borrower",
        form=FlagForm,
        icon="flag",
        done=_("The circumstance is noted and counts from now on."),
    )
    def set_flag(self, press: Press) -> None:
        circumstances.set_flag(borrower=press.record, actor=press.actor, at=press.at, **press.values)

    @button(
        label=_("End a circumstance"),
        permission="cases.flag_borrower",
        form=ClearFlagForm,
        icon="outlined_flag",
        done=_("The circumstance has ended."),
    )
    def clear_flag(self, press: Press) -> None:
        circumstances.clear_flag(borrower=press.record, actor=press.actor, at=press.at, **press.values)

    @button(
        label=_("Suggest one person"),
        permission=decisions.SUGGEST,
        form=SuggestMergeForm,
        icon="group_add",
        text=_("Another person decides whether the two borrowers are one person."),
        done=_("The suggestion waits for another person's decision."),
    )
    def suggest_merge(self, press: Press) -> None:
        decisions.suggest_merge(borrower=press.record, actor=press.actor, at=press.at, **press.values)
