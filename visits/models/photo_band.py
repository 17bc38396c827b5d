"""The index of photographs: each hash filed under its bands, so that look-alikes are found among all that were ever sent."""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from visits.models.order import OfVisitQuerySet
from visits.models.report import Evidence


class HashBits(models.Field[bytes, bytes]):
    """256 bits, given and read as 32 bytes. PostgreSQL counts the differing bits of two of them in one instruction."""

    def db_type(self, connection: Any) -> str:
        """Return the column's type."""
        return "bit(256)"

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Write bytes as PostgreSQL reads bits."""
        return None if value is None else bits_of(bytes(value))

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> bytes | None:
        """Read bits as bytes."""
        return None if value is None else int(str(value), 2).to_bytes(32)


def bits_of(pdq: bytes) -> str:
    """Return a hash of 32 bytes as PostgreSQL writes 256 bits."""
    return f"{int.from_bytes(pdq):0256b}"


class PhotoBandQuerySet(OfVisitQuerySet):
    territory_path = "evidence__report__order__case__territory"
    order_path = "evidence__report__order"


class PhotoBand(models.Model):
    """
    One band of one hash of a photograph; see rules/report/lookalikes.py. Sixteen rows a hash, eight hashes a photograph at most.

    The whole hash stands in the index beside the band, so that a look-up reads the index alone.
    """

    class Part(models.TextChoices):
        WHOLE = "WHOLE", _("The whole picture")
        TRIMMED = "TRIMMED", _("Without borders and caption strips")
        NO_TOP = "NO_TOP", _("Without a strip above")
        NO_BOTTOM = "NO_BOTTOM", _("Without a strip below")
        CROP_95 = "CROP_95", _("The middle 95 %")
        CROP_90 = "CROP_90", _("The middle 90 %")
        CROP_85 = "CROP_85", _("The middle 85 %")
        CROP_80 = "CROP_80", _("The middle 80 %")

    evidence = models.ForeignKey(
        Evidence, models.CASCADE, verbose_name=_("evidence"), related_name="bands", db_index=False
    )
    part = models.CharField(_("part"), max_length=9, choices=Part.choices)
    band_key = models.IntegerField(_("band"))
    pdq = HashBits(_("perceptual hash"))

    objects = PhotoBandQuerySet.as_manager()

    class Meta:
        verbose_name = _("band of a photograph")
        verbose_name_plural = _("bands of photographs")
        constraints = [models.UniqueConstraint(fields=["evidence", "part", "band_key"], name="one_row_a_band")]
        indexes = [models.Index(fields=["band_key"], include=["pdq", "evidence"], name="photographs_by_band")]

    def __str__(self) -> str:
        return f"{self.evidence_id} {self.part} {self.band_key}"
