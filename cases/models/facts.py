"""Facts: one flat row for each account and business date. The only thing that rules read."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.models.account import Account, OfAccountQuerySet
from cases.models.borrower import Borrower


class AccountFacts(models.Model):
    """
    What was known of an account on a business date. Written by one set-based statement a chunk
    (services/facts.py); the columns are the feature catalogue (rules/features.py), entry for column.
    """

    account = models.ForeignKey(
        Account, models.CASCADE, verbose_name=_("account"), related_name="facts", db_index=False
    )
    borrower = models.ForeignKey(Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="+", db_index=False)
    business_date = models.DateField(_("business date"))
    currency = models.CharField(max_length=3)
    product = models.CharField(max_length=20)
    segment = models.CharField(max_length=40)
    territory_id = models.BigIntegerField()
    status = models.CharField(max_length=20)
    credit_limit = models.DecimalField(max_digits=14, decimal_places=2)
    annual_rate = models.DecimalField(max_digits=6, decimal_places=5)
    outstanding_principal = models.DecimalField(max_digits=14, decimal_places=2)
    arrears_amount = models.DecimalField(max_digits=14, decimal_places=2)
    days_past_due = models.IntegerField()
    loan_age_days = models.IntegerField(null=True)
    limit_use_percent = models.DecimalField(max_digits=9, decimal_places=2, null=True)
    attempts = models.IntegerField()
    attempt_days = models.IntegerField()
    attempt_span_days = models.IntegerField()
    attempt_channels = models.IntegerField()
    attempt_day_parts = models.IntegerField()
    attempts_with_receipt = models.IntegerField()
    right_party_contacts = models.IntegerField()
    voice_failure_days = models.IntegerField()
    invalid_number_results = models.IntegerField()
    days_since_login = models.IntegerField(null=True)
    days_since_payment = models.IntegerField(null=True)
    open_promises = models.IntegerField()
    broken_promises = models.IntegerField()
    kept_promises = models.IntegerField()
    suspicion_signals = models.IntegerField()
    suspicion_confidence = models.DecimalField(max_digits=3, decimal_places=2)
    evasion_signals = models.IntegerField()
    under_strategy_upgrade = models.BooleanField()
    protected_flags = models.IntegerField()
    on_active_plan = models.BooleanField()
    on_time_months = models.IntegerField()
    late_months = models.IntegerField()
    cooperative_findings = models.IntegerField()
    days_since_reward = models.IntegerField(null=True)
    days_since_restriction = models.IntegerField(null=True)
    has_open_case = models.BooleanField()

    objects: Any = OfAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account facts")
        verbose_name_plural = _("account facts")
        constraints = [models.UniqueConstraint(fields=["account", "business_date"], name="one_facts_row_a_day")]
        indexes = [models.Index(fields=["business_date", "borrower"], name="facts_by_day")]

    def __str__(self) -> str:
        return f"{self.account_id} {self.business_date}"
