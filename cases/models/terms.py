"""What stands on an account: measures of decisions, and the terms that follow from them."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.sealed.fields import SealedField
from cases.enums import MeasureEnd, MeasureMode, TermsField, TermsTrouble
from cases.models.account import Account, OfAccountQuerySet
from cases.models.decision import Decision

# States of a term, by whether core and ledger may not agree on it, and whether the core has named another value.
IN_TROUBLE, OTHER_NAMED, IN_ORDER = "TROUBLE", "OTHER_NAMED", "ORDER"
# Trouble in which the core has named a value of its own.
VALUE_NAMED = frozenset({TermsTrouble.OTHER_VALUE, TermsTrouble.DIFFERS})
WITH_AMOUNT = ("CAP", "INCREASE", "REDUCTION", "CEILING")


class TermsMeasure(models.Model):
    """
    What one decision does to one term of its account while it stands.

    It stands from `began_at` until `ended_at`, except while it is suspended. `amount` is the highest limit of a CAP, how much
    an INCREASE adds to the limit (both in the account's currency), the part of the annual rate that a REDUCTION takes off
    (0.005 is half a percentage point), or the highest rate of a CEILING; None for the others. `version` is the instruction that carries its beginning.
    """

    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("account"), related_name="measures")
    decision = models.ForeignKey(Decision, models.PROTECT, verbose_name=_("decision"), related_name="measures")
    field = models.CharField(_("term"), max_length=20, choices=TermsField.choices)
    mode = models.CharField(_("effect"), max_length=20, choices=MeasureMode.choices)
    amount = models.DecimalField(_("amount"), max_digits=19, decimal_places=5, null=True, blank=True)
    way_back = models.CharField(_("way back"), max_length=40, blank=True, default="")
    version = models.PositiveIntegerField(_("version"), default=0)
    began_at = models.DateTimeField(_("began at"))
    suspended_at = models.DateTimeField(_("suspended at"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)
    end_reason = models.CharField(_("ended because"), max_length=20, choices=MeasureEnd.choices, blank=True, default="")

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("measure")
        verbose_name_plural = _("measures")
        constraints = [
            models.UniqueConstraint(fields=["decision", "field"], name="one_measure_a_term"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, end_reason="") | (Q(ended_at__isnull=False) & ~Q(end_reason="")),
                name="measure_ends_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(mode__in=WITH_AMOUNT, amount__isnull=False)
                | (~Q(mode__in=WITH_AMOUNT) & Q(amount__isnull=True)),
                name="measure_of_money_has_an_amount",
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gt=0) | Q(mode__in=("CAP", "CEILING"), amount=0),
                name="measure_amount_is_positive",
            ),
        ]
        indexes = [
            models.Index(fields=["account", "field"], condition=Q(ended_at__isnull=True), name="measure_standing"),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id} {self.field}"


class AccountTerm(models.Model):
    """
    One term of an account that measures have touched: what the core said last, and what it was told last.

    `base` is what the core last said of its own accord. `effective` follows from it and from what stands; it is the value of
    the instruction `version` (0: none yet). `held` is the value that the core last answered, of `acknowledged_version`, and
    `held_before` the one before. `trouble` says why the two may not agree; `taken_by` is who looks into it.
    `accepted_by` accepted last that the core's own value is the base, and `acceptance_note` (sealed) says why.
    """

    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("account"), related_name="account_terms")
    field = models.CharField(_("term"), max_length=20, choices=TermsField.choices)
    base = models.CharField(_("core's own value"), max_length=40)
    effective = models.CharField(_("value that holds"), max_length=40)
    version = models.PositiveIntegerField(_("version"), default=0)
    held = models.CharField(_("value at the core"), max_length=40)
    held_before = models.CharField(_("value before"), max_length=40)
    acknowledged_version = models.PositiveIntegerField(_("version answered"), default=0)
    acknowledged_at = models.DateTimeField(_("acknowledged at"), null=True, blank=True)
    instructed_at = models.DateTimeField(_("instructed at"), null=True, blank=True)
    trouble = models.CharField(_("trouble"), max_length=20, choices=TermsTrouble.choices, blank=True, default="")
    trouble_since = models.DateTimeField(_("trouble since"), null=True, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("taken by"), null=True, blank=True, related_name="+"
    )
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("accepted by"), null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    acceptance_ref = models.UUIDField(null=True, blank=True, editable=False)
    acceptance_note = SealedField(_("why it was accepted"), bound_to="acceptance_ref", null=True, default=None)
    updated_at = models.DateTimeField(_("updated at"))

    objects = OfAccountQuerySet.as_manager()

    class Meta:
        verbose_name = _("term of an account")
        verbose_name_plural = _("terms of accounts")
        constraints = [
            models.UniqueConstraint(fields=["account", "field"], name="one_term_of_a_field"),
            models.CheckConstraint(
                condition=Q(acknowledged_version__lte=models.F("version")), name="term_answers_what_was_instructed"
            ),
            models.CheckConstraint(
                condition=Q(accepted_by__isnull=True, accepted_at__isnull=True)
                | Q(accepted_by__isnull=False, accepted_at__isnull=False, acceptance_note__isnull=False),
                name="term_accepted_with_a_note",
            ),
            models.CheckConstraint(
                condition=Q(trouble="", trouble_since__isnull=True) | (~Q(trouble="") & Q(trouble_since__isnull=False)),
                name="term_trouble_has_a_beginning",
            ),
        ]
        indexes = [
            models.Index(fields=["trouble_since"], condition=~Q(trouble=""), name="term_in_trouble"),
            models.Index(
                fields=["instructed_at"],
                condition=Q(acknowledged_version__lt=models.F("version")),
                name="term_unanswered",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.field}"

    @property
    def state(self) -> str:
        """Whether there is trouble with the term, and whether the core has named another value in it."""
        if self.trouble in VALUE_NAMED:
            return OTHER_NAMED
        return IN_TROUBLE if self.trouble else IN_ORDER
