"""Accounts with their statements and the ledger of their terms, as the lender's core reports them."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory
from backoffice.core.scoping import ScopedQuerySet
from cases.enums import AccountStatus, Product, TermsField
from cases.models.borrower import Borrower


class AccountQuerySet(ScopedQuerySet["Account"]):
    """Accounts, seen by their territory."""

    territory_path = "territory"


class OfAccountQuerySet(ScopedQuerySet[Any]):
    """Rows of an account, seen by its territory."""

    territory_path = "account__territory"


class Account(models.Model):
    """
    One credit line or loan, as the lender's core last reported it. The core owns the terms.

    Money is in `currency`; `annual_rate` is a fraction (0.18 = 18 %). `days_past_due` counts on `as_of`.
    """

    borrower = models.ForeignKey(Borrower, models.PROTECT, verbose_name=_("borrower"), related_name="accounts")
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name=_("territory"), related_name="+")
    external_ref = models.CharField(_("account number"), max_length=60, unique=True)
    product = models.CharField(_("product"), max_length=20, choices=Product.choices, default=Product.CASH)
    segment = models.CharField(_("segment"), max_length=40, blank=True)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    status = models.CharField(_("status"), max_length=20, choices=AccountStatus.choices, default=AccountStatus.ACTIVE)
    credit_limit = models.DecimalField(_("limit"), max_digits=14, decimal_places=2)
    # What the limit was before the first default; a restored limit may not pass it for twelve months.
    pre_default_limit = models.DecimalField(
        _("limit before default"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    annual_rate = models.DecimalField(_("annual rate"), max_digits=6, decimal_places=5, default=0)
    outstanding_principal = models.DecimalField(_("outstanding principal"), max_digits=14, decimal_places=2, default=0)
    arrears_amount = models.DecimalField(_("arrears"), max_digits=14, decimal_places=2, default=0)
    days_past_due = models.PositiveIntegerField(_("days past due"), default=0)
    as_of = models.DateField(_("as of"))
    opened_on = models.DateField(_("opened on"), null=True, blank=True)
    # The system whose files bring this account (a profile's `source`), and the first full snapshot that does not name it.
    source = models.CharField(_("source"), max_length=60, blank=True, default="", db_default="")
    missing_since = models.DateField(_("missing since"), null=True, blank=True)
    # Keyed digest of the feed's row that was last written here: an equal row is not read again. Empty once a column that
    # the feed gives was changed in another way.
    source_digest = models.BinaryField(default=b"", db_default=b"", editable=False)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = AccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account")
        verbose_name_plural = _("accounts")
        constraints = [
            models.CheckConstraint(condition=Q(credit_limit__gte=0), name="account_limit_not_negative"),
            models.CheckConstraint(
                condition=Q(annual_rate__gte=0, annual_rate__lt=1), name="account_rate_is_a_fraction"
            ),
            models.CheckConstraint(condition=Q(arrears_amount__gte=0), name="account_arrears_not_negative"),
        ]
        indexes = [
            # The nightly run reads overdue accounts in ranges of borrowers.
            models.Index(
                fields=["borrower", "id"],
                condition=Q(days_past_due__gt=0) | Q(arrears_amount__gt=0),
                name="account_overdue",
            ),
            models.Index(fields=["territory", "-days_past_due", "id"], name="account_by_territory"),
        ]

    def __str__(self) -> str:
        return self.external_ref


class Statement(models.Model):
    """One period of an account: what was due, what was paid, how late it stood at its close."""

    account = models.ForeignKey(Account, models.CASCADE, verbose_name=_("account"), related_name="statements")
    period = models.DateField(_("period"), help_text=_("First day of the month"))
    due_on = models.DateField(_("due on"), null=True, blank=True)
    balance = models.DecimalField(_("balance"), max_digits=14, decimal_places=2, default=0)
    due_amount = models.DecimalField(_("due"), max_digits=14, decimal_places=2, default=0)
    paid_amount = models.DecimalField(_("paid"), max_digits=14, decimal_places=2, default=0)
    days_past_due = models.PositiveIntegerField(_("days past due at close"), default=0)
    # No use of the line in this period: neither kept nor broken faith.
    is_idle = models.BooleanField(_("no use"), default=False)

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement")
        verbose_name_plural = _("statements")
        constraints = [models.UniqueConstraint(fields=["account", "period"], name="one_statement_a_period")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.period:%Y-%m}"


class TermsChange(models.Model):
    """
    One line of the ledger of terms: a value that the core was instructed, and its answer.

    `version` counts the instructions of one term of an account; the core applies the highest. `decision` is the newest one
    whose beginning or end made the change; None where the core's own word did. `effect_key` is deterministic (account,
    field, version), so an effect is instructed once. `answered_value` is what the core says that it holds now.
    """

    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("account"), related_name="terms_changes")
    decision = models.ForeignKey(
        "cases.Decision", models.PROTECT, verbose_name=_("decision"), null=True, related_name="terms_changes"
    )
    version = models.PositiveIntegerField(_("version"), default=0, db_default=0)
    field = models.CharField(_("term"), max_length=20, choices=TermsField.choices)
    before = models.CharField(_("before"), max_length=40)
    after = models.CharField(_("after"), max_length=40)
    effective_on = models.DateField(_("effective on"))
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    effect_key = models.CharField(_("effect key"), max_length=120, unique=True)
    opt_in_required = models.BooleanField(_("borrower must opt in"), default=False)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    answered_value = models.CharField(_("value answered"), max_length=40, blank=True, default="", db_default="")
    refused_reason = models.CharField(_("refused because"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created at"))

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("terms change")
        verbose_name_plural = _("terms changes")
        indexes = [
            # What the core has not answered yet; a few of millions.
            models.Index(
                fields=["account", "field", "version"],
                condition=Q(acknowledged_at__isnull=True),
                name="terms_unanswered",
            ),
            models.Index(fields=["id"], condition=Q(sent_at__isnull=True), name="terms_unsent"),
        ]

    def __str__(self) -> str:
        return self.effect_key
