"""Who reports contacts, and contacts that were made without or against a permit."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import ReferenceQuerySet
from cases.enums import BreachKind, Channel, ContactSourceKind
from cases.models.borrower import Borrower, OfBorrowerQuerySet


class ContactSourceQuerySet(ReferenceQuerySet["ContactSource"]):
    pass


class ContactSource(models.Model):
    """
    Who reports contacts: a machine client, an intake profile, the officers, an agency's visits. Made by the first report.

    From the day `permits_from` on, a contact of this source that names no permit is a breach; without a day none is
    asked of it.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=ContactSourceKind.choices)
    name = models.CharField(_("name"), max_length=80, blank=True)
    permits_from = models.DateField(_("permits needed from"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))

    objects = ContactSourceQuerySet.as_manager()

    class Meta:
        verbose_name = _("source of contacts")
        verbose_name_plural = _("sources of contacts")
        constraints = [models.UniqueConstraint(fields=["kind", "name"], name="one_contact_source")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}".strip()


class ContactBreach(models.Model):
    """
    One thing that was wrong with a contact that was made. The contact itself was taken.

    `contact_ref` is the contact's reference; contacts are dropped by month, breaches are kept.
    """

    borrower = models.ForeignKey(
        Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="contact_breaches", db_index=False
    )
    source = models.ForeignKey(ContactSource, models.PROTECT, verbose_name=_("source"), related_name="breaches")
    kind = models.CharField(_("what was wrong"), max_length=20, choices=BreachKind.choices)
    contact_ref = models.CharField(_("contact"), max_length=80)
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    attempted_at = models.DateTimeField(_("attempted at"))
    permit_ref = models.CharField(_("permit"), max_length=40, blank=True)
    created_at = models.DateTimeField(_("created at"))

    objects: Any = OfBorrowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact breach")
        verbose_name_plural = _("contact breaches")
        constraints = [models.UniqueConstraint(fields=["contact_ref", "kind"], name="one_breach_of_a_kind")]
        indexes = [
            models.Index(fields=["borrower", "attempted_at"], name="breach_by_borrower"),
            models.Index(fields=["attempted_at"], name="breach_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.contact_ref} {self.get_kind_display()}"
