"""How a lender's files come in: profiles, files and rejected rows."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

# Not the public gettext: its callers are read for literal text, and the reasons' is read where they stand.
from django.utils.translation.trans_real import gettext

from backoffice.core.reach import Reach
from backoffice.core.scoping import NOTHING, ScopedQuerySet
from backoffice.core.sealed.fields import SealedField
from cases.enums import IntakeMode, IntakeState, MissingRule, MissingState, RecordKind
from cases.models.account import Account


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
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=IntakeState.choices, default=IntakeState.RUNNING)
    dry_run = models.BooleanField(_("dry run"), default=False)
    mode = models.CharField(_("mode"), max_length=10, choices=IntakeMode.choices, default=IntakeMode.DELTA)
    source = models.CharField(_("source"), max_length=60, blank=True)
    # Rows that the file has, known once it was read to its end; `row_count` are those that are done.
    total_count = models.PositiveIntegerField(_("rows in the file"), null=True, blank=True)
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    created_count = models.PositiveIntegerField(_("created"), default=0)
    updated_count = models.PositiveIntegerField(_("updated"), default=0)
    unchanged_count = models.PositiveIntegerField(_("unchanged"), default=0)
    rejected_count = models.PositiveIntegerField(_("rejected"), default=0)
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    # An upload that waits or is being worked: the file (sealed, gone when done), and who works it. What a worker writes
    # is committed only while its epoch holds. `carried_count`: rows that earlier attempts created or changed.
    upload = models.FileField(_("upload"), upload_to="intake/%Y/%m", blank=True)
    byte_count = models.PositiveBigIntegerField(_("size"), default=0)
    epoch = models.PositiveIntegerField(_("epoch"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    carried_count = models.PositiveIntegerField(_("done by earlier attempts"), default=0)
    # A full snapshot: its day, and what became of the source's accounts that it does not name.
    as_of = models.DateField(_("as of"), null=True, blank=True)
    missing_state = models.CharField(_("missing accounts"), max_length=10, choices=MissingState.choices, blank=True)
    missing_rule = models.CharField(_("what becomes of them"), max_length=10, choices=MissingRule.choices, blank=True)
    missing_count = models.PositiveIntegerField(_("accounts missing"), default=0)
    known_count = models.PositiveIntegerField(_("open accounts known"), default=0)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("decided by"), null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("taken in by"), null=True, blank=True, related_name="+"
    )

    objects = IntakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("intake file")
        verbose_name_plural = _("intake files")
        constraints = [
            models.CheckConstraint(
                condition=Q(settled_by__isnull=True) | Q(taken_by__isnull=True) | ~Q(settled_by=F("taken_by")),
                name="intake_missing_four_eyes",
            ),
        ]
        indexes = [
            # The sweeper looks for what waits or was left by its worker.
            models.Index(fields=["id"], condition=Q(state__in=["QUEUED", "RUNNING"]), name="intake_unfinished"),
            models.Index(fields=["source", "-as_of"], condition=Q(mode="SNAPSHOT"), name="intake_snapshots"),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.pk})"


class IntakeMissing(models.Model):
    """An account that a full snapshot did not name: what was closed or flagged, or waits for a person."""

    file = models.ForeignKey(IntakeFile, models.CASCADE, verbose_name=_("file"), related_name="missing")
    account = models.ForeignKey(Account, models.CASCADE, verbose_name=_("account"), related_name="+")

    objects = IntakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("missing account")
        verbose_name_plural = _("missing accounts")
        constraints = [models.UniqueConstraint(fields=["file", "account"], name="one_missing_a_file_and_account")]

    def __str__(self) -> str:
        return f"{self.file_id}:{self.account_id}"


class IntakeDifference(models.Model):
    """
    What a dry run would have changed: counts by table and field, and a sample of changed fields.

    `counts` is {table: {"new": n, "changed": n, "fields": {field: n}}}; `sample` lists [table, reference, field,
    before, after], of personal fields only that they change.
    """

    file = models.OneToOneField(IntakeFile, models.CASCADE, verbose_name=_("file"), related_name="difference")
    counts = models.JSONField(_("counts"), default=dict)
    sample = models.JSONField(_("sample"), default=list)

    objects = IntakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("difference")
        verbose_name_plural = _("differences")

    def __str__(self) -> str:
        return str(self.file_id)


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
