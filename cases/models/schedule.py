"""The instalments of a loan as the lender's core plans them; arrears and days past due follow from them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.models.account import Account, OfAccountQuerySet


class ScheduledInstalment(models.Model):
    """One instalment of an account: due, and paid as far as known on `as_of`. Money is in the account's currency."""

    account = models.ForeignKey(
        Account, models.CASCADE, verbose_name=_("account"), related_name="scheduled_instalments"
    )
    external_ref = models.CharField(_("reference"), max_length=80, unique=True)
    due_on = models.DateField(_("due on"))
    due_amount = models.DecimalField(_("due"), max_digits=14, decimal_places=2)
    principal = models.DecimalField(_("of this principal"), max_digits=14, decimal_places=2)
    paid_amount = models.DecimalField(_("paid"), max_digits=14, decimal_places=2, default=0)
    paid_on = models.DateField(_("paid on"), null=True, blank=True)
    as_of = models.DateField(_("as of"))

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("scheduled instalment")
        verbose_name_plural = _("scheduled instalments")
        constraints = [
            models.CheckConstraint(
                condition=Q(due_amount__gte=0, paid_amount__gte=0, principal__gte=0), name="instalment_not_negative"
            )
        ]

    def __str__(self) -> str:
        return self.external_ref
