"""Policies that risk managers own, and what the risk department has put under review."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory
from backoffice.core.scoping import ReferenceQuerySet
from cases.enums import PolicyState


class PolicyQuerySet(ReferenceQuerySet["Policy"]):
    pass


class PolicyVersionQuerySet(ReferenceQuerySet["PolicyVersion"]):
    pass


class StrategyUpgradeQuerySet(ReferenceQuerySet["StrategyUpgrade"]):
    pass


class Policy(models.Model):
    """A named policy; its versions carry the rules."""

    name = models.CharField(_("name"), max_length=60, unique=True)
    created_at = models.DateTimeField(_("created at"))

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """
    One version of a policy. The body (see rules/policy.py) does not change once submitted: a trigger in the
    database refuses it. Proposer and approver are different people.
    """

    policy = models.ForeignKey(Policy, models.PROTECT, verbose_name=_("policy"), related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    body = models.JSONField(_("rules"))
    state = models.CharField(_("state"), max_length=12, choices=PolicyState.choices, default=PolicyState.DRAFT)
    note = models.CharField(_("what changed"), max_length=300, blank=True)
    effective_from = models.DateField(_("effective from"), null=True, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("proposed by"), null=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("approved by"), null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = PolicyVersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy version")
        verbose_name_plural = _("policy versions")
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="one_number_a_version"),
            models.UniqueConstraint(fields=["policy"], condition=Q(state="ACTIVE"), name="one_active_version_a_policy"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("proposed_by")), name="policy_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="policy_approved_at_iff_approved_by",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.policy_id}.{self.number}"


class StrategyUpgrade(models.Model):
    """The risk department puts a territory or segment under review for a while (the article's first reason)."""

    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name=_("territory"), null=True, blank=True)
    segment = models.CharField(_("segment"), max_length=40, blank=True)
    starts_on = models.DateField(_("starts on"))
    ends_on = models.DateField(_("ends on"))
    reason = models.CharField(_("reason"), max_length=300)
    raised_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("raised by"), related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("approved by"), null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))

    objects = StrategyUpgradeQuerySet.as_manager()

    class Meta:
        verbose_name = _("strategy upgrade")
        verbose_name_plural = _("strategy upgrades")
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="upgrade_ends_after_start"),
            models.CheckConstraint(condition=Q(territory__isnull=False) | ~Q(segment=""), name="upgrade_names_a_part"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("raised_by")), name="upgrade_four_eyes"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.territory_id or self.segment} {self.starts_on}"
