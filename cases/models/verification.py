"""Verifications: what a visit or a desk check established about a borrower."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import ScopedQuerySet
from cases.enums import SECTION_VERDICTS, Section, Verdict, VerificationSource
from cases.models.borrower import Borrower, OfBorrowerQuerySet
from cases.models.case import Case


class VerifiedFactQuerySet(ScopedQuerySet[Any]):
    """Verified facts, seen by the territory of their borrower."""

    territory_path = "verification__borrower__territory"


class Verification(models.Model):
    """The four sections as one visit or desk check established them. A later one supersedes it; nothing is edited."""

    borrower = models.ForeignKey(Borrower, models.PROTECT, verbose_name=_("borrower"), related_name="verifications")
    case = models.ForeignKey(Case, models.PROTECT, verbose_name=_("case"), related_name="verifications")
    source = models.CharField(_("source"), max_length=10, choices=VerificationSource.choices)
    # The number of the visit order, or the reference of the desk check's recording. Each gives one verification.
    source_ref = models.CharField(_("source reference"), max_length=80, unique=True)
    findings = models.JSONField(_("findings"), default=list)
    right_party_met = models.BooleanField(_("borrower met"), default=False)
    cooperative = models.BooleanField(_("cooperative"), default=False)
    verified_on = models.DateField(_("verified on"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("recorded by"), null=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))

    objects = OfBorrowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")

    def __str__(self) -> str:
        return self.source_ref


def _verdict_fits_section() -> Q:
    fits = Q()
    for section, verdicts in SECTION_VERDICTS.items():
        fits |= Q(section=str(section), verdict__in=[str(v) for v in verdicts])
    return fits


class VerifiedFact(models.Model):
    """One section's verdict, its confidence (a share 0..1), its evidence, and its last day."""

    verification = models.ForeignKey(Verification, models.CASCADE, verbose_name=_("verification"), related_name="facts")
    section = models.CharField(_("section"), max_length=10, choices=Section.choices)
    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict.choices)
    confidence = models.DecimalField(_("confidence"), max_digits=3, decimal_places=2)
    # References of evidence and documents, never their content.
    evidence = models.JSONField(_("evidence"), default=list)
    expires_on = models.DateField(_("counts until"))

    objects = VerifiedFactQuerySet.as_manager()

    class Meta:
        verbose_name = _("verified fact")
        verbose_name_plural = _("verified facts")
        constraints = [
            models.UniqueConstraint(fields=["verification", "section"], name="one_fact_a_section"),
            models.CheckConstraint(
                condition=Q(confidence__gte=0, confidence__lte=1), name="fact_confidence_is_a_share"
            ),
            models.CheckConstraint(condition=_verdict_fits_section(), name="fact_verdict_fits_section"),
        ]

    def __str__(self) -> str:
        return f"{self.section} {self.verdict}"
