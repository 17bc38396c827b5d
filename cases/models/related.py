"""People around a borrower's debt: co-borrowers, guarantors, representatives, contact persons. Personal data is sealed."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.core.sealed.fields import BlindIndexField, SealedField, masked
from backoffice.core.sealed.sealing import masked_name, masked_tail
from cases.enums import RelatedRole
from cases.models.borrower import Borrower, OfBorrowerQuerySet


class RelatedPerson(models.Model):
    """Somebody whom a borrower named or whom a contract binds; `role` says what may be said to them."""

    borrower = models.ForeignKey(Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="related_people")
    external_ref = models.CharField(_("reference"), max_length=80, unique=True)
    role = models.CharField(_("role"), max_length=20, choices=RelatedRole.choices)
    name = SealedField(_("full name"))
    name_index = BlindIndexField(of="name", kind="name")
    id_number = SealedField(_("identity number"))
    id_number_index = BlindIndexField(of="id_number", kind="id_number")
    number = SealedField(_("number"))
    number_index = BlindIndexField(of="number", kind="phone")
    since_on = models.DateField(_("since"), null=True, blank=True)
    ends_on = models.DateField(_("counts until"), null=True, blank=True)
    # Digest of the feed's row: the sealed fields are written again only if it has changed.
    source_digest = models.BinaryField(default=b"", db_default=b"", editable=False)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    masked_name = masked(masked_name, "name")
    masked_id_number = masked(masked_tail, "id_number")
    masked_number = masked(masked_tail, "number")

    objects: Any = OfBorrowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("related person")
        verbose_name_plural = _("related people")
        indexes = [
            models.Index(fields=["id_number_index"], name="related_by_id_number"),
            models.Index(fields=["number_index"], name="related_by_number"),
        ]

    def __str__(self) -> str:
        return self.external_ref
