"""Complaints, disputes, appeals and wishes for an explanation, with their answers."""

from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.sealed.fields import SealedField
from cases.enums import TOPICS_WITH_DAY, ComplaintKind, ComplaintState, ComplaintTopic
from cases.models.borrower import Borrower, OfBorrowerQuerySet
from cases.models.case import Case
from cases.models.decision import Decision


class Complaint(models.Model):
    """
    A complaint, dispute, appeal or wish for an explanation, answered within 15 days.

    It never counts against the borrower. The person who answers took no part in what it is about and did not receive it.
    `subject` (what the borrower says) and `answer` may name people: sealed, bound to `text_ref`.
    """

    borrower = models.ForeignKey(Borrower, models.PROTECT, verbose_name=_("borrower"), related_name="complaints")
    case = models.ForeignKey(
        Case, models.PROTECT, verbose_name=_("case"), null=True, blank=True, related_name="complaints"
    )
    decision = models.ForeignKey(
        Decision, models.PROTECT, verbose_name=_("decision"), null=True, blank=True, related_name="complaints"
    )
    kind = models.CharField(_("kind"), max_length=12, choices=ComplaintKind.choices)
    state = models.CharField(_("state"), max_length=12, choices=ComplaintState.choices, default=ComplaintState.RECEIVED)
    topic = models.CharField(_("about"), max_length=15, choices=ComplaintTopic.choices, default=ComplaintTopic.OTHER)
    # The local day of what is complained of; agencies answer for what they did themselves (docs/statements.md).
    occurred_on = models.DateField(_("happened on"), null=True, blank=True)
    text_ref = models.UUIDField(default=uuid4, editable=False)
    subject = SealedField(_("what the borrower says"), bound_to="text_ref", null=True, default=None)
    received_at = models.DateTimeField(_("received at"))
    answer_due_on = models.DateField(_("answer due on"))
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answer = SealedField(_("answer"), bound_to="text_ref", null=True, default=None)
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("received by"), null=True, related_name="+"
    )
    # Put off once, with a reason that the borrower is told.
    extended_at = models.DateTimeField(_("put off at"), null=True, blank=True)
    extended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("put off by"), null=True, blank=True, related_name="+"
    )
    extension_reason = SealedField(_("put off because"), bound_to="text_ref", null=True, default=None)
    # The answered complaint that the borrower does not accept; it is answered by yet another person.
    reopens = models.OneToOneField(
        "self", models.PROTECT, verbose_name=_("reopens"), null=True, blank=True, related_name="reopened"
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("answered by"), null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = OfBorrowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("complaint")
        verbose_name_plural = _("complaints and appeals")
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_by__isnull=True) | Q(received_by__isnull=True) | ~Q(answered_by=F("received_by")),
                name="complaint_answered_by_another",
            ),
            models.CheckConstraint(
                condition=Q(extended_at__isnull=True, extended_by__isnull=True)
                | Q(extended_at__isnull=False, extended_by__isnull=False)
                & (Q(received_by__isnull=True) | ~Q(extended_by=F("received_by"))),
                name="complaint_put_off_by_another",
            ),
            models.CheckConstraint(
                condition=~Q(topic__in=sorted(TOPICS_WITH_DAY)) | Q(occurred_on__isnull=False),
                name="complaint_of_conduct_has_a_day",
            ),
        ]
        indexes = [models.Index(fields=["answer_due_on"], condition=Q(answered_at__isnull=True), name="complaint_due")]

    def __str__(self) -> str:
        return f"Q{self.pk:07d}" if self.pk else "Q"
