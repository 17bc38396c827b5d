"""How a lender's files come in: profiles, files and rejected rows."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

# Not the public gettext: its callers are read for literal text, and the reasons' is read where they stand.
from django.utils.translation.trans_real import gettext

from backoffice.core.fields import SealedField
from backoffice.core.reach import Reach
from backoffice.core.scoping import NOTHING, ScopedQuerySet
from cases.enums import IntakeState, RecordKind


class IntakeQuerySet(ScopedQuerySet[Any]):
    """Files hold whole portfolios: only people who see everything or configure see them."""

    def scope_for(self, user: Any) -> Q:
        return Q() if user.reach in (Reach.ALL, Reach.CONFIGURATION) else NOTHING


class IntakeProfile(models.Model):
    """A mapping from a lender's columns to our fields, written as TOML by the lender itself."""

    name = models.SlugField(_("name"), max_length=60, unique=True)
    kind = models.CharField(_("rows describe"), max_length=20, choices=RecordKind.choices)
    body = models.TextField(_("mapping"))
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    objects = IntakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("intake profile")
        verbose_name_plural = _("intake profiles")

    def __str__(self) -> str:
        return self.name


class IntakeFile(models.Model):
    """One file taken in, with what became of its rows."""

    profile_name = models.CharField(_("profile"), max_length=60)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    state = models.CharField(_("state"), max_length=12, choices=IntakeState.choices, default=IntakeState.RUNNING)
    dry_run = models.BooleanField(_("dry run"), default=False)
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    created_count = models.PositiveIntegerField(_("created"), default=0)
    updated_count = models.PositiveIntegerField(_("updated"), default=0)
    unchanged_count = models.PositiveIntegerField(_("unchanged"), default=0)
    rejected_count = models.PositiveIntegerField(_("rejected"), default=0)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("taken in by"), null=True, blank=True, related_name="+"
    )

    objects = IntakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("intake file")
        verbose_name_plural = _("intake files")

    def __str__(self) -> str:
        return f"{self.file_name} ({self.pk})"


class IntakeReject(models.Model):
    """A row that could not be taken, kept whole (sealed), with field, reason and remedy."""

    file = models.ForeignKey(IntakeFile, models.CASCADE, verbose_name=_("file"), related_name="rejects")
    external_ref = models.CharField(max_length=60, unique=True)
    row_number = models.PositiveIntegerField(_("row"))
    field = models.CharField(_("field"), max_length=60)
    value = SealedField(_("value"))
    # English source of the message and its parameters (no personal data), translated when shown: `told_reason`.
    reason = models.CharField(_("reason"), max_length=300)
    reason_params = models.JSONField(_("parameters of the reason"), default=dict, blank=True)
    row = SealedField(_("whole row"))
    created_at = models.DateTimeField(_("created at"))

    objects = IntakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("rejected row")
        verbose_name_plural = _("rejected rows")
        indexes = [models.Index(fields=["file", "row_number"], name="reject_by_row")]

    def __str__(self) -> str:
        return f"{self.file_id}:{self.row_number} {self.field}"

    @property
    def told_reason(self) -> str:
        """The reason in the reader's language."""
        return gettext(self.reason).format(**self.reason_params)
