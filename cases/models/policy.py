"""Policies that risk managers own, and what the risk department has put under review."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory
from backoffice.core.reach import Reach
from backoffice.core.scoping import ReferenceQuerySet, ScopedQuerySet
from cases.enums import PolicyState


class PolicyQuerySet(ReferenceQuerySet["Policy"]):
    pass


class PolicyVersionQuerySet(ReferenceQuerySet["PolicyVersion"]):
    pass


class PolicyTermQuerySet(ReferenceQuerySet["PolicyTerm"]):
    pass


class StrategyUpgradeQuerySet(ScopedQuerySet["StrategyUpgrade"]):
    """Upgrades of a person's own territories, and those that concern all territories."""

    territory_path = "territory"

    def scope_for(self, user: Any) -> Q:
        """Return everything for administrators; people of a territory also see upgrades without a territory."""
        if user.reach == Reach.CONFIGURATION:
            return Q()
        own = super().scope_for(user)
        return own | Q(territory__isnull=True) if user.reach == Reach.TERRITORY else own


class Policy(models.Model):
    """
    The policy of one segment of accounts; its versions carry the rules. The policy of the empty segment judges every
    account whose own segment has no policy in force.
    """

    name = models.CharField(_("name"), max_length=60, unique=True)
    segment = models.CharField(_("segment"), max_length=40, blank=True, default="")
    created_at = models.DateTimeField(_("created at"))

    objects = PolicyQuerySet.as_manager()

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        constraints = [models.UniqueConstraint(fields=["segment"], name="one_policy_a_segment")]

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """
    One version of a policy. The body (rules/policy/body.py) does not change once submitted: a trigger in the
    database refuses it, and only a submitted version can become a draft again. Proposer and approver are different
    people. An approved version with a day in `effective_from` comes into force on that day.
    """

    policy = models.ForeignKey(Policy, models.PROTECT, verbose_name=_("policy"), related_name="versions")
    number = models.PositiveIntegerField(_("version"))
    body = models.JSONField(_("rules"))
    state = models.CharField(_("state"), max_length=12, choices=PolicyState.choices, default=PolicyState.DRAFT)
    note = models.CharField(_("what changed"), max_length=300, blank=True)
    based_on = models.ForeignKey(
        "self", models.PROTECT, verbose_name=_("drafted from"), null=True, blank=True, related_name="+"
    )
    effective_from = models.DateField(_("effective from"), null=True, blank=True)
    # Warnings of the static checks that the proposer accepted when submitting: kind, paths and codes of each.
    accepted_warnings = models.JSONField(_("warnings accepted"), default=list, blank=True)
    # Why an approver sent it back, retired it, or put it into force again.
    review_note = models.CharField(_("reviewer's reason"), max_length=300, blank=True)
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
            models.UniqueConstraint(
                fields=["policy"], condition=Q(state=PolicyState.ACTIVE), name="one_active_version_a_policy"
            ),
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


class PolicyTerm(models.Model):
    """
    The days on which a version is in force: from `effective_from` on and before `effective_until`, by business date.

    A version that was replaced on its first day keeps a term of no days.
    """

    # A copy of the version's policy: the exclusion constraint below needs it in this table.
    policy = models.ForeignKey(Policy, models.PROTECT, verbose_name=_("policy"), related_name="terms")
    version = models.ForeignKey(PolicyVersion, models.PROTECT, verbose_name=_("policy version"), related_name="terms")
    effective_from = models.DateField(_("effective from"))
    effective_until = models.DateField(_("in force before"), null=True, blank=True)
    set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("put into force by"), null=True, related_name="+"
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = PolicyTermQuerySet.as_manager()

    class Meta:
        verbose_name = _("term of a policy")
        verbose_name_plural = _("terms of policies")
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_until__isnull=True) | Q(effective_until__gte=F("effective_from")),
                name="term_ends_after_start",
            ),
            # A range of one id instead of the id itself: GiST has no equality operator for numbers without the extension
            # btree_gist, which a managed database may not allow.
            ExclusionConstraint(
                name="one_version_in_force_a_day",
                expressions=[
                    (Func("policy_id", "policy_id", models.Value("[]"), function="int8range"), RangeOperators.OVERLAPS),
                    (
                        Func("effective_from", "effective_until", RangeBoundary(), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} {self.effective_from}"


class StrategyUpgrade(models.Model):
    """A territory or segment that the risk department puts under review for some days; the first of the four reasons for a visit."""

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
