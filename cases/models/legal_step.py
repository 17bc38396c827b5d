"""Steps of legal recovery: what happened under a decision to collect by law."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import ScopedQuerySet
from cases.enums import LegalStepKind
from cases.models.decision import Decision


class LegalStepQuerySet(ScopedQuerySet[Any]):
    """Legal steps, seen by the territory of their decision's account."""

    territory_path = "decision__account__territory"


class LegalStep(models.Model):
    """
    One step of a decision for legal recovery (rules/legal_steps.py). Rows are only added.

    `reference` names the evidence: the message of the offer, the record of the mediation, the number of the court's file.
    A trigger refuses a step of another kind of decision, one before the last step, and a claim that was filed before the
    days of the offer of mediation were over or while an agreement stands.
    """

    decision = models.ForeignKey(Decision, models.PROTECT, verbose_name=_("decision"), related_name="legal_steps")
    kind = models.CharField(_("step"), max_length=20, choices=LegalStepKind.choices)
    happened_on = models.DateField(_("happened on"))
    court = models.CharField(_("court"), max_length=80, blank=True, default="")
    reference = models.CharField(_("reference of the evidence"), max_length=80)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("recorded by"), related_name="+"
    )
    created_at = models.DateTimeField(_("recorded at"))

    objects = LegalStepQuerySet.as_manager()

    class Meta:
        verbose_name = _("legal step")
        verbose_name_plural = _("legal steps")
        constraints = [
            models.CheckConstraint(condition=~Q(reference=""), name="legal_step_has_evidence"),
            models.CheckConstraint(
                condition=Q(kind=LegalStepKind.FILED) & ~Q(court="") | ~Q(kind=LegalStepKind.FILED) & Q(court=""),
                name="legal_step_court_iff_filed",
            ),
            models.UniqueConstraint(
                fields=["decision", "kind"],
                condition=Q(kind__in=[LegalStepKind.FILED, LegalStepKind.CLOSED]),
                name="legal_step_filed_and_closed_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.decision_id} {self.kind}"
