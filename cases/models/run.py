"""Records of nightly runs: runs, their chunks, the quarantine, circuit breaker limits, and re-evaluations due."""

from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.reach import Reach
from backoffice.core.scoping import ReferenceQuerySet
from cases.enums import ChunkState, Job, Measure, RunPhase, RunState
from cases.models.borrower import Borrower, OfBorrowerQuerySet
from cases.models.policy import PolicyVersion


class EvaluationRunQuerySet(ReferenceQuerySet["EvaluationRun"]):
    pass


class EvaluationChunkQuerySet(ReferenceQuerySet["EvaluationChunk"]):
    pass


class QuarantineQuerySet(ReferenceQuerySet["Quarantine"]):
    """People of a territory see the borrowers of their territories; rows hold a number and an error, no personal data."""

    def scope_for(self, user: Any) -> Q:
        if user.reach == Reach.TERRITORY:
            # No foreign key: the row outlives its borrower.
            return Q(borrower_id__in=Borrower.objects.filter(territory__in=user.territory_ids).values("pk"))
        return super().scope_for(user)


class RunPolicyQuerySet(ReferenceQuerySet["RunPolicy"]):
    pass


class BreakerLimitQuerySet(ReferenceQuerySet["BreakerLimit"]):
    pass


class DueEvaluationQuerySet(OfBorrowerQuerySet):
    """A row is seen by those who see its borrower."""


class EvaluationRun(models.Model):
    """
    One job for one business date.

    Started again for the same date, the same row makes another pass, which changes nothing where nothing has changed.
    """

    job = models.CharField(_("job"), max_length=12, choices=Job.choices)
    business_date = models.DateField(_("business date"))
    policy_version = models.ForeignKey(
        PolicyVersion, models.PROTECT, verbose_name=_("policy version"), related_name="+"
    )
    state = models.CharField(_("state"), max_length=12, choices=RunState.choices, default=RunState.RUNNING)
    phase = models.CharField(_("phase"), max_length=12, choices=RunPhase.choices, default=RunPhase.PREVIEWING)
    passes = models.PositiveIntegerField(_("passes"), default=1)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    account_count = models.PositiveIntegerField(_("accounts"), default=0)
    hit_count = models.PositiveIntegerField(_("hits"), default=0)
    opened_count = models.PositiveIntegerField(_("opened"), default=0)
    closed_count = models.PositiveIntegerField(_("closed"), default=0)
    proposed_count = models.PositiveIntegerField(_("decisions proposed"), default=0)
    quarantined_count = models.PositiveIntegerField(_("set aside"), default=0)
    # {"effects": {Measure: count}, "of": {Measure: judged}}: what the run would do, before anything is applied.
    preview = models.JSONField(_("preview"), default=dict, blank=True)
    previewed_at = models.DateTimeField(_("previewed at"), null=True, blank=True)
    # The limits that the preview exceeded (services/evaluation/breaker.py), and who released the run all the same.
    held_because = models.JSONField(_("stopped because"), default=list, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("started by"), null=True, blank=True, related_name="+"
    )
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("released by"), null=True, blank=True, related_name="+"
    )
    released_at = models.DateTimeField(_("released at"), null=True, blank=True)
    release_note = models.CharField(_("why released"), max_length=300, blank=True)
    # A catch-up: when this run is finished the next business date begins, up to and including this one.
    catch_up_until = models.DateField(_("catches up until"), null=True, blank=True)
    # Accounts in a currency without a rate in the policy: their amounts cannot be compared.
    uncompared_count = models.PositiveIntegerField(_("currency without a rate"), default=0)
    updated_at = models.DateTimeField(_("updated at"))

    objects = EvaluationRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("evaluation run")
        verbose_name_plural = _("evaluation runs")
        constraints = [
            models.UniqueConstraint(fields=["job", "business_date"], name="one_run_a_business_date"),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True, released_at__isnull=True)
                | Q(released_by__isnull=False, released_at__isnull=False),
                name="run_released_at_iff_released_by",
            ),
            models.CheckConstraint(
                condition=Q(released_by__isnull=True) | Q(started_by__isnull=True) | ~Q(released_by=F("started_by")),
                name="run_release_four_eyes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_job_display()} {self.business_date}"


class EvaluationChunk(models.Model):
    """
    A range of borrowers [lower, upper) that is previewed, and later applied, in one transaction.

    A chunk `of_people` is a range of natural persons with several borrowers: it opens, keeps and closes their cases once
    the hits of all borrowers are written. It has no preview; hits from the number `first_hit` on are new to it.

    A worker owns it until `leased_until`. Each claim increases `epoch`, and a worker commits only while the epoch is still
    the one of its claim.
    """

    run = models.ForeignKey(EvaluationRun, models.CASCADE, verbose_name=_("run"), related_name="chunks")
    of_people = models.BooleanField(_("of people"), default=False)
    lower = models.BigIntegerField(_("from borrower"))
    upper = models.BigIntegerField(_("before borrower"))
    first_hit = models.BigIntegerField(_("first new hit"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=ChunkState.choices, default=ChunkState.READY)
    is_previewed = models.BooleanField(_("previewed"), default=False)
    preview = models.JSONField(_("preview"), default=dict, blank=True)
    epoch = models.PositiveIntegerField(_("epoch"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    # By the database's clock, for the list of the slowest chunks; null until the chunk is previewed.
    worked_ms = models.PositiveIntegerField(_("milliseconds of work"), null=True, blank=True)
    account_count = models.PositiveIntegerField(_("accounts"), default=0)
    hit_count = models.PositiveIntegerField(_("hits"), default=0)
    opened_count = models.PositiveIntegerField(_("opened"), default=0)
    closed_count = models.PositiveIntegerField(_("closed"), default=0)
    proposed_count = models.PositiveIntegerField(_("decisions proposed"), default=0)
    uncompared_count = models.PositiveIntegerField(_("currency without a rate"), default=0)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)
    updated_at = models.DateTimeField(_("updated at"))

    objects = EvaluationChunkQuerySet.as_manager()

    class Meta:
        verbose_name = _("chunk")
        verbose_name_plural = _("chunks")
        constraints = [
            models.CheckConstraint(condition=Q(upper__gt=F("lower")), name="chunk_is_not_empty"),
            models.CheckConstraint(
                condition=Q(of_people=True, first_hit__isnull=False) | Q(of_people=False, first_hit__isnull=True),
                name="chunk_of_people_knows_new_hits",
            ),
            models.UniqueConstraint(
                fields=["run", "lower"],
                condition=~Q(state="SPLIT") & Q(of_people=False),
                name="one_living_chunk_a_range",
            ),
        ]
        indexes = [models.Index(fields=["run", "id"], condition=Q(state__in=["READY", "LEASED"]), name="chunk_open")]

    def __str__(self) -> str:
        return f"{self.run_id} [{self.lower}, {self.upper})"


class Quarantine(models.Model):
    """A borrower whose evaluation failed three times and who was set aside, so that the others could be finished."""

    run = models.ForeignKey(EvaluationRun, models.CASCADE, verbose_name=_("run"), related_name="quarantined")
    borrower_id = models.BigIntegerField(_("borrower"))
    error = models.CharField(_("error"), max_length=300)
    created_at = models.DateTimeField(_("created at"))
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)

    objects = QuarantineQuerySet.as_manager()

    class Meta:
        verbose_name = _("account set aside")
        verbose_name_plural = _("accounts set aside")
        constraints = [models.UniqueConstraint(fields=["run", "borrower_id"], name="one_quarantine_a_run")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.borrower_id}"


class RunPolicy(models.Model):
    """The policy version that judges a segment in a run, as of its start. The empty segment is everybody else."""

    run = models.ForeignKey(EvaluationRun, models.CASCADE, verbose_name=_("run"), related_name="policies")
    segment = models.CharField(_("segment"), max_length=40, blank=True)
    version = models.ForeignKey(PolicyVersion, models.PROTECT, verbose_name=_("policy version"), related_name="+")

    objects = RunPolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy of a run")
        verbose_name_plural = _("policies of a run")
        constraints = [models.UniqueConstraint(fields=["run", "segment"], name="one_policy_a_segment_and_run")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.segment}"


class BreakerLimit(models.Model):
    """
    How much a run may do before a person must release it. Both limits apply to counts of `at_least` or more.

    `max_share` (0..1) is of the borrowers (opened) or accounts (rewarded, restricted) that were judged; `max_multiple` is
    of the median of the last finished runs, once there are enough of them (rules/breaker.py).

    Of accounts with old figures, those older than `max_age_days` are compared with the share alone, for each source of
    accounts; a row with a `source` holds for that source, the row without one for all others.
    """

    measure = models.CharField(_("measure"), max_length=12, choices=Measure.choices)
    source = models.CharField(
        _("source"),
        max_length=60,
        blank=True,
        help_text=_("For old figures: one source of accounts; empty for all others."),
    )
    max_share = models.DecimalField(_("largest share"), max_digits=5, decimal_places=4, default=Decimal("0.5"))
    max_multiple = models.DecimalField(_("largest multiple of the median"), max_digits=7, decimal_places=2, default=5)
    at_least = models.PositiveIntegerField(_("counts from"), default=100)
    max_age_days = models.PositiveSmallIntegerField(
        _("figures at most this old, days"),
        default=3,
        validators=[MinValueValidator(1), MaxValueValidator(365)],
        help_text=_("For old figures only."),
    )
    updated_at = models.DateTimeField(_("updated at"))

    objects = BreakerLimitQuerySet.as_manager()

    class Meta:
        verbose_name = _("circuit breaker")
        verbose_name_plural = _("circuit breakers")
        constraints = [
            models.UniqueConstraint(fields=["measure", "source"], name="one_breaker_a_measure_and_source"),
            models.CheckConstraint(
                condition=Q(source="") | Q(measure=Measure.FIGURES),
                name="breaker_source_is_of_figures",
                violation_error_message=_("Only old figures have a limit of their own for a source."),
            ),
            models.CheckConstraint(condition=Q(max_share__gt=0, max_share__lte=1), name="breaker_share_is_a_share"),
            models.CheckConstraint(condition=Q(max_multiple__gte=1), name="breaker_multiple_is_not_below_one"),
        ]

    def __str__(self) -> str:
        return f"{self.get_measure_display()} {self.source}".strip()


class DueEvaluation(models.Model):
    """A borrower to be evaluated again within seconds, because something that a rule sees has changed."""

    borrower = models.OneToOneField(Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="+")
    due_at = models.DateTimeField(_("due at"), db_index=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=300, blank=True)

    objects = DueEvaluationQuerySet.as_manager()

    class Meta:
        verbose_name = _("re-evaluation due")
        verbose_name_plural = _("re-evaluations due")

    def __str__(self) -> str:
        return str(self.borrower_id)
