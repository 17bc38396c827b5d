"""The words of the trail."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Chain(models.IntegerChoices):
    """A chain of hashes, by the number of its head."""

    TRAIL = 1, _("audit entries")
    ACCESS = 2, _("access log")


class AccessPurpose(models.TextChoices):
    """Why somebody sees personal data in clear. What the list does not cover is OTHER, with a note."""

    CONTACT = "CONTACT", _("Contact the borrower")
    VISIT = "VISIT", _("Make a visit")
    LETTER = "LETTER", _("Hand out the letter of a visit")
    REVIEW = "REVIEW", _("Review a visit report or its evidence")
    VERIFICATION = "VERIFICATION", _("Verify facts of a case")
    DECISION = "DECISION", _("Prepare or approve a decision")
    COMPLAINT = "COMPLAINT", _("Answer a complaint")
    INTAKE = "INTAKE", _("Correct an intake file")
    EXPORT = "EXPORT", _("Use an approved export")
    SUPERVISION = "SUPERVISION", _("Audit, or a question of an authority")
    OTHER = "OTHER", _("Another purpose, see the note")
