"""Cells that were taken with a doubt: the value as the lender wrote it, sealed, and what became of the doubt."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# Not the public gettext: makemessages would look for a literal text here. The reasons are marked where they are defined.
from django.utils.translation.trans_real import gettext

from backoffice.core.sealed.fields import SealedField
from backoffice.core.sealed.sealing import hidden, masked_tail
from cases.enums import DoubtState
from cases.models.borrower import Borrower, OfBorrowerQuerySet
from cases.models.intake import IntakeFile


class DoubtfulCell(models.Model):
    """
    A value that does not have the form of its field. The row was taken without it; the desk looks at it.

    `external_ref` follows from borrower, field and value: the same cell in the file of the next day is the same record.
    """

    borrower = models.ForeignKey(Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="doubtful_cells")
    external_ref = models.CharField(_("reference"), max_length=80, unique=True)
    # The key of the field in a profile, without the number of its block: "borrower.id_number", "phones.number".
    field = models.CharField(_("field"), max_length=40)
    value = SealedField(_("value"))
    # English source of the message and its parameters (no personal data), translated when shown: `told_reason`.
    reason = models.CharField(_("reason"), max_length=300)
    reason_params = models.JSONField(_("parameters of the reason"), default=dict, blank=True)
    source = models.CharField(_("source"), max_length=60, blank=True)
    file = models.ForeignKey(
        IntakeFile, models.SET_NULL, verbose_name=_("file"), null=True, blank=True, related_name="doubtful_cells"
    )
    state = models.CharField(_("state"), max_length=12, choices=DoubtState.choices, default=DoubtState.OPEN)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("settled by"), null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))

    objects: Any = OfBorrowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("doubtful value")
        verbose_name_plural = _("doubtful values")
        constraints = [
            models.CheckConstraint(
                condition=Q(state=str(DoubtState.OPEN), settled_at__isnull=True)
                | (~Q(state=str(DoubtState.OPEN)) & Q(settled_at__isnull=False)),
                name="doubt_is_open_or_settled",
            )
        ]
        indexes = [
            models.Index(fields=["borrower"], condition=Q(state=str(DoubtState.OPEN)), name="doubt_open"),
            models.Index(fields=["state", "-id"], name="doubt_by_state"),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.borrower_id}"

    @property
    def masked_value(self) -> str:
        """The value but for its last four characters; of what was stated when applying nothing, as an amount ends in its cents."""
        return hidden(self.value) if self.field.startswith("application.") else masked_tail(self.value)

    @property
    def told_reason(self) -> str:
        """The reason in the reader's language, with its parameters."""
        return gettext(self.reason).format(**self.reason_params)
