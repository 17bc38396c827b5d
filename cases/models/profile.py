"""Profiles that map a lender's files, their versions with four eyes, and the samples that they are made with."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import NOTHING, ReferenceQuerySet, ScopedQuerySet
from backoffice.core.sealed.fields import SealedField
from cases.enums import ProfileRefusal, ProfileState, RecordKind

# A set has no rows of its own: its parts are files of other profiles.
PROFILE_KINDS = [*RecordKind.choices, ("SET", _("a set of files"))]
# So long a sample is kept, unless its version is decided before.
SAMPLE_KEPT = timedelta(days=14)


class IntakeProfileQuerySet(ReferenceQuerySet["IntakeProfile"]):
    pass


class IntakeProfileVersionQuerySet(ReferenceQuerySet["IntakeProfileVersion"]):
    pass


class ProfileSampleQuerySet(ScopedQuerySet["ProfileSample"]):
    """Samples hold personal data: each is seen by the person who uploaded it."""

    def scope_for(self, user: Any) -> Q:
        """Return the condition that the person uploaded the sample."""
        return Q(uploaded_by=user) if user.has_perm("cases.add_intakeprofile") else NOTHING


class IntakeProfile(models.Model):
    """A mapping from a lender's columns to our fields, made by the lender itself; its versions hold what it says."""

    name = models.SlugField(_("name"), max_length=60, unique=True)
    kind = models.CharField(_("rows describe"), max_length=20, choices=PROFILE_KINDS)
    # Words of rows of totals that a person has confirmed on the page of a file; of every version.
    total_words = models.JSONField(_("words of totals"), default=list, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"))

    objects = IntakeProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("intake profile")
        verbose_name_plural = _("intake profiles")

    def __str__(self) -> str:
        return self.name


class IntakeProfileVersion(models.Model):
    """
    One version of a profile. Its text never changes: a trigger in the database refuses it. Maker and approver are
    different people; a profile has at most one version in use.

    `tried` are the counts of the sample at the making: {"rows": n, "taken": n, "rejected": n, "reasons": [[field, reason,
    parameters, n]]}; empty if there was no sample.
    """

    profile = models.ForeignKey(IntakeProfile, models.PROTECT, verbose_name=_("profile"), related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    body = models.TextField(_("mapping"))
    state = models.CharField(_("state"), max_length=12, choices=ProfileState.choices, default=ProfileState.DRAFT)
    tried = models.JSONField(_("rows of the sample"), default=dict, blank=True)
    refusal = models.CharField(_("refused because"), max_length=20, choices=ProfileRefusal.choices, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("made by"), null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("approved by"), null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = IntakeProfileVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of an intake profile")
        verbose_name_plural = _("versions of intake profiles")
        constraints = [
            models.UniqueConstraint(fields=["profile", "number"], name="one_number_a_profile_version"),
            models.UniqueConstraint(
                fields=["profile"], condition=Q(state=ProfileState.ACTIVE), name="one_profile_version_in_use"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("made_by")), name="profile_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="profile_approved_at_iff_approved_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.profile.name} {self.number}"


def new_sample_ref() -> str:
    """Return a new reference for a sample; its sealed content is bound to it."""
    return uuid4().hex


class ProfileSample(models.Model):
    """
    The first rows of a lender's file, sealed, with which a profile is made, and the mapping as it stands.

    `content` is JSON: {"format": "csv", "parts": {"": bytes in base64}}; of a spreadsheet each sheet is one part, written
    as CSV. `version` is the version that was saved from it last.
    """

    external_ref = models.CharField(max_length=32, unique=True, default=new_sample_ref)
    name = models.SlugField(_("name"), max_length=60)
    file_name = models.CharField(_("file"), max_length=200)
    content = SealedField(_("rows"))
    body = models.TextField(_("mapping"))
    version = models.ForeignKey(
        IntakeProfileVersion, models.SET_NULL, verbose_name=_("version"), null=True, blank=True, related_name="samples"
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("uploaded by"), related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))
    expires_at = models.DateTimeField(_("deleted after"))
    # When the access log last took down that its rows were shown in clear.
    logged_at = models.DateTimeField(null=True, blank=True)

    objects = ProfileSampleQuerySet.as_manager()

    class Meta:
        verbose_name = _("sample of a file")
        verbose_name_plural = _("samples of files")
        indexes = [models.Index(fields=["expires_at"], name="sample_expires")]

    def __str__(self) -> str:
        return f"{self.name} ({self.pk})"
