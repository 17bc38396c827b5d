"""Decisions: append-only records with reasons, four eyes, an end and a way back."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import ScopedQuerySet
from backoffice.core.sealed.fields import SealedField
from cases.enums import (
    ADVERSE_KINDS,
    DecisionGround,
    DecisionKind,
    DecisionOrigin,
    DecisionState,
)
from cases.models.account import Account
from cases.models.borrower import Borrower
from cases.models.case import Case
from cases.models.policy import PolicyVersion
from cases.models.verification import Verification

OPEN_STATES = ["PROPOSED", "APPROVED", "SENT", "ACKNOWLEDGED"]
IN_FORCE = ["APPROVED", "SENT", "ACKNOWLEDGED", "EXPIRED", "REVERSED", "LIFTED"]


def _amount(name: str) -> Cast:
    return Cast(KT(f"terms__{name}"), models.DecimalField(max_digits=24, decimal_places=5))


def _lowers(name: str) -> Q:
    return Q(LessThan(_amount(name), _amount("before")), GreaterThanOrEqual(_amount(name), Value(0)))


class DecisionQuerySet(ScopedQuerySet["Decision"]):
    """Decisions, seen by the territory of their account."""

    territory_path = "account__territory"


class Decision(models.Model):
    """
    One decision on one account: help, restrict or reward.

    `terms` holds what it would change (rules/decisions.py), `reasons` the codes of the sentences in the borrower's letter.
    Of a changed limit or rate `terms` also holds the value `before`, at the proposal, so that the database refuses the wrong
    direction. Adverse kinds need a person who approved, different from the proposer; favourable ones may be approved by the
    policy version that people approved before (`approved_under`); some take two people (`approvals_needed`). What people write may name people, so it is sealed, each text
    bound to a reference of its own: `explanation`, the proposer's words to the borrower, and `approval_note` and `second_note`, the
    approvers' notes or the reason of a rejection. So are the borrower's `means`.
    """

    borrower = models.ForeignKey(Borrower, models.PROTECT, verbose_name=_("borrower"), related_name="decisions")
    account = models.ForeignKey(Account, models.PROTECT, verbose_name=_("account"), related_name="decisions")
    case = models.ForeignKey(
        Case, models.PROTECT, verbose_name=_("case"), null=True, blank=True, related_name="decisions"
    )
    verification = models.ForeignKey(
        Verification, models.PROTECT, verbose_name=_("verification"), null=True, blank=True, related_name="decisions"
    )
    policy_version = models.ForeignKey(
        PolicyVersion, models.PROTECT, verbose_name=_("policy version"), related_name="+"
    )
    kind = models.CharField(_("kind"), max_length=20, choices=DecisionKind.choices)
    origin = models.CharField(_("origin"), max_length=15, choices=DecisionOrigin.choices)
    state = models.CharField(_("state"), max_length=15, choices=DecisionState.choices, default=DecisionState.PROPOSED)
    reasons = models.JSONField(_("reasons"), default=list)
    terms = models.JSONField(_("terms"), default=dict)
    business_date = models.DateField(_("business date"))
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("proposed by"), null=True, blank=True, related_name="+"
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("approved by"), null=True, blank=True, related_name="+"
    )
    approved_under = models.ForeignKey(
        PolicyVersion, models.PROTECT, verbose_name=_("approved under policy"), null=True, blank=True, related_name="+"
    )
    approved_at = models.DateTimeField(_("approved at"), null=True, blank=True)
    # Who was away, where the approver decided as their stand-in.
    approved_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("approved for"), null=True, related_name="+"
    )
    second_approved_for = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("approved second for"), null=True, related_name="+"
    )
    # One or two people (rules/approval_matrix.py). While the second is missing the decision stays a proposal.
    approvals_needed = models.PositiveSmallIntegerField(_("approvals needed"), default=1, db_default=1)
    second_approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("approved second by"), null=True, related_name="+"
    )
    second_approved_at = models.DateTimeField(_("approved second at"), null=True, blank=True)
    ground = models.CharField(_("ground"), max_length=25, choices=DecisionGround.choices, blank=True)
    note_ref = models.UUIDField(null=True, blank=True, editable=False)
    approval_note = SealedField(_("approver's note"), bound_to="note_ref", null=True, default=None)
    second_note_ref = models.UUIDField(null=True, blank=True, editable=False)
    second_note = SealedField(_("second approver's note"), bound_to="second_note_ref", null=True, default=None)
    explanation_ref = models.UUIDField(null=True, blank=True, editable=False)
    explanation = SealedField(_("explanation"), bound_to="explanation_ref", null=True, default=None)
    # Income and expenses in a month that a plan is sized by, as JSON of rules/plans/means.py; null where nobody was asked.
    means_ref = models.UUIDField(null=True, blank=True, editable=False)
    means = SealedField(_("income and expenses"), bound_to="means_ref", null=True, default=None)
    effective_on = models.DateField(_("effective on"), null=True, blank=True)
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | Q(proposed_by__isnull=True) | ~Q(approved_by=F("proposed_by")),
                name="decision_four_eyes",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=IN_FORCE) | Q(approved_by__isnull=False) | Q(approved_under__isnull=False),
                name="decision_in_force_was_approved",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[str(k) for k in ADVERSE_KINDS], state__in=IN_FORCE)
                | Q(approved_by__isnull=False),
                name="decision_adverse_has_a_person",
            ),
            models.CheckConstraint(
                condition=~Q(kind__in=[str(k) for k in ADVERSE_KINDS]) | Q(expires_on__isnull=False),
                name="decision_adverse_expires",
            ),
            models.CheckConstraint(
                condition=Q(second_approved_by__isnull=True)
                | Q(approved_by__isnull=False)
                & ~Q(second_approved_by=F("approved_by"))
                & (Q(proposed_by__isnull=True) | ~Q(second_approved_by=F("proposed_by"))),
                name="decision_second_approver_is_another",
            ),
            # A stand-in is not a second person beside the one for whom they decide.
            models.CheckConstraint(
                condition=(Q(second_approved_for__isnull=True) | ~Q(second_approved_for=F("approved_by")))
                & (Q(approved_for__isnull=True) | Q(proposed_by__isnull=True) | ~Q(approved_for=F("proposed_by"))),
                name="decision_stand_in_is_not_the_other",
            ),
            models.CheckConstraint(
                condition=Q(approvals_needed=1)
                | Q(approvals_needed=2) & (~Q(state__in=IN_FORCE) | Q(second_approved_by__isnull=False)),
                name="decision_in_force_has_all_approvals",
            ),
            # `before` is the value at the proposal. Decisions from before it was kept have none and pass.
            models.CheckConstraint(
                condition=(~Q(kind=DecisionKind.LIMIT_INCREASE) | Q(GreaterThan(_amount("limit"), _amount("before"))))
                & (~Q(kind=DecisionKind.LIMIT_CUT) | _lowers("limit"))
                & (~Q(kind__in=(DecisionKind.RATE_REDUCTION, DecisionKind.RATE_RELIEF)) | _lowers("rate")),
                name="decision_changes_in_its_direction",
            ),
            models.CheckConstraint(
                condition=~Q(kind=DecisionKind.RATE_RELIEF) | Q(expires_on__isnull=False),
                name="decision_relief_expires",
            ),
            models.UniqueConstraint(
                fields=["account", "kind"],
                condition=Q(state__in=OPEN_STATES[:3]),
                name="one_pending_decision_of_a_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "id"], name="decision_worklist"),
            models.Index(fields=["expires_on"], condition=Q(state="ACKNOWLEDGED"), name="decision_expiring"),
        ]

    def __str__(self) -> str:
        return f"D{self.pk:07d}" if self.pk else "D"

    @property
    def is_adverse(self) -> bool:
        """Whether it takes something from the borrower."""
        return self.kind in ADVERSE_KINDS

    @property
    def approvals_given(self) -> int:
        """How many approvals it has; the policy version that approves a reward counts as one."""
        return sum(
            who is not None for who in (self.approved_by_id or self.approved_under_id, self.second_approved_by_id)
        )
