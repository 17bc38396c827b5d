"""The one table of the wiring: when the processes behind the pages last gave a sign of life."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import NOTHING, ScopedQuerySet


class ProcessSignQuerySet(ScopedQuerySet["ProcessSign"]):
    """Rows that only `/readyz` and `/metrics` read."""

    def scope_for(self, user: Any) -> Q:
        """Return nothing: no page shows these rows."""
        return NOTHING


class ProcessSign(models.Model):
    """The last sign of life of the worker or of beat, by the clock of the database."""

    process = models.CharField(_("process"), max_length=20, primary_key=True)
    seen_at = models.DateTimeField(_("seen at"))

    objects = ProcessSignQuerySet.as_manager()

    class Meta:
        verbose_name = _("sign of life")
        verbose_name_plural = _("signs of life")

    def __str__(self) -> str:
        return self.process
