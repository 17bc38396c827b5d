"""Household visits: one stop of a crew at one door, for one or several people who live there."""

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import ScopedQuerySet
from visits.models.crew import CrewMember


class HouseholdVisitQuerySet(ScopedQuerySet["HouseholdVisit"]):
    """Household visits are read through their orders, by whoever sees those; on their own nobody of a territory reads them."""


class HouseholdVisit(models.Model):
    """
    One stop at one door: who goes and when it begins. Each planned order belongs to one, which never changes.

    The orders of people who are visited together share it. It is made with the plan; orders that move to another crew or
    time get another one. The database keeps pair and beginning of each order equal to those of its household visit
    (constraint `visit_goes_with_its_household` of the orders' table).
    """

    # Made before the row is: orders of one plan name it before they are written.
    id = models.UUIDField(_("reference"), primary_key=True, default=uuid4, editable=False)
    lead = models.ForeignKey(CrewMember, models.PROTECT, verbose_name=_("lead"), related_name="+")
    second = models.ForeignKey(CrewMember, models.PROTECT, verbose_name=_("companion"), related_name="+")
    starts_at = models.DateTimeField(_("begins at"))

    objects = HouseholdVisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("household visit")
        verbose_name_plural = _("household visits")
        constraints = [
            # What the orders refer to.
            models.UniqueConstraint(
                fields=["id", "lead", "second", "starts_at"], name="household_visit_as_referred_to"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
