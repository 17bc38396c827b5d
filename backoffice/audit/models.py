"""The audit chain and the access log. Append-only: a trigger in the database refuses anything else."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import NOTHING, ScopedQuerySet

READERS = ("AUDITOR", "ADMINISTRATOR")


class TrailQuerySet(ScopedQuerySet[Any]):
    """Only auditors and administrators read the trail."""

    def scope_for(self, user: Any) -> Q:
        return Q() if user.role in READERS else NOTHING


class AuditHead(models.Model):
    """One row: the end of the chain. Locking it puts entries in one order without forks."""

    id = models.SmallAutoField(primary_key=True)
    sequence = models.BigIntegerField(default=0)
    hash = models.BinaryField(default=b"")

    def __str__(self) -> str:
        return f"head at {self.sequence}"


class AuditEntry(models.Model):
    """
    One write of one service: who, what, on which record. No foreign keys, so history never blocks or
    follows a deletion; no personal data, since it is kept for ever.
    """

    sequence = models.BigIntegerField(_("sequence"), primary_key=True)
    at = models.DateTimeField(_("at"))
    actor_id = models.BigIntegerField(_("actor"), null=True)
    actor_name = models.CharField(_("actor's name"), max_length=60, blank=True)
    action = models.CharField(_("action"), max_length=60)
    subject_type = models.CharField(_("record type"), max_length=60)
    subject_id = models.CharField(_("record"), max_length=60)
    body = models.JSONField(_("what changed"), default=dict)
    previous_hash = models.BinaryField()
    hash = models.BinaryField(unique=True)

    objects = TrailQuerySet.as_manager()

    class Meta:
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit entries")
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "sequence"], name="audit_by_subject"),
            models.Index(fields=["actor_id", "sequence"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"#{self.sequence} {self.action}"


class AccessEntry(models.Model):
    """Who saw which personal data in clear, and for what purpose."""

    at = models.DateTimeField(_("at"))
    actor_id = models.BigIntegerField(_("actor"))
    actor_name = models.CharField(_("actor's name"), max_length=60)
    subject_type = models.CharField(_("record type"), max_length=60)
    subject_id = models.CharField(_("record"), max_length=60)
    fields = models.JSONField(_("fields"), default=list)
    purpose = models.CharField(_("purpose"), max_length=200)

    objects = TrailQuerySet.as_manager()

    class Meta:
        verbose_name = _("access entry")
        verbose_name_plural = _("access log")
        indexes = [models.Index(fields=["subject_type", "subject_id", "-at"], name="access_by_subject")]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.subject_type} {self.subject_id}"
