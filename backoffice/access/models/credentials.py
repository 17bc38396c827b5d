"""Requests to set another person's credentials, and how often callers tried at a door."""

from typing import Any
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.access.models.people import User
from backoffice.access.roles import Role
from backoffice.core.scoping import NOTHING, ScopedQuerySet
from backoffice.core.sealed.fields import SealedField


class CredentialKind(models.TextChoices):
    """What an administrator may set for another person."""

    PASSWORD = "PASSWORD", _("New password")
    SECOND_FACTOR = "SECOND_FACTOR", _("Second factor removed")


class CredentialState(models.TextChoices):
    """How far a request to set another person's credentials has come."""

    PENDING = "PENDING", _("Waiting for a second administrator")
    CONFIRMED = "CONFIRMED", _("Carried out")
    REFUSED = "REFUSED", _("Refused")


class CredentialRequestQuerySet(ScopedQuerySet["CredentialRequest"]):
    """Administrators decide about requests, auditors read them."""

    def scope_for(self, user: Any) -> Q:
        """Return everything for administrators and auditors, nothing for others."""
        return Q() if user.role in (Role.ADMINISTRATOR, Role.AUDITOR) else NOTHING


class CredentialRequest(models.Model):
    """
    One administrator's request to set another person's password or to remove their second factor.

    It takes effect when another administrator confirms it, so that nobody can sign in as somebody else alone. The
    password is kept as its hash only.
    """

    external_ref = models.UUIDField(_("reference"), default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("person"), related_name="credential_requests")
    kind = models.CharField(_("kind"), max_length=20, choices=CredentialKind.choices)
    state = models.CharField(
        _("state"), max_length=20, choices=CredentialState.choices, default=CredentialState.PENDING
    )
    password_hash = models.CharField(max_length=128, blank=True, editable=False)
    reason = SealedField(_("reason"))
    requested_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("requested by"), related_name="+")
    requested_at = models.DateTimeField(_("requested at"))
    decided_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("decided by"), related_name="+", null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    # When the person was shown at sign-in that their credentials were set.
    told_at = models.DateTimeField(_("person told at"), null=True)
    # When the outbox wrote its event about it.
    announced_at = models.DateTimeField(null=True, editable=False)
    updated_at = models.DateTimeField(_("updated at"))

    objects = CredentialRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("credential request")
        verbose_name_plural = _("credential requests")
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(state="CONFIRMED") | ~Q(decided_by=F("requested_by")),
                name="credential_confirmed_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(state="PENDING", decided_by__isnull=True, decided_at__isnull=True)
                | Q(state__in=["CONFIRMED", "REFUSED"], decided_by__isnull=False, decided_at__isnull=False),
                name="credential_decided_iff_not_pending",
            ),
            models.CheckConstraint(
                condition=~Q(requested_by=F("user")) & (Q(decided_by__isnull=True) | ~Q(decided_by=F("user"))),
                name="credential_not_by_the_person",
            ),
            models.UniqueConstraint(
                fields=["user", "kind"], condition=Q(state="PENDING"), name="one_pending_credential_request"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_kind_display()}"


class AttemptCounter(models.Model):
    """How often one caller tried at one door in one window. An unlogged table: it begins empty after a crash."""

    caller = models.BinaryField(max_length=16)
    window_start = models.DateTimeField()
    attempts = models.PositiveIntegerField()

    objects = CredentialRequestQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "window_start"], name="one_counter_per_window")]
        indexes = [models.Index(fields=["window_start"], name="attempts_by_window")]

    def __str__(self) -> str:
        return f"{self.window_start:%H:%M} {self.attempts}"
