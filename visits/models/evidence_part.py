"""Parts of a file from the door that arrives piece by piece."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from visits.models.report import OfReportQuerySet, VisitReport


class EvidencePart(models.Model):
    """
    One part of a file that a report announced, kept sealed until the file is whole; then parts and rows are deleted.

    `sha256` is of the whole file, `part_sha256` of this part. Numbers begin at 0.
    """

    report = models.ForeignKey(VisitReport, models.CASCADE, verbose_name=_("report"), related_name="parts")
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    number = models.PositiveSmallIntegerField(_("part number"))
    count = models.PositiveSmallIntegerField(_("number of parts"))
    part_sha256 = models.CharField(_("part's SHA-256"), max_length=64)
    byte_count = models.PositiveIntegerField(_("bytes"))
    file_name = models.CharField(_("file"), max_length=240)
    received_at = models.DateTimeField(_("received at"))

    objects = OfReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("part of a file")
        verbose_name_plural = _("parts of files")
        constraints = [
            models.UniqueConstraint(fields=["report", "sha256", "number"], name="one_part_a_number"),
            models.CheckConstraint(condition=Q(number__lt=F("count")), name="part_number_within_count"),
        ]
        indexes = [models.Index(fields=["received_at", "id"], name="parts_by_age")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.number + 1}/{self.count}"
