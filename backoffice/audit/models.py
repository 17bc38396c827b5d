"""
The audit trail and the access log, each a chain of hashes. The database refuses to change or delete an entry.

A trigger moves the head of a chain when an entry is inserted that follows it; nothing else may change a head.
"""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.audit.chain import ENTRY_FORMAT
from backoffice.audit.enums import AccessPurpose, Chain
from backoffice.core.scoping import NOTHING, ScopedQuerySet
from backoffice.core.sealed.fields import SealedField

READERS = ("AUDITOR", "ADMINISTRATOR")


class TrailQuerySet(ScopedQuerySet[Any]):
    """Only auditors and administrators read the trail."""

    def scope_for(self, user: Any) -> Q:
        """Return everything for a reader of the trail, nothing for everybody else."""
        return Q() if user.role in READERS else NOTHING


class AuditHead(models.Model):
    """The end of one chain (`Chain`). Locking the row puts the chain's entries in one order, without forks."""

    id = models.SmallAutoField(primary_key=True)
    sequence = models.BigIntegerField(default=0)
    hash = models.BinaryField(default=b"")

    def __str__(self) -> str:
        return f"{Chain(self.pk).name} at {self.sequence}"


class AuditEntry(models.Model):
    """
    One write of one service: who, what, on which record.

    It has no foreign keys, so that it neither blocks a deletion nor is deleted by one, and no personal data, since it
    is kept for ever. `format` says how its hash is computed (`chain.entry_hash`).
    """

    sequence = models.BigIntegerField(_("sequence"), primary_key=True)
    at = models.DateTimeField(_("at"))
    actor_id = models.BigIntegerField(_("actor"), null=True)
    actor_name = models.CharField(_("actor's name"), max_length=60, blank=True)
    action = models.CharField(_("action"), max_length=60)
    subject_type = models.CharField(_("record type"), max_length=60)
    subject_id = models.CharField(_("record"), max_length=60)
    body = models.JSONField(_("what changed"), default=dict)
    format = models.PositiveSmallIntegerField(_("format"), default=ENTRY_FORMAT, editable=False)
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
    """
    Who saw which personal data in clear, and for what purpose.

    The note may name people, so it is sealed. The hash covers its ciphertext: destroying the key that opens it leaves
    the chain verifiable.
    """

    sequence = models.BigIntegerField(_("sequence"), unique=True)
    at = models.DateTimeField(_("at"))
    actor_id = models.BigIntegerField(_("actor"))
    actor_name = models.CharField(_("actor's name"), max_length=60)
    subject_type = models.CharField(_("record type"), max_length=60)
    subject_id = models.CharField(_("record"), max_length=60)
    fields = models.JSONField(_("fields"), default=list)
    purpose = models.CharField(_("purpose"), max_length=20, choices=AccessPurpose.choices)
    note = SealedField(_("note"), bound_to="sequence")
    previous_hash = models.BinaryField()
    hash = models.BinaryField(unique=True)

    objects = TrailQuerySet.as_manager()

    class Meta:
        verbose_name = _("access entry")
        verbose_name_plural = _("access log")
        indexes = [models.Index(fields=["subject_type", "subject_id", "-at"], name="access_by_subject")]
        constraints = [
            models.CheckConstraint(condition=Q(purpose__in=AccessPurpose.values), name="access_purpose_is_listed"),
            models.CheckConstraint(
                condition=~Q(purpose=AccessPurpose.OTHER) | ~Q(note=b""), name="access_for_another_purpose_has_a_note"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.subject_type} {self.subject_id}"
