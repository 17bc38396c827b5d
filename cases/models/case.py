"""Cases, why they exist, and what happened in them."""

from collections.abc import Collection
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory
from backoffice.core.scoping import ScopedQuerySet
from backoffice.core.sealed.fields import SealedField
from cases.enums import CaseEventKind, CaseStage, CloseReason, Grade, Priority
from cases.models.account import Account
from cases.models.borrower import Borrower, OfBorrowerQuerySet
from cases.models.person import Person
from cases.models.policy import PolicyVersion


class CaseQuerySet(ScopedQuerySet["Case"]):
    """People of outside firms see no cases: what they need stands on their visit orders."""

    territory_path = "territory"

    def open(self) -> "CaseQuerySet":
        """Return the cases that are not closed."""
        return self.exclude(stage=CaseStage.CLOSED)

    def of_people_of(self, borrowers: Collection[int]) -> "CaseQuerySet":
        """Return the cases of the people that `borrowers` (ids) belong to, at whichever of their borrowers they are kept."""
        return self.filter(borrower__person_key__in=Borrower.objects.filter(pk__in=borrowers).values("person_key"))

    def due_for_visit(self) -> "CaseQuerySet":
        """Return the open cases that need a visit by a day, the earliest day first."""
        return (
            self.filter(needs_visit_by__isnull=False).exclude(stage=CaseStage.CLOSED).order_by("needs_visit_by", "pk")
        )


class OfCaseQuerySet(ScopedQuerySet[Any]):
    """Rows of a case, seen by its territory."""

    territory_path = "case__territory"


class Case(models.Model):
    """
    One person who needs attention. At most one open case each, kept at one of their borrowers.

    `person` is that of the borrower, null where it has none. A merge and its undoing change both in one transaction; the
    database refuses a new case with another person than its borrower's.
    """

    borrower = models.ForeignKey(Borrower, models.PROTECT, verbose_name=_("borrower"), related_name="cases")
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        verbose_name=_("natural person"),
        null=True,
        blank=True,
        editable=False,
        related_name="cases",
        # The index of the constraint below holds the open ones.
        db_index=False,
    )
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name=_("territory"), related_name="+")
    stage = models.CharField(_("stage"), max_length=12, choices=CaseStage.choices, default=CaseStage.OPEN)
    grade = models.CharField(_("grade"), max_length=1, choices=Grade.choices, default=Grade.C)
    priority = models.PositiveSmallIntegerField(_("priority"), choices=Priority.choices, default=Priority.NORMAL)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("owner"), null=True, blank=True, related_name="cases"
    )
    opened_on = models.DateField(_("opened on"))
    sla_due_on = models.DateField(_("to be worked by"))
    # The visits floor sweeps this day: the ground floor may not call it.
    needs_visit_by = models.DateField(_("needs a visit by"), null=True, blank=True)
    next_action_on = models.DateField(_("next action on"), null=True, blank=True)
    held_until = models.DateField(_("on hold until"), null=True, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    close_reason = models.CharField(_("closed because"), max_length=20, choices=CloseReason.choices, blank=True)
    policy_version = models.ForeignKey(
        PolicyVersion, models.PROTECT, verbose_name=_("policy version"), related_name="+"
    )
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        constraints = [
            models.UniqueConstraint(fields=["borrower"], condition=~Q(stage="CLOSED"), name="one_open_case_a_borrower"),
            models.UniqueConstraint(
                fields=["person"],
                condition=~Q(stage="CLOSED") & Q(person__isnull=False),
                name="one_open_case_a_person",
            ),
            models.CheckConstraint(
                condition=Q(stage="CLOSED", closed_on__isnull=False) | (~Q(stage="CLOSED") & Q(closed_on__isnull=True)),
                name="case_closed_on_iff_closed",
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gte=F("opened_on")), name="case_closes_after_opening"
            ),
        ]
        indexes = [
            models.Index(
                fields=["needs_visit_by", "id"], condition=Q(needs_visit_by__isnull=False), name="case_needs_visit"
            ),
            models.Index(fields=["territory", "stage", "priority", "id"], name="case_worklist"),
            models.Index(fields=["sla_due_on", "id"], condition=~Q(stage="CLOSED"), name="case_deadline"),
        ]

    def __str__(self) -> str:
        return f"C{self.pk:07d}" if self.pk else "C"


class TriggerHit(models.Model):
    """
    An interval in which one rule held for one account; `left_on` is null while it holds.

    A night in which nothing changes writes nothing. `facts` are the values on entry that the rule compared. The table is
    partitioned by the month in which the hit ended; open hits are in a partition of their own, which keeps them unique.
    """

    account = models.ForeignKey(Account, models.CASCADE, verbose_name=_("account"), related_name="hits", db_index=False)
    borrower = models.ForeignKey(Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="hits")
    rule = models.CharField(_("reason"), max_length=40)
    policy_version = models.ForeignKey(
        PolicyVersion, models.PROTECT, verbose_name=_("policy version"), related_name="+", db_index=False
    )
    entered_on = models.DateField(_("since"))
    left_on = models.DateField(_("until"), null=True, blank=True)
    facts = models.JSONField(_("facts"), default=dict)
    muted = models.BooleanField(_("muted"), default=False)
    created_at = models.DateTimeField(_("created at"))

    objects = OfBorrowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("trigger hit")
        verbose_name_plural = _("trigger hits")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "rule"], condition=Q(left_on__isnull=True), name="one_open_hit_a_rule"
            ),
            models.CheckConstraint(
                condition=Q(left_on__isnull=True) | Q(left_on__gte=F("entered_on")), name="hit_leaves_after_entry"
            ),
        ]
        indexes = [
            models.Index(fields=["rule", "entered_on"], name="hit_by_entry"),
            models.Index(fields=["left_on"], condition=Q(left_on__isnull=False), name="hit_by_exit"),
            BrinIndex(fields=["id"], name="hit_by_id"),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.account_id}"


class RuleMute(models.Model):
    """A rule that does not count for one borrower up to a day. Hits are recorded as muted."""

    borrower = models.ForeignKey(Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="mutes")
    rule = models.CharField(_("reason"), max_length=40)
    until = models.DateField(_("until"))
    # Typed by a person, so it may name people: sealed, bound to a reference of its own.
    why_ref = models.UUIDField(default=uuid4, editable=False)
    why = SealedField(_("why"), bound_to="why_ref", null=True, default=None)
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("set by"), related_name="+")
    created_at = models.DateTimeField(_("created at"))

    objects = OfBorrowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("muted reason")
        verbose_name_plural = _("muted reasons")
        indexes = [models.Index(fields=["borrower", "rule", "until"], name="mute_by_rule")]

    def __str__(self) -> str:
        return f"{self.rule} {self.borrower_id}"


class CaseEvent(models.Model):
    """One line of a case's timeline."""

    case = models.ForeignKey(Case, models.CASCADE, verbose_name=_("case"), related_name="events")
    kind = models.CharField(_("kind"), max_length=20, choices=CaseEventKind.choices)
    at = models.DateTimeField(_("at"))
    business_date = models.DateField(_("business date"))
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("by"), null=True, blank=True, related_name="+"
    )
    # Codes and values; the sentence is made in the reader's language (selectors/timeline.py).
    body = models.JSONField(_("details"), default=dict)
    # What an officer wrote may name people: sealed, bound to a reference of its own. Both are null where nobody wrote.
    note_ref = models.UUIDField(null=True, blank=True, editable=False)
    note = SealedField(_("note"), bound_to="note_ref", null=True, default=None)

    objects = OfCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case event")
        verbose_name_plural = _("case events")
        indexes = [
            models.Index(fields=["case", "at", "id"], name="event_by_case"),
            # The daily difference asks for a day; all other kinds are read by case.
            models.Index(fields=["business_date", "id"], condition=Q(kind="REGRADED"), name="event_regraded"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"
