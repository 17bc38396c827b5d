"""Contradictions: what sources say differently of a borrower, and the way to settle it."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminRadioSelectWidget, UnfoldAdminTextareaWidget

from backoffice.access.filters import territory_filter
from backoffice.core.pages.buttons import PRIMARY, ButtonForm, Press, button
from backoffice.core.pages.cells import EMPTY, chip, linked, named
from cases.services.casework.wording import REASON_MAX
from visits.admin.base import VisitsAdmin
from visits.admin.contradiction_words import (
    STATE_TONES,
    difference_words,
    settled_words,
    side_words,
    value_words,
    weight_label,
)
from visits.contradiction_enums import ContradictionState, Side
from visits.models import Contradiction
from visits.rules.contradictions.lifecycle import CONTRADICTION, SETTLE
from visits.services.review import contradictions

BOTH = "BOTH"


class SettleForm(ButtonForm):
    """Which of the two sources is wrong, by name and with what each says, and why that is known."""

    wrong = forms.ChoiceField(label=_("What is true"), widget=UnfoldAdminRadioSelectWidget)
    reason = forms.CharField(label=_("Reason"), max_length=REASON_MAX, widget=UnfoldAdminTextareaWidget({"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wrong = _("Wrong is: {source}")
        self.fields["wrong"].choices = [
            (BOTH, _("Both can be true, or it is explained")),
            *((side, format_lazy(wrong, source=_side(self.record, side.lower()))) for side in Side.values),
        ]

    def clean_wrong(self) -> str:
        """Return the wrong side, empty where both can be true."""
        side: str = self.cleaned_data["wrong"]
        return "" if side == BOTH else side


@admin.register(Contradiction)
class ContradictionAdmin(VisitsAdmin):
    """What two sources say differently: a reason to look, with the document that would decide."""

    borrower_path = "borrower"
    number_prefix = "X"
    lifecycle = CONTRADICTION
    list_display = (
        "__str__",
        "state_chip",
        "subject",
        "borrower_link",
        "first",
        "second",
        "weighs",
        "decided_by",
        "found_at",
    )
    list_select_related = ("borrower",)
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("subject", ChoicesDropdownFilter),
        ("decided_by", ChoicesDropdownFilter),
        territory_filter("borrower__territory"),
    )
    ordering = ("-found_at", "-pk")
    empty_hint = _(
        "No sources contradict each other. They are compared whenever a report comes in or the lender's data change."
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("state_chip", "subject"),
                    ("borrower_link", "report_link"),
                    ("first", "second"),
                    ("difference", "weighs"),
                    ("decided_by", "found_at"),
                )
            },
        ),
        (_("How it was settled"), {"fields": (("wrong", "settled_at"), ("settled", "document"), "reason")}),
    )
    settled = named("settled_by", _("settled by"))
    actions_detail = ("settle",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related)

    @admin.display(description=_("state"), ordering="state")
    def state_chip(self, row: Contradiction) -> Any:
        return chip(row, "state", STATE_TONES)

    @admin.display(description=_("borrower"))
    def borrower_link(self, row: Contradiction) -> Any:
        return linked(row.borrower, row.borrower.masked_name or row.borrower.external_ref)

    @admin.display(description=_("report"))
    def report_link(self, row: Contradiction) -> Any:
        return linked(row.report)

    @admin.display(description=_("first source"))
    def first(self, row: Contradiction) -> str:
        return _side(row, "left")

    @admin.display(description=_("second source"))
    def second(self, row: Contradiction) -> str:
        return _side(row, "right")

    @admin.display(description=_("difference"))
    def difference(self, row: Contradiction) -> Any:
        return difference_words(contradiction=row) or EMPTY

    @admin.display(description=_("weight"), ordering="weight")
    def weighs(self, row: Contradiction) -> Any:
        return weight_label(row)

    @admin.display(description=_("found wrong"))
    def wrong(self, row: Contradiction) -> Any:
        return settled_words(contradiction=row) or EMPTY

    @admin.display(description=_("settled by the document"))
    def document(self, row: Contradiction) -> Any:
        return row.get_decided_by_display() if row.settled_ref else EMPTY

    @button(
        label=_("Settle"),
        permission=SETTLE,
        form=SettleForm,
        icon="balance",
        variant=PRIMARY,
        states=frozenset({ContradictionState.OPEN}),
        text=_(
            "Look at both sources and at the document that would decide. The signal ends either way: it asks for no visit any "
            "more. A contradiction alone is no ground to take anything from a borrower."
        ),
        done=_("The contradiction is settled."),
    )
    def settle(self, press: Press) -> None:
        contradictions.settle_contradiction(contradiction=press.record, actor=press.actor, at=press.at, **press.values)


def _side(row: Contradiction, side: str) -> str:
    return f"{side_words(contradiction=row, side=side)}: {value_words(contradiction=row, side=side)}"
