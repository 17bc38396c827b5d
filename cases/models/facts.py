"""Facts: one flat row for each account and business date, which is all that policy rules read."""

from typing import Any

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from cases.enums import FlagKind, SignalKind
from cases.models.account import Account, OfAccountQuerySet
from cases.models.borrower import Borrower


class AccountFacts(models.Model):
    """
    What was known of an account on a business date.

    Written by one SQL statement for each chunk (services/evaluation/facts.py). Each feature of the catalogue
    (rules/policy/features.py) is a column of the same name.
    """

    # No constraints: the statement that writes a row reads it from these two tables, so checking them again at the commit
    # would cost two look-ups for each row (docs/adr/0016).
    account = models.ForeignKey(
        Account, models.CASCADE, verbose_name=_("account"), related_name="facts", db_index=False, db_constraint=False
    )
    borrower = models.ForeignKey(
        Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="+", db_index=False, db_constraint=False
    )
    business_date = models.DateField(_("business date"))
    currency = models.CharField(_("Currency"), max_length=3)
    product = models.CharField(_("Product"), max_length=20)
    segment = models.CharField(_("Segment"), max_length=40)
    territory_id = models.BigIntegerField(_("Territory"))
    territory = models.CharField(_("Territory"), max_length=20)
    status = models.CharField(_("Account status"), max_length=20)
    credit_limit = models.DecimalField(_("Limit"), max_digits=14, decimal_places=2)
    annual_rate = models.DecimalField(_("Annual rate"), max_digits=6, decimal_places=5)
    outstanding_principal = models.DecimalField(_("Outstanding principal"), max_digits=14, decimal_places=2)
    arrears_amount = models.DecimalField(_("Arrears"), max_digits=14, decimal_places=2)
    days_past_due = models.IntegerField(_("Days past due"))
    figures_age_days = models.IntegerField(_("Age of the core's figures"))
    bucket = models.SmallIntegerField(_("Bucket"))
    loan_age_days = models.IntegerField(_("Age of the loan"), null=True)
    limit_use_percent = models.DecimalField(_("Use of the limit"), max_digits=9, decimal_places=2, null=True)
    expected_recovery = models.DecimalField(_("Expected recovery"), max_digits=14, decimal_places=2, null=True)
    visit_cost = models.DecimalField(_("Cost of a visit"), max_digits=14, decimal_places=2, null=True)
    recovery_per_visit_cost = models.DecimalField(
        _("Expected recovery against the cost of a visit"), max_digits=18, decimal_places=2, null=True
    )
    attempts = models.SmallIntegerField(_("Contact attempts in 60 days"))
    attempt_days = models.SmallIntegerField(_("Days with attempts"))
    attempt_span_days = models.IntegerField(_("Days from first to last attempt"))
    attempt_channels = models.SmallIntegerField(_("Channels tried"))
    attempt_day_parts = models.SmallIntegerField(_("Parts of the day tried"))
    attempts_with_receipt = models.SmallIntegerField(_("Attempts with a receipt"))
    right_party_contacts = models.SmallIntegerField(_("Conversations with the borrower"))
    voice_failure_days = models.SmallIntegerField(_("Days of failed calls since the last conversation"))
    invalid_number_results = models.SmallIntegerField(_("Results that say the number is invalid"))
    days_since_login = models.IntegerField(_("Days since the last app login"), null=True)
    days_since_payment = models.IntegerField(_("Days since the last payment"), null=True)
    open_promises = models.SmallIntegerField(_("Open promises"))
    broken_promises = models.SmallIntegerField(_("Broken promises in a year"))
    kept_promises = models.SmallIntegerField(_("Kept promises in a year"))
    suspicion_signals = models.SmallIntegerField(_("Signs that stated facts do not fit"))
    suspicion_confidence = models.DecimalField(_("Confidence of the strongest sign"), max_digits=3, decimal_places=2)
    evasion_signals = models.SmallIntegerField(_("Changes of contact data after contact"))
    signal_false_identity = models.DecimalField(
        SignalKind.FALSE_IDENTITY.label, max_digits=3, decimal_places=2, null=True
    )
    signal_false_employer = models.DecimalField(
        SignalKind.FALSE_EMPLOYER.label, max_digits=3, decimal_places=2, null=True
    )
    signal_false_income = models.DecimalField(SignalKind.FALSE_INCOME.label, max_digits=3, decimal_places=2, null=True)
    signal_false_address = models.DecimalField(
        SignalKind.FALSE_ADDRESS.label, max_digits=3, decimal_places=2, null=True
    )
    signal_evasion = models.DecimalField(SignalKind.EVASION.label, max_digits=3, decimal_places=2, null=True)
    signal_device_shared = models.DecimalField(
        SignalKind.DEVICE_SHARED.label, max_digits=3, decimal_places=2, null=True
    )
    signal_document_doubtful = models.DecimalField(
        SignalKind.DOCUMENT_DOUBTFUL.label, max_digits=3, decimal_places=2, null=True
    )
    under_strategy_upgrade = models.BooleanField(_("Under review by the risk department"))
    protected_flags = models.SmallIntegerField(_("Protecting circumstances"))
    flag_vulnerable = models.BooleanField(FlagKind.VULNERABLE.label)
    flag_hardship = models.BooleanField(FlagKind.HARDSHIP.label)
    flag_bereaved = models.BooleanField(FlagKind.BEREAVED.label)
    flag_deceased = models.BooleanField(FlagKind.DECEASED.label)
    flag_represented = models.BooleanField(FlagKind.REPRESENTED.label)
    flag_disputed = models.BooleanField(FlagKind.DISPUTED.label)
    flag_complaint = models.BooleanField(FlagKind.COMPLAINT.label)
    flag_cease = models.BooleanField(FlagKind.CEASE.label)
    flag_disaster = models.BooleanField(FlagKind.DISASTER.label)
    flag_hospital = models.BooleanField(FlagKind.HOSPITAL.label)
    flag_detained = models.BooleanField(FlagKind.DETAINED.label)
    flag_fraud_claim = models.BooleanField(FlagKind.FRAUD_CLAIM.label)
    flag_opted_out_of_visits = models.BooleanField(FlagKind.OPTED_OUT_OF_VISITS.label)
    on_active_plan = models.BooleanField(_("Repayment plan being kept"))
    on_time_months = models.SmallIntegerField(_("Consecutive months on time"))
    late_months = models.SmallIntegerField(_("Late months in a year"))
    months_since_statement = models.SmallIntegerField(_("Months since the newest period"), null=True)
    standing_score = models.SmallIntegerField(_("Standing, 0 to 1000"), null=True)
    monthly_paid_percent = models.DecimalField(
        _("Paid in a month, of the limit"), max_digits=9, decimal_places=2, null=True
    )
    cooperative_findings = models.SmallIntegerField(_("Cooperative findings in a year"))
    days_since_verification = models.IntegerField(_("Days since the last verification"), null=True)
    verified_identity = models.CharField(_("Verified identity"), max_length=20, null=True)
    verified_residence = models.CharField(_("Verified residence"), max_length=20, null=True)
    verified_capacity = models.CharField(_("Verified capacity"), max_length=20, null=True)
    verified_cause = models.CharField(_("Verified cause"), max_length=20, null=True)
    false_statements = models.SmallIntegerField(_("Statements found false"), default=0, db_default=0)
    days_since_reward = models.IntegerField(_("Days since the last reward"), null=True)
    days_since_restriction = models.IntegerField(_("Days since the last restriction"), null=True)
    has_open_case = models.BooleanField(_("Case open"))

    objects: Any = OfAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("account facts")
        verbose_name_plural = _("account facts")
        constraints = [models.UniqueConstraint(fields=["account", "business_date"], name="one_facts_row_a_day")]
        indexes = [
            models.Index(fields=["business_date", "borrower"], name="facts_by_day"),
            # A partitioned table has no primary key over `id` alone; a page of one row finds it by this index.
            BrinIndex(fields=["id"], name="facts_by_id"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.business_date}"
