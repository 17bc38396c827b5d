"""Waivers: what each holds or has used of its concession budget, and what the core answered."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from backoffice.access.filters import territory_filter
from backoffice.core.pages.buttons import Press, button
from backoffice.core.pages.cells import chip, linked, money, tones
from cases.admin.base import CasesAdmin
from cases.enums import WaiverState
from cases.models import Waiver
from cases.rules.concession_lifecycle import WAIVER
from cases.services.decisions.waiver_events import instruct_waiver_again

STATE_TONES = tones(WaiverState, info=["HELD"], success=["USED"])


class AnswerFilter(admin.SimpleListFilter):
    """What the core answered to the newest instruction about a waiver."""

    title = _("answer of the core")
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [
            ("waiting", _("No answer yet")),
            ("refused", _("The core refused")),
            ("other", _("The core answered another value")),
            ("agrees", _("The core agrees")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Waiver]) -> QuerySet[Waiver]:
        open_ones = queryset.filter(version__gt=0, acknowledged_at__isnull=True)
        if self.value() == "waiting":
            return open_ones.filter(refused_reason="", answered_value="")
        if self.value() == "refused":
            return open_ones.exclude(refused_reason="")
        if self.value() == "other":
            return open_ones.exclude(answered_value="")
        return queryset.filter(acknowledged_at__isnull=False) if self.value() == "agrees" else queryset


@admin.register(Waiver)
class WaiverAdmin(CasesAdmin):
    """The amount of one waiver in its budget."""

    lifecycle = WAIVER
    borrower_path = "account__borrower"
    reference_path = "account__external_ref"
    number_prefix = "W"
    list_display = (
        "__str__",
        "account",
        "part",
        "waived",
        "to_pay",
        "settle_by",
        "state_chip",
        "earned_on",
        "budget_link",
        "decision_link",
    )
    list_select_related = ("account", "budget", "decision")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("part", ChoicesDropdownFilter),
        AnswerFilter,
        territory_filter("account__territory"),
    )
    link_lookups = ("budget",)
    empty_hint = _("Waivers are proposed on the page of a case, within the concession budget of the day.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("decision_link", "state_chip"),
                    ("account_link", "budget_link"),
                    ("part", "due_shown", "evidence_ref"),
                    ("waived", "to_pay"),
                    ("settle_by", "counts_from", "earned_on"),
                )
            },
        ),
        (
            _("The core's answer"),
            {"fields": (("version", "instructed_at"), ("acknowledged_at", "answered_value"), "refused_reason")},
        ),
    )
    actions_detail = ("instruct_again",)

    @button(
        label=_("Instruct again"),
        permission="cases.approve_decision",
        states={WaiverState.USED, WaiverState.RELEASED},
        icon="replay",
        text=_("The core is told the amount that counts, under a new version."),
        done=_("The core is instructed again."),
    )
    def instruct_again(self, press: Press) -> None:
        instruct_waiver_again(waiver=press.record, actor=press.actor, at=press.at)

    @admin.display(description=_("state"), ordering="state")
    def state_chip(self, waiver: Waiver) -> Any:
        return chip(waiver, "state", STATE_TONES)

    @admin.display(description=_("due of this part"))
    def due_shown(self, waiver: Waiver) -> str:
        return money(waiver.due, waiver.account.currency)

    @admin.display(description=_("waived"), ordering="amount")
    def waived(self, waiver: Waiver) -> str:
        return money(waiver.amount, waiver.account.currency)

    @admin.display(description=_("to pay"), ordering="pay")
    def to_pay(self, waiver: Waiver) -> str:
        return money(waiver.pay, waiver.account.currency)

    @admin.display(description=_("account"))
    def account_link(self, waiver: Waiver) -> Any:
        return linked(waiver.account)

    @admin.display(description=_("concession budget"))
    def budget_link(self, waiver: Waiver) -> Any:
        return linked(waiver.budget)

    @admin.display(description=_("decision"))
    def decision_link(self, waiver: Waiver) -> Any:
        return linked(waiver.decision)
