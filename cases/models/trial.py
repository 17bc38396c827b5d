"""Trials of policy versions on kept facts: backtests, shadow runs, replays and publish previews."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import ReferenceQuerySet
from cases.enums import TrialKind, TrialState
from cases.models.policy import PolicyVersion


class PolicyTrialQuerySet(ReferenceQuerySet["PolicyTrial"]):
    pass


class ShadowRunQuerySet(ReferenceQuerySet["ShadowRun"]):
    pass


class PolicyTrial(models.Model):
    """
    One version over the facts of one business date or several, compared with another version or with what was
    recorded. It reads the portfolio and writes nothing but this row.

    Workers take one range of borrowers at a time: `working_on` and `next_borrower` are where the next range begins;
    lease and epoch decide which worker may take it. `figures` has one entry for each day (rules/trials/trial_figures.py).
    """

    kind = models.CharField(_("kind"), max_length=10, choices=TrialKind.choices)
    version = models.ForeignKey(PolicyVersion, models.PROTECT, verbose_name=_("policy version"), related_name="trials")
    against = models.ForeignKey(
        PolicyVersion, models.PROTECT, verbose_name=_("compared with"), null=True, blank=True, related_name="+"
    )
    # The rules as they were when the trial was asked for: a draft may change while it is tried.
    body = models.JSONField(_("rules"))
    business_date = models.DateField(_("from business date"))
    until_date = models.DateField(_("to business date"))
    state = models.CharField(_("state"), max_length=10, choices=TrialState.choices, default=TrialState.QUEUED)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("asked for by"),
        null=True,
        blank=True,
        related_name="+",
    )
    asked_at = models.DateTimeField(_("asked for at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    figures = models.JSONField(_("figures"), default=list, blank=True)
    # Keys of a uniform sample of borrowers that only this version would visit; the preview asks the conduct guard about them.
    sample = models.JSONField(_("sample"), default=list, blank=True)
    account_count = models.PositiveIntegerField(_("accounts"), default=0)
    done_count = models.PositiveIntegerField(_("accounts judged"), default=0)
    working_on = models.DateField(_("working on"), null=True, blank=True)
    next_borrower = models.BigIntegerField(_("next borrower"), default=0)
    epoch = models.PositiveIntegerField(_("epoch"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    updated_at = models.DateTimeField(_("updated at"))

    objects = PolicyTrialQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy trial")
        verbose_name_plural = _("policy trials")
        constraints = [
            models.CheckConstraint(
                condition=Q(until_date__gte=F("business_date")), name="trial_ends_on_or_after_its_start"
            ),
            models.UniqueConstraint(
                fields=["version", "business_date"],
                condition=Q(kind=TrialKind.SHADOW),
                name="one_shadow_a_version_and_day",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=Q(state__in=[TrialState.QUEUED, TrialState.RUNNING]), name="trial_open"
            ),
            models.Index(fields=["version", "kind", "business_date"], name="trial_by_version"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.business_date}"


class ShadowRun(models.Model):
    """A version that is compared with those in force after each finished night, without any effect."""

    version = models.ForeignKey(PolicyVersion, models.PROTECT, verbose_name=_("policy version"), related_name="shadows")
    from_date = models.DateField(_("from business date"))
    until_date = models.DateField(_("to business date"))
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("set by"), related_name="+")
    created_at = models.DateTimeField(_("created at"))
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True)

    objects = ShadowRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("shadow run")
        verbose_name_plural = _("shadow runs")
        constraints = [
            models.CheckConstraint(condition=Q(until_date__gte=F("from_date")), name="shadow_ends_after_start"),
            models.UniqueConstraint(
                fields=["version"], condition=Q(ended_at__isnull=True), name="one_running_shadow_a_version"
            ),
        ]

    def __str__(self) -> str:
        return f"{TrialKind.SHADOW.label} {self.from_date}"
