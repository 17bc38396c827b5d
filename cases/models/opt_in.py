"""Borrowers' answers to raised limits, which count only once the borrower accepts them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import ScopedQuerySet
from cases.models.decision import Decision


class OptInAnswerQuerySet(ScopedQuerySet[Any]):
    """Answers, seen by the territory of their decision's account."""

    territory_path = "decision__account__territory"


class OptInAnswer(models.Model):
    """
    What a borrower answered to one raised limit: accepted or declined. Rows are only added; a decision has one.

    `evidence_ref` names the recording or the message; the core's own answer names its effect key.
    """

    decision = models.OneToOneField(Decision, models.PROTECT, verbose_name=_("decision"), related_name="opt_in")
    accepted = models.BooleanField(_("accepted"))
    evidence_ref = models.CharField(_("recording or message"), max_length=80)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("recorded by"), related_name="+"
    )
    created_at = models.DateTimeField(_("recorded at"))

    objects = OptInAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("borrower's answer to a raised limit")
        verbose_name_plural = _("borrowers' answers to raised limits")
        constraints = [
            models.CheckConstraint(condition=~Q(evidence_ref=""), name="opt_in_answer_has_evidence"),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id} {'+' if self.accepted else '-'}"
