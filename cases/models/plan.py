"""Repayment plans and their instalments."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import ScopedQuerySet
from cases.enums import PlanState
from cases.models.account import Account
from cases.models.decision import Decision


class PlanQuerySet(ScopedQuerySet[Any]):
    """Repayment plans, seen by the territory of their account."""

    territory_path = "account__territory"


class InstalmentQuerySet(ScopedQuerySet[Any]):
    """Instalments, seen by the territory of their plan's account."""

    territory_path = "plan__account__territory"


class RepaymentPlan(models.Model):
    """An individual instalment plan, at most 60 instalments (card measures, art. 70). While active, collection stops."""

    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("account"), related_name="plans")
    decision = models.OneToOneField(Decision, models.PROTECT, verbose_name=_("decision"), related_name="plan")
    state = models.CharField(_("state"), max_length=12, choices=PlanState.choices, default=PlanState.PROPOSED)
    # Amounts of a plan are calculated here, with the decimals of the account's currency; some currencies have three.
    total_amount = models.DecimalField(_("total"), max_digits=15, decimal_places=3)
    annual_rate = models.DecimalField(_("annual rate"), max_digits=6, decimal_places=5)
    starts_on = models.DateField(_("starts on"))
    # Reference of the recording of an oral agreement, which is kept until the plan is settled, or of the signed paper.
    agreement_ref = models.CharField(_("agreement"), max_length=80)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = PlanQuerySet.as_manager()

    class Meta:
        verbose_name = _("repayment plan")
        verbose_name_plural = _("repayment plans")
        constraints = [
            models.UniqueConstraint(fields=["account"], condition=Q(state="ACTIVE"), name="one_active_plan"),
            models.CheckConstraint(
                condition=~Q(state="ACTIVE") | ~Q(agreement_ref=""), name="active_plan_has_agreement"
            ),
            models.CheckConstraint(condition=Q(annual_rate__lte="0.24"), name="plan_rate_under_cap"),
        ]

    def __str__(self) -> str:
        return f"P{self.pk:07d}" if self.pk else "P"


class PlanInstalment(models.Model):
    """One instalment of a plan."""

    plan = models.ForeignKey(RepaymentPlan, models.CASCADE, verbose_name=_("plan"), related_name="instalments")
    number = models.PositiveSmallIntegerField(_("number"))
    due_on = models.DateField(_("due on"))
    amount = models.DecimalField(_("amount"), max_digits=15, decimal_places=3)
    interest = models.DecimalField(_("of which interest"), max_digits=15, decimal_places=3, default=0)
    paid_on = models.DateField(_("paid on"), null=True, blank=True)

    objects = InstalmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("instalment")
        verbose_name_plural = _("instalments")
        constraints = [
            models.UniqueConstraint(fields=["plan", "number"], name="one_instalment_a_number"),
            models.CheckConstraint(condition=Q(number__gte=1, number__lte=60), name="plan_has_at_most_60_instalments"),
        ]
        indexes = [models.Index(fields=["due_on"], condition=Q(paid_on__isnull=True), name="instalment_due")]

    def __str__(self) -> str:
        return f"{self.plan_id}/{self.number}"
