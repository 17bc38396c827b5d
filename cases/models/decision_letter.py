"""Letters to borrowers about decisions: what was true when it happened, and how the letter reached them."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import ScopedQuerySet
from cases.enums import LetterChannel, LetterKind, LetterReport, LetterState
from cases.models.decision import Decision


class DecisionLetterQuerySet(ScopedQuerySet[Any]):
    """Letters, seen by the territory of their decision's account."""

    territory_path = "decision__account__territory"


class LetterDeliveryQuerySet(ScopedQuerySet[Any]):
    """Reports about letters, seen by the territory of the decision's account."""

    territory_path = "letter__decision__account__territory"


class DecisionLetter(models.Model):
    """
    One letter about one decision, written when it begins to count or ends (docs/decision-letters.md).

    `facts` holds codes, dates and amounts as they were at that moment, no words and no names: the sentences are made when
    the letter is read. A trigger of the database refuses any change but of `state`.
    """

    decision = models.ForeignKey(Decision, models.PROTECT, verbose_name=_("decision"), related_name="letters")
    kind = models.CharField(_("kind"), max_length=12, choices=LetterKind.choices)
    state = models.CharField(_("state"), max_length=12, choices=LetterState.choices, default=LetterState.WAITING)
    # The local day of what the letter tells.
    happened_on = models.DateField(_("happened on"))
    facts = models.JSONField(_("facts"))
    # SHA-256 of the facts as text, in hexadecimal; printed on the letter, so that paper and record can be compared.
    digest = models.CharField(_("digest"), max_length=64)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = DecisionLetterQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter about a decision")
        verbose_name_plural = _("letters about decisions")
        constraints = [
            # The same thing happening again on the same day is told once.
            models.UniqueConstraint(fields=["decision", "kind", "happened_on"], name="one_letter_of_a_kind_and_day"),
        ]
        indexes = [
            models.Index(
                fields=["happened_on", "id"], condition=Q(state__in=["WAITING", "RETURNED"]), name="letter_undelivered"
            ),
        ]

    def __str__(self) -> str:
        return f"H{self.pk:07d}" if self.pk else "H"


class LetterDelivery(models.Model):
    """One report about a letter on its way: delivered, opened or come back. Rows are only added."""

    letter = models.ForeignKey(DecisionLetter, models.PROTECT, verbose_name=_("letter"), related_name="deliveries")
    report = models.CharField(_("report"), max_length=12, choices=LetterReport.choices)
    channel = models.CharField(_("channel"), max_length=8, choices=LetterChannel.choices)
    # When it happened, as the channel reports it, and when we learned of it.
    happened_at = models.DateTimeField(_("happened at"))
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("reported by"), related_name="+"
    )
    created_at = models.DateTimeField(_("reported at"))

    objects = LetterDeliveryQuerySet.as_manager()

    class Meta:
        verbose_name = _("report about a letter")
        verbose_name_plural = _("reports about letters")
        constraints = [
            models.UniqueConstraint(
                fields=["letter", "report", "channel", "happened_at"], name="one_report_of_an_instant"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter_id} {self.report}"
