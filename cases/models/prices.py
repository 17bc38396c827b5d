"""What a visit costs, and which share of arrears is usually recovered by days past due."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory
from backoffice.core.scoping import ReferenceQuerySet


class VisitPriceQuerySet(ReferenceQuerySet["VisitPrice"]):
    pass


class RecoveryShareQuerySet(ReferenceQuerySet["RecoveryShare"]):
    pass


class VisitPrice(models.Model):
    """
    The cheapest price of one visit from a day on. A row without a territory is for territories without their own price.

    A row without an amount ends the price from that day on. A row holds until the next one by day.
    """

    territory = models.ForeignKey(
        Territory, models.PROTECT, verbose_name=_("territory"), null=True, blank=True, related_name="+"
    )
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    valid_from = models.DateField(_("valid from"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = VisitPriceQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit price")
        verbose_name_plural = _("visit prices")
        constraints = [
            models.CheckConstraint(condition=Q(amount__isnull=True) | Q(amount__gt=0), name="visit_price_is_positive"),
            models.UniqueConstraint(
                fields=["territory", "currency", "valid_from"], nulls_distinct=False, name="one_visit_price_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.territory or _('everywhere')} {self.valid_from}"


class RecoveryShare(models.Model):
    """The share of arrears (0..1) usually recovered, from `from_days_past_due` up to the next row."""

    from_days_past_due = models.PositiveIntegerField(_("from days past due"), unique=True)
    share = models.DecimalField(_("share recovered"), max_digits=5, decimal_places=4)
    source = models.CharField(_("source"), max_length=200)
    updated_at = models.DateTimeField(_("updated at"))

    objects = RecoveryShareQuerySet.as_manager()

    class Meta:
        verbose_name = _("recovery share")
        verbose_name_plural = _("recovery shares")
        constraints = [
            models.CheckConstraint(condition=Q(share__gte=0, share__lte=1), name="recovery_share_is_a_share")
        ]

    def __str__(self) -> str:
        return f"{self.from_days_past_due}: {self.share}"
