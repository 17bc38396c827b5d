"""What came in through the page of a visit's letter: from the borrower, or from whoever holds the letter."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import ScopedQuerySet
from backoffice.core.sealed.fields import SealedField
from cases.models import Complaint
from visits.enums import AnswerOutcome, EvidenceState, LetterAnswerKind, LetterProof, PaperKind
from visits.models.order import VisitOrder


class LetterAnswerQuerySet(ScopedQuerySet[Any]):
    """Answers, seen by the territory of their case. People of outside firms see none: they hold what borrowers write."""

    territory_path = "order__case__territory"


class LetterAnswer(models.Model):
    """
    One answer to a letter. It is a claim as long as `proof` is not RIGHT: anybody may find a letter.

    While it `holds` and nobody has handled it, the conduct guard refuses visits to the person. `is_late` says that the
    visit was over or called off before. `form_ref` is the form it was sent by: the same form sent again is the same
    answer. What was typed is sealed, bound to `form_ref`.
    """

    order = models.ForeignKey(VisitOrder, models.PROTECT, verbose_name=_("visit order"), related_name="letter_answers")
    # An order that is planned anew gets another code; the page of the former letter still finds the order by this one.
    letter_code = models.CharField(_("letter code"), max_length=32)
    form_ref = models.UUIDField(default=uuid4, unique=True, editable=False)
    kind = models.CharField(_("answer"), max_length=12, choices=LetterAnswerKind.choices)
    proof = models.CharField(_("proof"), max_length=10, choices=LetterProof.choices)
    is_late = models.BooleanField(_("after the visit"), default=False)
    holds = models.BooleanField(_("holds visits"), default=False)
    text = SealedField(_("what they write"), bound_to="form_ref", null=True, default=None)
    wished_from = models.DateTimeField(_("wished from"), null=True, blank=True)
    wished_until = models.DateTimeField(_("wished until"), null=True, blank=True)
    by_video = models.BooleanField(_("by video"), default=False)
    complaint = models.ForeignKey(
        Complaint, models.PROTECT, verbose_name=_("complaint"), null=True, blank=True, related_name="+"
    )
    paper_kind = models.CharField(_("kind of paper"), max_length=10, choices=PaperKind.choices, blank=True)
    # The original, sealed. Nobody looks at it: a worker draws a copy for display, `preview_name`.
    paper = models.FileField(_("paper"), upload_to="answers/%Y/%m", blank=True)
    paper_sha256 = models.CharField(_("paper's SHA-256"), max_length=64, blank=True)
    paper_state = models.CharField(_("state of the paper"), max_length=10, choices=EvidenceState.choices, blank=True)
    paper_attempts = models.PositiveSmallIntegerField(_("attempts to read"), default=0)
    paper_began_at = models.DateTimeField(_("reading began at"), null=True, blank=True)
    preview_sha256 = models.CharField(_("SHA-256 of the copy"), max_length=64, blank=True)
    received_at = models.DateTimeField(_("received at"))
    handled_at = models.DateTimeField(_("handled at"), null=True, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("handled by"), null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(_("found"), max_length=10, choices=AnswerOutcome.choices, blank=True)
    done = SealedField(_("what was done"), bound_to="form_ref", null=True, default=None)

    objects = LetterAnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("answer to a letter")
        verbose_name_plural = _("answers to letters")
        constraints = [
            models.CheckConstraint(
                condition=Q(handled_at__isnull=True, handled_by__isnull=True, outcome="")
                | (Q(handled_at__isnull=False, handled_by__isnull=False) & ~Q(outcome="")),
                name="answer_is_open_or_handled",
            ),
            models.CheckConstraint(
                condition=Q(wished_from__isnull=True, wished_until__isnull=True)
                | Q(wished_until__gt=models.F("wished_from")),
                name="answer_wish_is_a_span",
            ),
            models.CheckConstraint(
                condition=Q(paper_kind="", paper_state="") | (~Q(paper_kind="") & ~Q(paper_state="")),
                name="answer_paper_has_a_state",
            ),
        ]
        indexes = [
            models.Index(fields=["letter_code"], name="answer_by_code"),
            models.Index(fields=["order"], condition=Q(handled_at__isnull=True), name="answer_open"),
            models.Index(
                fields=["id"], condition=Q(paper_state=EvidenceState.WAITING.value), name="answer_paper_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"L{self.pk:07d}" if self.pk else "L"

    @property
    def is_proven(self) -> bool:
        """Whether who answered gave what only the borrower should know."""
        return self.proof == LetterProof.RIGHT

    @property
    def preview_name(self) -> str:
        """The stored name of the paper's copy for display, which is there once `paper_state` is READ."""
        return f"answers/previews/{self.paper_sha256[:2]}/{self.paper_sha256}.jpg"
