"""Profiles that map a lender's files, the files taken in, and their rejected rows."""

from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

# Not the public gettext: makemessages would look for a literal text here. The reasons are marked in rules/profile/refusals.py.
from django.utils.translation.trans_real import gettext

from backoffice.core.reach import Reach
from backoffice.core.scoping import NOTHING, ScopedQuerySet
from backoffice.core.sealed.fields import SealedField
from cases.enums import IntakeMode, IntakeState, MissingRule, MissingState, TotalsState
from cases.models.account import Account


class IntakeQuerySet(ScopedQuerySet[Any]):
    """A file holds a whole portfolio: only people who see everything or who configure see it."""

    def scope_for(self, user: Any) -> Q:
        """Return everything for people of those two kinds, nothing for others."""
        return Q() if user.reach in (Reach.ALL, Reach.CONFIGURATION) else NOTHING


class IntakeFile(models.Model):
    """One file taken in, with what became of its rows."""

    profile_name = models.CharField(_("profile"), max_length=60)
    # The version of the lender's own profile that reads the file; none for a shipped profile or a file of the server.
    profile_version = models.ForeignKey(
        "cases.IntakeProfileVersion",
        models.PROTECT,
        verbose_name=_("version of the profile"),
        null=True,
        blank=True,
        related_name="+",
    )
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    state = models.CharField(_("state"), max_length=12, choices=IntakeState.choices, default=IntakeState.RUNNING)
    dry_run = models.BooleanField(_("dry run"), default=False)
    mode = models.CharField(_("mode"), max_length=10, choices=IntakeMode.choices, default=IntakeMode.DELTA)
    source = models.CharField(_("source"), max_length=60, blank=True)
    # Rows of the file, known after it was read to its end; `row_count` are those that are done.
    total_count = models.PositiveIntegerField(_("rows in the file"), null=True, blank=True)
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    created_count = models.PositiveIntegerField(_("created"), default=0)
    updated_count = models.PositiveIntegerField(_("updated"), default=0)
    unchanged_count = models.PositiveIntegerField(_("unchanged"), default=0)
    # Values of taken rows that do not have the form of their field: those that are new or changed with this file.
    doubtful_count = models.PositiveIntegerField(_("doubtful values"), default=0, db_default=0)
    rejected_count = models.PositiveIntegerField(_("rejected"), default=0)
    # Rows that were passed over; neither count among the rows.
    blank_count = models.PositiveIntegerField(_("blank rows"), default=0)
    totals_count = models.PositiveIntegerField(_("rows of totals"), default=0)
    # Rows that look like totals, [row number, word], rejected until a person answers. `missing_if_totals` is the state
    # that the missing accounts of a snapshot have if the rows are totals.
    doubtful_rows = models.JSONField(_("rows that look like totals"), default=list, blank=True)
    totals_state = models.CharField(
        _("rows that look like totals are"), max_length=10, choices=TotalsState.choices, blank=True
    )
    totals_answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("answered by"), null=True, blank=True, related_name="+"
    )
    totals_answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    missing_if_totals = models.CharField(
        _("missing accounts without those rows"), max_length=10, choices=MissingState.choices, blank=True
    )
    problem = models.CharField(_("problem"), max_length=300, blank=True)
    # An upload that waits for a worker or is worked: the file is sealed and deleted when done. A worker commits only
    # while the row has its epoch. `carried_count` are rows that earlier attempts created or changed.
    upload = models.FileField(_("upload"), upload_to="intake/%Y/%m", blank=True)
    byte_count = models.PositiveBigIntegerField(_("size"), default=0)
    epoch = models.PositiveIntegerField(_("epoch"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    carried_count = models.PositiveIntegerField(_("done by earlier attempts"), default=0)
    # The profile's text that read the file (Profile.fingerprint): the same file read in another way is another intake.
    profile_fingerprint = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    # The newest day of the figures that were read, and what was known of the source when the file ended. Rows that are the
    # same as stored are not read, so a file that changes nothing has no day, unless it is a snapshot.
    as_of = models.DateField(_("as of"), null=True, blank=True)
    known_as_of = models.DateField(_("newest figures known before"), null=True, blank=True)
    # Of a full snapshot: what became of the source's accounts that it does not name.
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
            # For the sweep of files that wait or whose worker is lost.
            models.Index(
                fields=["id"],
                condition=Q(state__in=[str(IntakeState.QUEUED), str(IntakeState.RUNNING)]),
                name="intake_unfinished",
            ),
            models.Index(
                fields=["source", "-as_of"], condition=Q(mode=str(IntakeMode.SNAPSHOT)), name="intake_snapshots"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.pk})"


class IntakeMissing(models.Model):
    """An account that a full snapshot did not name: it was closed or flagged, or a person has to decide."""

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
    before, after]. The values of personal fields are left empty.
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
    """One problem of a row that could not be taken; the first problem of a row holds the whole row, sealed."""

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
        """The reason in the reader's language, with its parameters."""
        return gettext(self.reason).format(**self.reason_params)


def new_release_ref() -> str:
    """Return a new reference for a release; its sealed purpose is bound to it."""
    return uuid4().hex


class RejectRelease(models.Model):
    """
    A request to have the rejected rows of a file in clear, and the other person who released them.

    The person who asked may take the rows from `released_at` until `expires_at`.
    """

    file = models.ForeignKey(IntakeFile, models.CASCADE, verbose_name=_("file"), related_name="reject_releases")
    external_ref = models.CharField(max_length=32, unique=True, default=new_release_ref)
    purpose = SealedField(_("purpose"))
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("asked for by"), related_name="+"
    )
    asked_at = models.DateTimeField(_("asked for at"))
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("released by"), null=True, blank=True, related_name="+"
    )
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)

    objects = IntakeQuerySet.as_manager()

    class Meta:
        verbose_name = _("release of rejected rows")
        verbose_name_plural = _("releases of rejected rows")
        constraints = [
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | ~Q(released_by=F("asked_by")), name="reject_release_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True, released_at__isnull=True, expires_at__isnull=True)
                | Q(released_by__isnull=False, released_at__isnull=False, expires_at__isnull=False),
                name="reject_release_is_whole",
            ),
            models.UniqueConstraint(
                fields=["file", "asked_by"],
                condition=Q(released_by__isnull=True),
                name="one_open_reject_release_a_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}:{self.asked_by_id}"
