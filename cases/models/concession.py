"""Concession budgets, and the waivers that hold and use them."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Coalesce, Ord, Substr
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory
from backoffice.core.scoping import ReferenceQuerySet
from cases.enums import BudgetState, WaiverPart, WaiverState
from cases.models.account import Account, OfAccountQuerySet
from cases.models.decision import Decision

# Letters of a currency as one number: GiST compares ranges, and texts only with an extension (see PolicyTerm).
_CURRENCY = (
    Ord(Substr("currency", Value(1), Value(1))) * 65536
    + Ord(Substr("currency", Value(2), Value(1))) * 256
    + Ord(Substr("currency", Value(3), Value(1)))
)
_PLACE = Coalesce("territory_id", Value(0))


def _range_of_one(number: Any) -> Func:
    return Func(number, number, Value("[]"), function="int8range")


class ConcessionBudgetQuerySet(ReferenceQuerySet["ConcessionBudget"]):
    pass


class ConcessionBudget(models.Model):
    """
    How much may be waived in one currency in one period, in one territory or (without one) everywhere that has none of its own.

    `held` and `used` are the sums of its waivers. A trigger writes them whenever a waiver is added or changes its state, and
    refuses every other change of them, so that no waiver counts twice and held + used never pass `amount`, whoever writes.
    Who sets a budget and who confirms it are different people. A draft that `amends` a budget gives it another amount.
    """

    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    territory = models.ForeignKey(
        Territory,
        models.PROTECT,
        verbose_name=_("territory"),
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Without one it counts wherever there is none of its own."),
    )
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    held = models.DecimalField(
        _("held"), max_digits=14, decimal_places=2, default=Decimal(0), db_default=Decimal(0), editable=False
    )
    used = models.DecimalField(
        _("used"), max_digits=14, decimal_places=2, default=Decimal(0), db_default=Decimal(0), editable=False
    )
    state = models.CharField(_("state"), max_length=12, choices=BudgetState.choices, default=BudgetState.DRAFT)
    amends = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("amends"), null=True, blank=True, related_name="amendments"
    )
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("set by"), related_name="+")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("confirmed by"),
        null=True,
        blank=True,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = ConcessionBudgetQuerySet.as_manager()

    class Meta:
        verbose_name = _("concession budget")
        verbose_name_plural = _("concession budgets")
        permissions = [("confirm_concessionbudget", "Can confirm a concession budget that another person set")]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, held__gte=0, used__gte=0, amount__gte=F("held") + F("used")),
                name="concession_budget_is_kept",
            ),
            models.CheckConstraint(
                condition=Q(starts_on__day=1, ends_on__gt=F("starts_on")), name="concession_budget_of_a_period"
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("set_by")),
                name="concession_budget_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
                name="concession_budget_confirmed_at_iff_by",
            ),
            models.CheckConstraint(
                condition=Q(state=BudgetState.CONFIRMED, confirmed_by__isnull=False)
                | ~Q(state=BudgetState.CONFIRMED) & Q(held=0, used=0),
                name="concession_budget_in_use_is_confirmed",
            ),
            ExclusionConstraint(
                name="one_concession_budget_a_day",
                condition=Q(state=BudgetState.CONFIRMED),
                expressions=[
                    (_range_of_one(_CURRENCY), RangeOperators.OVERLAPS),
                    (_range_of_one(_PLACE), RangeOperators.OVERLAPS),
                    (
                        Func("starts_on", "ends_on", RangeBoundary(inclusive_upper=True), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.currency} {self.starts_on:%Y-%m}"

    @property
    def available(self) -> Decimal:
        """What no waiver holds or has used."""
        return self.amount - self.held - self.used


class Waiver(models.Model):
    """
    The amount of one waiver in its budget: held from the proposal on, used once earned, released where it came to nothing.

    Money is in the account's currency. `due` is what is owed of the `part` by the core's own statement, which `evidence_ref`
    names; `pay` is what the borrower pays up to and including `settle_by`, counted from `counts_from` on, the day of the
    approval. `version` counts the instructions to the core, which holds `amount` while the waiver is used and 0 otherwise.
    A trigger lets nothing change but the state and what follows from it, and lets what was released stay released.
    """

    decision = models.OneToOneField(Decision, models.PROTECT, verbose_name=_("decision"), related_name="waiver")
    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("account"), related_name="waivers")
    budget = models.ForeignKey(
        ConcessionBudget, models.PROTECT, verbose_name=_("concession budget"), related_name="waivers"
    )
    part = models.CharField(_("part"), max_length=10, choices=WaiverPart.choices)
    due = models.DecimalField(_("due of this part"), max_digits=14, decimal_places=2)
    evidence_ref = models.CharField(_("the core's statement"), max_length=80)
    amount = models.DecimalField(_("waived"), max_digits=14, decimal_places=2)
    pay = models.DecimalField(_("to pay"), max_digits=14, decimal_places=2)
    settle_by = models.DateField(_("pay by"))
    counts_from = models.DateField(_("payments count from"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=WaiverState.choices, default=WaiverState.HELD)
    earned_on = models.DateField(_("earned on"), null=True, blank=True)
    version = models.PositiveIntegerField(_("version"), default=0)
    instructed_at = models.DateTimeField(_("instructed at"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    answered_value = models.CharField(_("value answered"), max_length=40, blank=True, default="")
    refused_reason = models.CharField(_("refused because"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("waiver")
        verbose_name_plural = _("waivers")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount__gt=0, amount__lte=F("due"), pay__gt=0), name="waiver_within_what_is_due"
            ),
            models.CheckConstraint(
                condition=~Q(part=WaiverPart.INTEREST) | Q(amount__lte=F("due") / 2), name="waiver_of_half_the_interest"
            ),
            models.CheckConstraint(
                condition=Q(state=WaiverState.USED, earned_on__isnull=False, counts_from__isnull=False)
                | ~Q(state=WaiverState.USED) & Q(earned_on__isnull=True),
                name="waiver_used_once_earned",
            ),
            models.CheckConstraint(
                condition=Q(counts_from__isnull=True) | Q(version=0) | Q(instructed_at__isnull=False),
                name="waiver_version_was_instructed",
            ),
        ]
        indexes = [
            models.Index(fields=["settle_by"], condition=Q(state=WaiverState.HELD), name="waiver_held"),
            models.Index(
                fields=["instructed_at"],
                condition=Q(version__gt=0, acknowledged_at__isnull=True),
                name="waiver_unanswered",
            ),
        ]

    def __str__(self) -> str:
        return f"W{self.pk:07d}" if self.pk else "W"
