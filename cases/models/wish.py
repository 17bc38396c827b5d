"""What people said about being contacted: a borrower's times, and somebody's refusal that holds for ever."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from cases.enums import WishKind
from cases.models.borrower import Borrower, OfBorrowerQuerySet
from cases.models.related import RelatedPerson


class ContactWish(models.Model):
    """
    A borrower's own wish about the times of contact, by their clock, in [opens, closes), until the end of `last_day`.

    `evidence_ref` names the recording or letter in which they said so; without one no wish is taken.
    """

    borrower = models.ForeignKey(Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="contact_wishes")
    kind = models.CharField(_("kind"), max_length=10, choices=WishKind.choices)
    opens = models.TimeField(_("from"))
    closes = models.TimeField(_("until"))
    last_day = models.DateField(_("counts until"))
    evidence_ref = models.CharField(_("recording or letter"), max_length=80)
    granted_at = models.DateTimeField(_("said at"))
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("recorded by"), null=True, related_name="+"
    )
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects: Any = OfBorrowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("wish about times")
        verbose_name_plural = _("wishes about times")
        constraints = [
            models.CheckConstraint(condition=Q(opens__lt=F("closes")), name="wish_opens_before_it_closes"),
            models.CheckConstraint(condition=~Q(evidence_ref=""), name="wish_has_evidence"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.opens:%H:%M}-{self.closes:%H:%M}"


class ContactStop(models.Model):
    """
    A number at which somebody other than the borrower refused contact. It is never used again.

    It holds for the number, whoever's it is said to be in a later file: a new import does not end it, nor does anybody.
    """

    number_index = models.BinaryField(unique=True, editable=False)
    borrower = models.ForeignKey(Borrower, models.PROTECT, verbose_name=_("borrower"), related_name="contact_stops")
    related = models.ForeignKey(
        RelatedPerson, models.SET_NULL, verbose_name=_("related person"), null=True, blank=True, related_name="+"
    )
    evidence_ref = models.CharField(_("recording or letter"), max_length=80, blank=True)
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("noted by"), null=True, related_name="+"
    )
    noted_at = models.DateTimeField(_("noted at"))

    objects: Any = OfBorrowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("refused number")
        verbose_name_plural = _("refused numbers")

    def __str__(self) -> str:
        return f"S{self.pk:07d}"
