"""What a borrower stated of work, income and expenses when they applied for the loan. Nobody has verified it."""

from decimal import Decimal

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.core.sealed.fields import SealedField, masked
from backoffice.core.sealed.sealing import hidden, masked_name
from cases.models.borrower import Borrower, OfBorrowerQuerySet


class Application(models.Model):
    """
    The latest application of a borrower. The address stated in it is the borrower's `Address` of kind RESIDENCE.

    Amounts are a month's, as text with two decimals, in the currency of the borrower's accounts; empty where unknown.
    """

    borrower = models.OneToOneField(Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="application")
    # The borrower's reference: the sealed values are bound to it, and an intake finds the row by it.
    external_ref = models.CharField(_("reference"), max_length=60, unique=True)
    employer = SealedField(_("employer"))
    monthly_income = SealedField(_("income a month"))
    monthly_expenses = SealedField(_("expenses a month"))
    stated_on = models.DateField(_("stated on"), null=True, blank=True)
    # Digest of what the last file said. What is the same is neither opened nor written again.
    content_digest = models.BinaryField(default=b"", editable=False)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"), db_index=True)

    masked_employer = masked(masked_name, "employer")
    masked_monthly_income = masked(hidden, "monthly_income")
    masked_monthly_expenses = masked(hidden, "monthly_expenses")

    objects = OfBorrowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")

    def __str__(self) -> str:
        return self.external_ref

    @property
    def income(self) -> Decimal | None:
        """The income a month that the borrower stated; None where it is unknown."""
        return Decimal(self.monthly_income) if self.monthly_income else None

    @property
    def expenses(self) -> Decimal | None:
        """The expenses a month that the borrower stated; None where they are unknown."""
        return Decimal(self.monthly_expenses) if self.monthly_expenses else None
