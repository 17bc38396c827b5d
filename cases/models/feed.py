"""What is known of each source of accounts: how new its figures are, when its files came, how many accounts are behind."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import ReferenceQuerySet


class SourceFreshnessQuerySet(ReferenceQuerySet["SourceFreshness"]):
    pass


class SourceFreshness(models.Model):
    """
    One source of accounts (a profile's `source`).

    The end of an intake writes `newest_as_of` and `arrivals`; the preview of a nightly run counts the accounts, so that no
    page has to read them.
    """

    source = models.CharField(_("source"), max_length=60, unique=True, blank=True)
    newest_as_of = models.DateField(_("newest figures"))
    # The first finished file of accounts of each of the last days, newest first.
    arrivals = ArrayField(models.DateTimeField(), verbose_name=_("files came at"), default=list, blank=True)
    # Of the last preview of each job; null until there was one. Closed accounts, and those that a snapshot no longer
    # names, are not counted.
    overdue_count = models.PositiveIntegerField(_("overdue accounts"), null=True, blank=True)
    older_count = models.PositiveIntegerField(_("overdue accounts with old figures"), null=True, blank=True)
    open_count = models.PositiveIntegerField(_("open accounts"), null=True, blank=True)
    updated_at = models.DateTimeField(_("updated at"))

    objects = SourceFreshnessQuerySet.as_manager()

    class Meta:
        verbose_name = _("freshness of a source")
        verbose_name_plural = _("freshness of sources")

    def __str__(self) -> str:
        return self.source
