"""Contact attempts and promises to pay."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.enums import Channel, ContactOutcome, Direction, PromiseState
from cases.models.account import Account
from cases.models.borrower import Borrower, OfBorrowerQuerySet
from cases.models.breach import ContactSource


class ContactAttempt(models.Model):
    """
    One attempt by one channel. `receipt` means that the channel itself confirmed the outcome.

    The table is partitioned by the month of the attempt, so its unique key includes the moment.
    """

    borrower = models.ForeignKey(
        Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="contact_attempts", db_index=False
    )
    external_ref = models.CharField(_("reference"), max_length=80)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    direction = models.CharField(_("direction"), max_length=10, choices=Direction.choices, default=Direction.OUTBOUND)
    outcome = models.CharField(_("outcome"), max_length=20, choices=ContactOutcome.choices)
    right_party = models.BooleanField(_("borrower reached"), default=False)
    receipt = models.BooleanField(_("receipt"), default=False)
    attempted_at = models.DateTimeField(_("attempted at"))
    number_index = models.BinaryField(default=b"", editable=False)
    # As reported: it may name a permit that does not exist, which is a breach.
    permit_ref = models.CharField(_("permit"), max_length=40, blank=True, default="", db_default="")
    # Null for contacts that came in before sources were kept. Without a constraint, which would be checked for each row.
    source = models.ForeignKey(
        ContactSource,
        models.DO_NOTHING,
        verbose_name=_("source"),
        null=True,
        blank=True,
        related_name="+",
        db_constraint=False,
        db_index=False,
    )
    cost = models.DecimalField(_("cost"), max_digits=10, decimal_places=4, default=0)
    created_at = models.DateTimeField(_("created at"))

    objects = OfBorrowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact attempt")
        verbose_name_plural = _("contact attempts")
        constraints = [models.UniqueConstraint(fields=["external_ref", "attempted_at"], name="one_attempt_a_reference")]
        indexes = [
            BrinIndex(fields=["id"], name="contact_by_id"),
            # Covering index of the nightly facts: without it each contact of a borrower costs one heap page.
            models.Index(
                fields=["borrower", "attempted_at"],
                include=["channel", "direction", "outcome", "right_party", "receipt", "number_index"],
                name="contact_by_borrower",
            ),
            models.Index(fields=["attempted_at", "channel"], name="contact_by_day"),
        ]

    def __str__(self) -> str:
        return self.external_ref


class PromiseToPay(models.Model):
    """
    A promise: kept when at least 95 % is paid by its day plus three days of grace.

    `settled_here` says that the state was found from the repayments, so that it follows when they change; a state that
    the lender's file gave stays.
    """

    borrower = models.ForeignKey(Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="promises")
    account = models.ForeignKey(Account, models.CASCADE, verbose_name=_("account"), related_name="promises")
    external_ref = models.CharField(_("reference"), max_length=80, unique=True)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    amount = models.DecimalField(_("amount"), max_digits=14, decimal_places=2)
    promised_on = models.DateField(_("promised on"))
    due_on = models.DateField(_("due on"))
    state = models.CharField(_("state"), max_length=12, choices=PromiseState.choices, default=PromiseState.OPEN)
    settled_on = models.DateField(_("settled on"), null=True, blank=True)
    settled_here = models.BooleanField(_("settled from repayments"), default=False, db_default=False)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = OfBorrowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("promise to pay")
        verbose_name_plural = _("promises to pay")
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="promise_is_positive"),
            models.CheckConstraint(
                condition=Q(state__in=["OPEN", "WITHDRAWN"]) | Q(settled_on__isnull=False),
                name="promise_settled_on_iff_settled",
            ),
        ]
        indexes = [
            models.Index(fields=["borrower", "due_on"], name="promise_by_borrower"),
            models.Index(fields=["due_on"], condition=Q(state="OPEN"), name="promise_due"),
        ]

    def __str__(self) -> str:
        return self.external_ref
