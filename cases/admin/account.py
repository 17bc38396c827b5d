"""Accounts as the lender's core reports them, with their history, facts and ledger of terms."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from unfold.contrib.filters.admin import ChoicesDropdownFilter, DropdownFilter

from backoffice.access.filters import TerritoryFilter, territory_filter
from backoffice.core.pages.admin import ScopedInline
from backoffice.core.pages.cells import chip, money, named, rate, tones
from cases.admin.account_term import MeasureInline, TermsChangeInline
from cases.admin.base import CasesAdmin
from cases.enums import AccountStatus
from cases.models import (
    Account,
    AccountFacts,
    Decision,
    Repayment,
    ScheduledInstalment,
    Statement,
    TriggerHit,
)
from cases.rules.standing_ladder import points_left
from cases.selectors.casework.asset_tiers import tier_of
from cases.selectors.casework.standing import AccountStanding, period_of, standing_of_account

STATUS_TONES = tones(AccountStatus, success=["ACTIVE"], warning=["FROZEN"], danger=["WRITTEN_OFF"])


class OverdueFilter(DropdownFilter):
    """How late an account stands."""

    title = _("days past due")
    parameter_name = "overdue"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("0", _("Not overdue")), ("1", _("1 to 30")), ("31", _("31 to 90")), ("91", _("More than 90"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        spans = {"0": (0, 0), "1": (1, 30), "31": (31, 90), "91": (91, 100_000)}
        return queryset.filter(days_past_due__range=spans[self.value()]) if self.value() in spans else queryset


class StatementInline(ScopedInline):
    model = Statement
    tab = True
    ordering = ("-period", "-pk")
    fields = ("period", "due_on", "due_amount", "paid_amount", "balance", "days_past_due", "standing_points")

    @admin.display(description=_("points of standing, now"))
    def standing_points(self, statement: Statement) -> str:
        return f"{points_left(period=period_of(statement=statement, on=localdate())):+}"


class RepaymentInline(ScopedInline):
    model = Repayment
    tab = True
    ordering = ("-paid_on", "-pk")
    fields = ("paid_on", "amount", "reversed_amount", "void_on", "means", "external_ref")


class InstalmentInline(ScopedInline):
    model = ScheduledInstalment
    tab = True
    ordering = ("due_on", "pk")
    fields = ("due_on", "due_amount", "principal", "paid_amount", "paid_on", "as_of")


class HitInline(ScopedInline):
    model = TriggerHit
    tab = True
    ordering = ("-entered_on", "-pk")
    fields = ("rule", "entered_on", "left_on", "muted")


class DecisionInline(ScopedInline):
    model = Decision
    fk_name = "account"
    tab = True
    show_change_link = True
    fields = ("kind", "state", "origin", "business_date", "effective_on", "expires_on")


class FactsInline(ScopedInline):
    model = AccountFacts
    fk_name = "account"
    tab = True
    ordering = ("-business_date", "-pk")
    show_change_link = True
    fields = ("business_date", "days_past_due", "arrears_amount", "attempts", "right_party_contacts", "broken_promises")


@admin.register(Account)
class AccountAdmin(CasesAdmin):
    """One credit line or loan."""

    list_display = (
        "external_ref",
        "borrower_masked",
        "territory",
        "product",
        "status_chip",
        "days_past_due",
        "arrears",
        "outstanding",
        "limit",
        "annual",
        "as_of",
    )
    list_select_related = ("borrower", "territory")
    list_filter = (
        TerritoryFilter,
        ("status", ChoicesDropdownFilter),
        ("product", ChoicesDropdownFilter),
        OverdueFilter,
    )
    empty_hint = _("Accounts come in with the portfolio: take in a file first.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("external_ref", "borrower_masked"),
                    ("place", "product"),
                    ("status_chip", "segment"),
                    ("arrears", "days_past_due"),
                    ("outstanding", "as_of"),
                    ("limit", "limit_before"),
                    ("annual", "opened_on"),
                    "tier",
                )
            },
        ),
        (
            _("Standing"),
            {
                "fields": ("standing", "way_up"),
                "description": _(
                    "Earned by payments alone: 35 points for a period on time, 20 or 40 less for a late one, halved every six months. It opens rewards and restricts nothing."
                ),
            },
        ),
    )
    place = named("territory", _("territory"))
    inlines = (
        HitInline,
        StatementInline,
        InstalmentInline,
        RepaymentInline,
        DecisionInline,
        MeasureInline,
        TermsChangeInline,
        FactsInline,
    )

    @admin.display(description=_("status"), ordering="status")
    def status_chip(self, account: Account) -> Any:
        return chip(account, "status", STATUS_TONES)

    @admin.display(description=_("arrears"))
    def arrears(self, account: Account) -> str:
        return money(account.arrears_amount, account.currency)

    @admin.display(description=_("outstanding principal"))
    def outstanding(self, account: Account) -> str:
        return money(account.outstanding_principal, account.currency)

    @admin.display(description=_("limit"))
    def limit(self, account: Account) -> str:
        return money(account.credit_limit, account.currency)

    @admin.display(description=_("limit before default"))
    def limit_before(self, account: Account) -> str:
        return money(account.pre_default_limit, account.currency)

    @admin.display(description=_("risk tier"))
    def tier(self, account: Account) -> str:
        reading = tier_of(account=account)
        if not reading.is_observed:
            return str(reading.tier.label)
        text = _("{tier}, observed; by the days past due alone {by_days}")
        return text.format(tier=reading.tier.label, by_days=reading.by_days.label)

    @admin.display(description=_("standing"))
    def standing(self, account: Account) -> str:
        found = _standing(account)
        if found.score is None:
            return str(_("Unknown: the core has reported no period in 36 months."))
        return str(_("{score} of 1000, band {band}")).format(score=found.score, band=found.band)

    @admin.display(description=_("way up"))
    def way_up(self, account: Account) -> str:
        step = _standing(account).step
        if step is None:
            return "-"
        text = ngettext(
            "Band {band} after {months} more month on time",
            "Band {band} after {months} more months on time",
            step.months,
        )
        return text.format(band=step.band, months=step.months)

    @admin.display(description=_("annual rate"))
    def annual(self, account: Account) -> str:
        return rate(account.annual_rate)


def _standing(account: Any) -> AccountStanding:
    """Return the standing of the page's account today, read once a page."""
    if not hasattr(account, "standing_today"):
        account.standing_today = standing_of_account(account=account, on=localdate())
    found: AccountStanding = account.standing_today
    return found


@admin.register(AccountFacts)
class AccountFactsAdmin(CasesAdmin):
    """What was known of an account on a day: all that the rules looked at."""

    reference_path = "account__external_ref"
    list_display = (
        "account",
        "business_date",
        "days_past_due",
        "arrears",
        "attempts",
        "right_party_contacts",
        "broken_promises",
    )
    list_select_related = ("account",)
    empty_hint = _("Facts are written by the nightly evaluation.")

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Facts are reached from their account, not from the menu."""
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        names = [f.name for f in AccountFacts._meta.concrete_fields if f.name not in ("id", "borrower")]
        return [
            (
                None,
                {
                    "fields": tuple(zip(names[::2], names[1::2], strict=False))
                    + ((names[-1],) if len(names) % 2 else ())
                },
            )
        ]

    @admin.display(description=_("arrears"))
    def arrears(self, facts: AccountFacts) -> str:
        return money(facts.arrears_amount, facts.currency)


@admin.register(Statement)
class StatementAdmin(CasesAdmin):
    """One period of an account."""

    borrower_path = "account__borrower"
    reference_path = "account__external_ref"
    list_display = ("account", "period", "due_on", "due", "paid", "days_past_due")
    list_select_related = ("account",)
    list_filter = (territory_filter("account__territory"),)
    empty_hint = _("Statements come in with the portfolio.")
    fieldsets = (
        (
            None,
            {"fields": (("account", "period"), ("due_on", "days_past_due"), ("due", "paid"), ("balanced", "is_idle"))},
        ),
    )

    @admin.display(description=_("due"))
    def due(self, statement: Statement) -> str:
        return money(statement.due_amount, statement.account.currency)

    @admin.display(description=_("paid"))
    def paid(self, statement: Statement) -> str:
        return money(statement.paid_amount, statement.account.currency)

    @admin.display(description=_("balance"))
    def balanced(self, statement: Statement) -> str:
        return money(statement.balance, statement.account.currency)
