"""Planning runs: which day, crews and orders somebody asked to plan, how far a worker is, and what came of each order."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory
from backoffice.core.scoping import ScopedQuerySet
from visits.models.crew import CrewMember
from visits.models.order import OfVisitQuerySet, VisitOrder
from visits.planning_enums import LetterState, PlanningKind, PlanningOutcome, PlanningPhase, PlanningState


class PlanningRunQuerySet(ScopedQuerySet["PlanningRun"]):
    territory_path = "territory"


class PlanningCrewQuerySet(ScopedQuerySet["PlanningCrew"]):
    territory_path = "run__territory"


class PlanningOrderQuerySet(ScopedQuerySet["PlanningOrder"]):
    territory_path = "run__territory"


class LetterDueQuerySet(OfVisitQuerySet):
    territory_path = "order__case__territory"
    order_path = "order"


class PlanningRun(models.Model):
    """
    One search for the routes of a day, asked for by a person and done by a worker.

    A worker holds a run until `leased_until`; `epoch` grows with each worker, so that one whose lease has ended writes
    nothing. `seconds` is the longest that the search may take.
    """

    kind = models.CharField(_("kind"), max_length=10, choices=PlanningKind.choices, default=PlanningKind.DAY)
    state = models.CharField(_("state"), max_length=10, choices=PlanningState.choices, default=PlanningState.WAITING)
    phase = models.CharField(_("phase"), max_length=10, choices=PlanningPhase.choices, default=PlanningPhase.FACTS)
    day = models.DateField(_("day"))
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name=_("territory"), related_name="+")
    seconds = models.PositiveSmallIntegerField(_("seconds of search"))
    seed = models.PositiveIntegerField(_("seed"), default=1)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("requested by"), null=True, related_name="+"
    )
    requested_at = models.DateTimeField(_("requested at"))
    began_at = models.DateTimeField(_("began at"), null=True)
    search_began_at = models.DateTimeField(_("search began at"), null=True)
    search_ended_at = models.DateTimeField(_("search ended at"), null=True)
    finished_at = models.DateTimeField(_("ended at"), null=True)
    leased_until = models.DateTimeField(_("leased until"), null=True)
    epoch = models.PositiveIntegerField(_("epoch"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    # The code of what ended a run that failed.
    problem = models.CharField(_("problem"), max_length=40, blank=True)
    planned_count = models.PositiveIntegerField(_("planned"), default=0)
    refused_count = models.PositiveIntegerField(_("not planned"), default=0)
    distance_m = models.PositiveIntegerField(_("metres of all routes"), default=0)
    updated_at = models.DateTimeField(_("updated at"))

    objects = PlanningRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("planning run")
        verbose_name_plural = _("planning runs")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["FINISHED", "FAILED"], finished_at__isnull=False)
                | (~Q(state__in=["FINISHED", "FAILED"]) & Q(finished_at__isnull=True)),
                name="planning_ended_at_iff_ended",
            ),
        ]
        indexes = [
            models.Index(fields=["territory", "day", "-id"], name="planning_of_a_day"),
            models.Index(
                fields=["requested_at"], condition=Q(state__in=["WAITING", "RUNNING"]), name="planning_unfinished"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d} {self.pk}"


class PlanningCrew(models.Model):
    """
    A pair of a planning run. Without a base they start from the middle of their stops.

    `is_out` marks the pair whose visits are shared out among the others.
    """

    run = models.ForeignKey(PlanningRun, models.CASCADE, verbose_name=_("planning run"), related_name="crews")
    number = models.PositiveSmallIntegerField(_("number"))
    lead = models.ForeignKey(CrewMember, models.PROTECT, verbose_name=_("lead"), related_name="+")
    second = models.ForeignKey(CrewMember, models.PROTECT, verbose_name=_("companion"), related_name="+")
    # Degrees, WGS 84. An office or a meeting point, never somebody's home.
    latitude = models.FloatField(_("latitude"), null=True)
    longitude = models.FloatField(_("longitude"), null=True)
    is_out = models.BooleanField(_("cannot go"), default=False)

    objects = PlanningCrewQuerySet.as_manager()

    class Meta:
        verbose_name = _("crew of a planning run")
        verbose_name_plural = _("crews of a planning run")
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="one_crew_a_number"),
            models.CheckConstraint(condition=~Q(lead=F("second")), name="planning_crew_is_a_pair"),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.number}"


class PlanningOrder(models.Model):
    """
    An order of a planning run and what came of it.

    `refusals` holds what the conduct rules have against it: {"rule": code, "until": instant or ""} for each. `reason` is
    a code of `UnassignedReason`, or "STATE" where the order could not be planned any more.
    """

    run = models.ForeignKey(PlanningRun, models.CASCADE, verbose_name=_("planning run"), related_name="candidates")
    order = models.ForeignKey(VisitOrder, models.CASCADE, verbose_name=_("visit order"), related_name="planning")
    outcome = models.CharField(
        _("outcome"), max_length=10, choices=PlanningOutcome.choices, default=PlanningOutcome.OPEN
    )
    refusals = models.JSONField(_("refusals"), default=list)
    reason = models.CharField(_("reason"), max_length=20, blank=True)

    objects = PlanningOrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order of a planning run")
        verbose_name_plural = _("orders of a planning run")
        constraints = [models.UniqueConstraint(fields=["run", "order"], name="one_order_a_planning_run")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.order_id}"


class LetterDue(models.Model):
    """A letter that a worker makes for an order's plan. An order waits for one letter at most."""

    order = models.ForeignKey(VisitOrder, models.CASCADE, verbose_name=_("visit order"), related_name="letters_due")
    state = models.CharField(_("state"), max_length=10, choices=LetterState.choices, default=LetterState.WAITING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    leased_until = models.DateTimeField(_("leased until"), null=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = LetterDueQuerySet.as_manager()

    class Meta:
        verbose_name = _("letter to be made")
        verbose_name_plural = _("letters to be made")
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(state="WAITING"), name="one_letter_due_an_order"),
        ]
        indexes = [models.Index(fields=["id"], condition=Q(state="WAITING"), name="letters_due")]

    def __str__(self) -> str:
        return f"{self.order_id} {self.state}"
