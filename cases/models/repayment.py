"""Money received, and what of it was taken back, as the lender's core booked it."""

from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db import models
from django.db.models import Case, DecimalField, F, OuterRef, Q, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import ScopedQuerySet
from cases.enums import ReversalReason
from cases.models.account import Account

# What is left of the repayment `r` on the day %(on)s, for statements written by hand; `RepaymentQuerySet.left_on` is the
# same for querysets. Few repayments have reversals, so the ledger is read only for those.
LEFT_ON: Final = """(r.amount - CASE WHEN r.reversed_amount = 0 THEN 0 ELSE (
    SELECT COALESCE(SUM(back.amount), 0) FROM cases_repaymentreversal back
    WHERE back.repayment_id = r.id AND back.reversed_on <= %(on)s) END)"""
_MONEY: Final = DecimalField(max_digits=14, decimal_places=2)


class RepaymentQuerySet(ScopedQuerySet["Repayment"]):
    """Repayments, seen by the territory of their account."""

    territory_path = "account__territory"

    def left_on(self, day: date) -> "RepaymentQuerySet":
        """Return the repayments of which something is left on `day`, with the amount as `left_amount`."""
        back = (
            RepaymentReversal.objects.filter(repayment=OuterRef("pk"), reversed_on__lte=day)
            .order_by()
            .values("repayment")
            .annotate(total=Sum("amount"))
            .values("total")
        )
        taken_back = Case(
            When(reversed_amount=0, then=Value(Decimal(0))),
            default=Coalesce(Subquery(back), Value(Decimal(0))),
            output_field=_MONEY,
        )
        return self.filter(Q(void_on__isnull=True) | Q(void_on__gt=day)).annotate(
            left_amount=models.ExpressionWrapper(F("amount") - taken_back, output_field=_MONEY)
        )

    def left(self) -> "RepaymentQuerySet":
        """Return the repayments of which something is left after all known reversals, with the amount as `left_amount`."""
        return self.filter(void_on__isnull=True).annotate(
            left_amount=models.ExpressionWrapper(F("amount") - F("reversed_amount"), output_field=_MONEY)
        )


class ReversalQuerySet(ScopedQuerySet[Any]):
    """Reversals, seen by the territory of the account of their repayment."""

    territory_path = "repayment__account__territory"


class Repayment(models.Model):
    """
    Money received, as the core booked it.

    `reversed_amount` is the sum of its reversals, `void_on` the first day from which nothing of it is left; both follow
    from the reversals and are kept here so that one table is read. `settle_again` marks a repayment that was changed
    after promises and plans may have been settled from it.
    """

    account = models.ForeignKey(Account, models.CASCADE, verbose_name=_("account"), related_name="repayments")
    external_ref = models.CharField(_("reference"), max_length=80, unique=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    paid_on = models.DateField(_("paid on"))
    means = models.CharField(_("means"), max_length=40, blank=True)
    reversed_amount = models.DecimalField(
        _("taken back"), max_digits=14, decimal_places=2, default=Decimal(0), db_default=Decimal(0)
    )
    void_on = models.DateField(_("wholly taken back on"), null=True, blank=True)
    settle_again = models.BooleanField(_("to be settled again"), default=False, db_default=False)
    created_at = models.DateTimeField(_("created at"))

    objects = RepaymentQuerySet.as_manager()

    class Meta:
        verbose_name = _("repayment")
        verbose_name_plural = _("repayments")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="repayment_is_positive"),
            models.CheckConstraint(
                condition=Q(reversed_amount__gte=0, reversed_amount__lte=F("amount")),
                name="repayment_reversed_up_to_its_amount",
            ),
        ]
        indexes = [
            # The facts of the night read the last payment of each account from this index alone.
            models.Index(fields=["account", "paid_on"], include=["void_on"], name="repayment_by_day"),
            models.Index(fields=["account"], condition=Q(settle_again=True), name="repayment_to_settle"),
        ]

    def __str__(self) -> str:
        return self.external_ref


class RepaymentReversal(models.Model):
    """
    One booking that takes back a repayment, or a part of it: a bounced direct debit, a refund.

    A later row with the same reference corrects it, so rows are changed and never deleted.
    """

    repayment = models.ForeignKey(Repayment, models.CASCADE, verbose_name=_("repayment"), related_name="reversals")
    external_ref = models.CharField(_("reference"), max_length=80, unique=True)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    reversed_on = models.DateField(_("taken back on"))
    reason = models.CharField(_("reason"), max_length=20, choices=ReversalReason.choices, default=ReversalReason.OTHER)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = ReversalQuerySet.as_manager()

    class Meta:
        verbose_name = _("reversal of a repayment")
        verbose_name_plural = _("reversals of repayments")
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="reversal_is_positive")]

    def __str__(self) -> str:
        return self.external_ref
