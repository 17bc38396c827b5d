"""Records of nightly work: runs, their chunks, and accounts set aside."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import ReferenceQuerySet
from cases.enums import ChunkState, Job, RunState
from cases.models.policy import PolicyVersion


class EvaluationRunQuerySet(ReferenceQuerySet["EvaluationRun"]):
    pass


class EvaluationChunkQuerySet(ReferenceQuerySet["EvaluationChunk"]):
    pass


class QuarantineQuerySet(ReferenceQuerySet["Quarantine"]):
    pass


class EvaluationRun(models.Model):
    """
    One job for one business date. Asked for again it makes another pass over the same row, and finds nothing to
    change where nothing changed.
    """

    job = models.CharField(_("job"), max_length=12, choices=Job.choices)
    business_date = models.DateField(_("business date"))
    policy_version = models.ForeignKey(
        PolicyVersion, models.PROTECT, verbose_name=_("policy version"), related_name="+"
    )
    state = models.CharField(_("state"), max_length=12, choices=RunState.choices, default=RunState.RUNNING)
    passes = models.PositiveIntegerField(_("passes"), default=1)
    started_at = models.DateTimeField(_("started at"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    account_count = models.PositiveIntegerField(_("accounts"), default=0)
    hit_count = models.PositiveIntegerField(_("hits"), default=0)
    opened_count = models.PositiveIntegerField(_("opened"), default=0)
    closed_count = models.PositiveIntegerField(_("closed"), default=0)
    proposed_count = models.PositiveIntegerField(_("decisions proposed"), default=0)
    quarantined_count = models.PositiveIntegerField(_("set aside"), default=0)
    # Accounts in a currency for which the policy gives no rate: no amount of theirs can be compared.
    uncompared_count = models.PositiveIntegerField(_("currency without a rate"), default=0)
    updated_at = models.DateTimeField(_("updated at"))

    objects = EvaluationRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("evaluation run")
        verbose_name_plural = _("evaluation runs")
        constraints = [models.UniqueConstraint(fields=["job", "business_date"], name="one_run_a_business_date")]

    def __str__(self) -> str:
        return f"{self.get_job_display()} {self.business_date}"


class EvaluationChunk(models.Model):
    """
    A range of borrowers [lower, upper) worked in one transaction.

    A worker holds it by lease and epoch; what it writes is committed only while its epoch still holds.
    """

    run = models.ForeignKey(EvaluationRun, models.CASCADE, verbose_name=_("run"), related_name="chunks")
    lower = models.BigIntegerField(_("from borrower"))
    upper = models.BigIntegerField(_("before borrower"))
    state = models.CharField(_("state"), max_length=10, choices=ChunkState.choices, default=ChunkState.READY)
    epoch = models.PositiveIntegerField(_("epoch"), default=0)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    leased_until = models.DateTimeField(_("leased until"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
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
            models.UniqueConstraint(
                fields=["run", "lower"], condition=~Q(state="SPLIT"), name="one_living_chunk_a_range"
            ),
        ]
        indexes = [models.Index(fields=["run", "id"], condition=Q(state__in=["READY", "LEASED"]), name="chunk_open")]

    def __str__(self) -> str:
        return f"{self.run_id} [{self.lower}, {self.upper})"


class Quarantine(models.Model):
    """A borrower whose evaluation failed again and again, set aside so that the rest could finish."""

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
