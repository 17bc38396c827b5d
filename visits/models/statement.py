"""What an agency is owed for a month: one statement with a line for each part of each visit."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.reach import Reach
from backoffice.core.sealed.fields import SealedField
from visits.enums import FeeBasis, LineState, StatementState
from visits.models.agency import Agency, OfAgencyQuerySet
from visits.models.order import VisitOrder

FOR_PAYMENT = [StatementState.APPROVED.value, StatementState.PAID.value]


class AgencyStatementQuerySet(OfAgencyQuerySet):
    """An agency's people see a statement from the day on which it is sent to them."""

    state_path = "state"

    def scope_for(self, user: Any) -> Q:
        seen = super().scope_for(user)
        return seen & ~Q(**{self.state_path: StatementState.DRAFT}) if user.reach == Reach.AGENCY else seen


class StatementLineQuerySet(AgencyStatementQuerySet):
    agency_path = "statement__agency"
    state_path = "statement__state"


class AgencyStatement(models.Model):
    """
    What one agency is owed for one calendar month; `month` is its first day.

    Lines belong to the month of their visit. A report that is accepted after its month's statement was sent stands on a
    later one. The sums are those of the lines and kept nowhere else. Whoever sends it has prepared it; another person
    approves it, and never while a line is disputed.
    """

    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="statements")
    month = models.DateField(_("month"))
    state = models.CharField(_("state"), max_length=10, choices=StatementState.choices, default=StatementState.DRAFT)
    open_disputes = models.PositiveIntegerField(_("disputed lines without an answer"), default=0)
    # What a person wrote when they took it back.
    note = SealedField(_("why it was taken back"), bound_to="pk", null=True, default=None)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("prepared by"), null=True, blank=True, related_name="+"
    )
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    answer_due_on = models.DateField(_("answer due on"), null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("accepted by"), null=True, blank=True, related_name="+"
    )
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("approved by"), null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    paid_on = models.DateField(_("paid to the agency on"), null=True, blank=True)
    payment_ref = models.CharField(_("reference of the payment"), max_length=80, blank=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = AgencyStatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("agency statement")
        verbose_name_plural = _("agency statements")
        constraints = [
            models.UniqueConstraint(fields=["agency", "month"], name="one_statement_a_month"),
            models.CheckConstraint(condition=Q(month__day=1), name="statement_month_is_its_first_day"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("prepared_by")), name="statement_four_eyes"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=FOR_PAYMENT)
                | Q(approved_by__isnull=False, prepared_by__isnull=False, open_disputes=0),
                name="statement_for_payment_was_approved",
            ),
            models.CheckConstraint(
                condition=~Q(state=StatementState.PAID.value) | (Q(paid_on__isnull=False) & ~Q(payment_ref="")),
                name="statement_paid_has_a_payment",
            ),
        ]

    def __str__(self) -> str:
        return f"B{self.pk:07d}" if self.pk else "B"


class StatementLine(models.Model):
    """
    One part of what one visit is paid for. Each part of a visit is paid once, on one statement.

    `done_on` is the local day of the visit, whose price counts. `computed_amount` is that price; `amount` is what is
    owed, corrected where the agency's dispute was upheld, 0 where nothing is owed. What the agency and the lender write
    about it may name people: sealed, bound to `text_ref`.
    """

    statement = models.ForeignKey(AgencyStatement, models.CASCADE, verbose_name=_("statement"), related_name="lines")
    order = models.ForeignKey(VisitOrder, models.PROTECT, verbose_name=_("visit order"), related_name="+")
    done_on = models.DateField(_("day of the visit"))
    basis = models.CharField(_("paid for"), max_length=25, choices=FeeBasis.choices)
    computed_amount = models.DecimalField(_("by the price card"), max_digits=10, decimal_places=2)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(_("state"), max_length=10, choices=LineState.choices, default=LineState.BUILT)
    text_ref = models.UUIDField(null=True, blank=True, editable=False)
    reason = SealedField(_("why it is disputed"), bound_to="text_ref", null=True, default=None)
    answer = SealedField(_("the lender's answer"), bound_to="text_ref", null=True, default=None)
    disputed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("disputed by"), null=True, blank=True, related_name="+"
    )
    disputed_at = models.DateTimeField(_("disputed at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("answered by"), null=True, blank=True, related_name="+"
    )
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated at"))

    objects = StatementLineQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement line")
        verbose_name_plural = _("statement lines")
        constraints = [
            models.UniqueConstraint(fields=["order", "basis"], name="one_payment_a_part_of_a_visit"),
            models.CheckConstraint(condition=Q(amount__gte=0, computed_amount__gt=0), name="line_amount_not_negative"),
            models.CheckConstraint(
                condition=Q(state=LineState.UPHELD.value) | Q(amount=F("computed_amount")),
                name="line_amount_changes_by_a_dispute",
            ),
            models.CheckConstraint(
                condition=Q(state=LineState.BUILT.value, disputed_by__isnull=True)
                | (~Q(state=LineState.BUILT.value) & Q(disputed_by__isnull=False, text_ref__isnull=False)),
                name="line_disputed_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(state="DISPUTED"), name="line_disputed")]

    def __str__(self) -> str:
        return f"{self.statement_id}/{self.pk}"
