"""The desk's list of doubtful values: look at one, correct it, find it right or find it false."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter
from unfold.widgets import UnfoldAdminTextInputWidget

from backoffice.access.filters import territory_filter
from backoffice.audit.forms import PurposeForm
from backoffice.core.pages.buttons import WARNING, ButtonForm, Press, button
from backoffice.core.pages.cells import chip, linked, named, tones
from cases.admin.base import CasesAdmin
from cases.enums import DoubtState
from cases.models import DoubtfulCell
from cases.rules.doubts import CORRECTABLE
from cases.services.casework import doubts, reveal

STATE_TONES = tones(
    DoubtState,
    success=[DoubtState.CORRECTED, DoubtState.ACCEPTED],
    warning=[DoubtState.OPEN],
    danger=[DoubtState.FALSE],
    info=[DoubtState.GONE],
)
FIELD_TITLES = {
    "borrower.id_number": _("Identity number"),
    "borrower.id_document": _("Identity document"),
    "borrower.name": _("Full name"),
    "borrower.last_app_login_at": _("Last app login"),
    "application.employer": _("Employer"),
    "application.monthly_income": _("Income a month"),
    "application.monthly_expenses": _("Expenses a month"),
    "application.stated_on": _("Day of the application"),
    "phones.number": _("Telephone"),
    "addresses.line": pgettext_lazy("of a place", "Address"),
}


class FieldFilter(DropdownFilter):
    """By the field of the value."""

    title = _("field")
    parameter_name = "field"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(FIELD_TITLES.items())

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(field=self.value()) if self.value() else queryset


class CorrectForm(ButtonForm):
    """The right value."""

    value = forms.CharField(
        label=_("The right value"),
        max_length=200,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Written to the borrower, sealed. The next file of the lender does not overwrite it."),
    )


@admin.register(DoubtfulCell)
class DoubtfulCellAdmin(CasesAdmin):
    """A value that came without the form of its field. Its row was taken; the value waits here."""

    list_display = (
        "created_at",
        "borrower_masked",
        "field_title",
        "masked_value",
        "shown_reason",
        "state_chip",
        "source",
    )
    list_select_related = ("borrower",)
    list_filter = (
        ("state", ChoicesDropdownFilter),
        FieldFilter,
        territory_filter("borrower__territory"),
    )
    link_lookups = ("file__exact",)
    empty_hint = _("No value waits. Those that do not have the form of their field come here with the files.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("borrower_masked", "field_title"),
                    ("masked_value", "shown_reason"),
                    ("state_chip", "created_at"),
                    ("source", "file_link"),
                    ("settled_at", "settled"),
                )
            },
        ),
    )
    settled = named("settled_by", _("settled by"))
    actions_detail = ("show_value", "correct", "accept", "find_false")

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer to settle only what is open, and to correct only what the borrower's record holds."""
        actions = super().get_actions_detail(request, object_id)
        doubt = self.get_object(request, str(object_id)) if actions else None
        if doubt is None:
            return []
        offered = {"show_value"}
        if doubt.state == DoubtState.OPEN:
            offered |= {"accept", "find_false"} | ({"correct"} if doubt.field in CORRECTABLE else set())
        return [each for each in actions if each.path in offered]

    @admin.display(description=_("field"))
    def field_title(self, doubt: DoubtfulCell) -> Any:
        return FIELD_TITLES.get(doubt.field, doubt.field)

    @admin.display(description=_("value"))
    def masked_value(self, doubt: DoubtfulCell) -> str:
        return str(doubt.masked_value)

    @admin.display(description=_("reason"))
    def shown_reason(self, doubt: DoubtfulCell) -> str:
        return doubt.told_reason

    @admin.display(description=_("state"))
    def state_chip(self, doubt: DoubtfulCell) -> Any:
        return chip(doubt, "state", STATE_TONES)

    @admin.display(description=_("file"))
    def file_link(self, doubt: DoubtfulCell) -> Any:
        return linked(doubt.file, str(doubt.file)) if doubt.file else "-"

    @button(
        label=_("Show the value"),
        permission="cases.reveal_borrower",
        form=PurposeForm,
        icon="visibility",
        variant=WARNING,
        text=_("The value as the lender wrote it is shown once and is not kept by the browser."),
    )
    def show_value(self, press: Press) -> HttpResponse:
        value = reveal.reveal_doubt(doubt=press.record, actor=press.actor, at=press.at, **press.values)
        return HttpResponse(
            render_to_string(
                "admin/cases/revealed_value.html",
                {"title": self.field_title(press.record), "value": value},
                request=press.request,
            )
        )

    @button(
        label=_("Correct"),
        permission=doubts.SETTLE,
        form=CorrectForm,
        icon="edit",
        done=_("The right value is written to the borrower."),
    )
    def correct(self, press: Press) -> None:
        doubts.correct_doubt(doubt=press.record, actor=press.actor, at=press.at, **press.values)

    @button(
        label=_("Right as it stands"),
        permission=doubts.SETTLE,
        icon="check",
        text=_("The value is written to the borrower as the lender sent it; the sign of the file ends."),
        done=_("The value is taken as it stands."),
    )
    def accept(self, press: Press) -> None:
        doubts.accept_doubt(doubt=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Found to be false"),
        permission=doubts.SETTLE,
        icon="report",
        variant=WARNING,
        text=_(
            "You have checked that the borrower gave a false value. A suspicion signal with confidence 0.8 says so."
        ),
        done=_("The value is noted as false."),
    )
    def find_false(self, press: Press) -> None:
        doubts.find_false(doubt=press.record, actor=press.actor, at=press.at)
