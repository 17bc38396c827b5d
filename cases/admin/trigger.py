"""Trigger hits, for reading, and reasons muted for one borrower."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter, DropdownFilter

from backoffice.access.filters import territory_filter
from backoffice.core.pages.cells import EMPTY, lines, named
from cases.admin.base import CasesAdmin
from cases.admin.policy.rules_text import current_titles, fact_sentences, rule_titles
from cases.models import RuleMute, TriggerHit


class HoldsFilter(DropdownFilter):
    """Whether the reason holds now."""

    title = _("holds")
    parameter_name = "holds"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("now", _("Holds now")), ("ended", _("Has ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(left_on__isnull=self.value() == "now") if self.value() else queryset


class RuleFilter(DropdownFilter):
    """By reason, as the newest active policy names them."""

    title = _("reason")
    parameter_name = "rule"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(current_titles().items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(rule=self.value()) if self.value() else queryset


@admin.register(TriggerHit)
class TriggerHitAdmin(CasesAdmin):
    """An interval in which one reason held for one account."""

    reference_path = "account__external_ref"
    list_display = ("reason", "borrower_masked", "account", "entered_on", "left_on", "muted")
    list_select_related = ("borrower", "account")
    list_filter = (RuleFilter, HoldsFilter, ("muted", BooleanRadioFilter), territory_filter("borrower__territory"))
    empty_hint = _("No reason has arisen. Hits are written by the nightly evaluation.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("reason", "version"),
                    ("borrower_masked", "account"),
                    ("entered_on", "left_on"),
                    "muted",
                    "facts_text",
                )
            },
        ),
    )

    version = named("policy_version", _("policy version"))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).prefetch_related("policy_version")

    @admin.display(description=_("reason"))
    def reason(self, hit: Any) -> str:
        version = hit.policy_version
        if not hasattr(version, "titles"):
            version.titles = rule_titles(version)
        return str(version.titles.get(hit.rule, hit.rule))

    @admin.display(description=_("facts on entry"))
    def facts_text(self, hit: TriggerHit) -> Any:
        return lines(fact_sentences(hit.facts)) or EMPTY


@admin.register(RuleMute)
class RuleMuteAdmin(CasesAdmin):
    """A reason that does not count for one borrower until a day."""

    reference_path = ""
    list_display = ("rule", "borrower_masked", "until", "set_by")
    list_select_related = ("borrower", "set_by")
    list_filter = (territory_filter("borrower__territory"),)
    empty_hint = _("Nothing is muted. A risk manager mutes a reason on a case's page.")
    fieldsets = ((None, {"fields": (("rule", "borrower_masked"), "until", "reason", ("set", "created_at"))}),)
    set = named("set_by", _("set by"))

    @admin.display(description=_("why"))
    def reason(self, mute: RuleMute) -> str:
        return mute.why or EMPTY
