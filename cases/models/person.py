"""Natural persons: several borrowers of the lender's core that are one, suggestions to merge them, and who is not one."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.reach import Reach
from backoffice.core.scoping import NOTHING, ScopedQuerySet
from cases.enums import MergeGround, PersonMergeState
from cases.models.borrower import Borrower, OfBorrowerQuerySet


class PersonQuerySet(ScopedQuerySet["Person"]):
    """People with borrowers. Somebody of single territories sees a person only if they see each of the borrowers."""

    def scope_for(self, user: Any) -> Q:
        """Return the condition on all borrowers of a person."""
        own = Borrower.objects.filter(person=OuterRef("pk"))
        if user.reach == Reach.ALL:
            return Q(Exists(own))
        if user.reach == Reach.TERRITORY:
            return Q(Exists(own)) & ~Q(Exists(own.exclude(territory__in=user.territory_ids)))
        return NOTHING


class Person(models.Model):
    """
    A natural person who is at least two borrowers. A borrower without one is a person by itself.

    A person whose borrowers all went to another person keeps its row without borrowers, so that undoing the merge gives
    them their former person back.
    """

    created_at = models.DateTimeField(_("created at"))

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("natural person")
        verbose_name_plural = _("natural persons")

    def __str__(self) -> str:
        return f"P{self.pk:07d}" if self.pk else "P"


class PersonMergeQuerySet(ScopedQuerySet["PersonMerge"]):
    """Suggestions, seen by who may see every borrower of them."""

    def scope_for(self, user: Any) -> Q:
        """Return the condition on all borrowers of a suggestion."""
        if user.reach == Reach.ALL:
            return Q()
        if user.reach == Reach.TERRITORY:
            named = MergedBorrower.objects.filter(merge=OuterRef("pk"))
            return Q(Exists(named)) & ~Q(Exists(named.exclude(borrower__territory__in=user.territory_ids)))
        return NOTHING


class PersonMerge(models.Model):
    """
    The suggestion that some borrowers are one person, and what became of it.

    `suggested_by` is null where the rule found it; `decided_by` approved or refused it. `reviewed_by` undid an approved
    merge, or kept it after the numbers of its borrowers had come to differ: never who approved it.
    """

    ground = models.CharField(_("ground"), max_length=20, choices=MergeGround.choices)
    state = models.CharField(
        _("state"), max_length=16, choices=PersonMergeState.choices, default=PersonMergeState.SUGGESTED
    )
    borrowers: Any = models.ManyToManyField(
        Borrower, through="MergedBorrower", verbose_name=_("borrowers"), related_name="merges"
    )
    # SHA-256 of the sorted numbers of the borrowers: tells whether a set of borrowers is suggested already.
    borrowers_key = models.CharField(max_length=64, editable=False)
    names_differ = models.BooleanField(_("names differ"), default=False)
    suggested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("suggested by"),
        null=True,
        blank=True,
        related_name="+",
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("decided by"), null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("reviewed by"), null=True, blank=True, related_name="+"
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = PersonMergeQuerySet.as_manager()

    class Meta:
        verbose_name = _("suggested merge")
        verbose_name_plural = _("suggested merges")
        permissions = [
            ("suggest_personmerge", "Can suggest that borrowers are one person"),
            ("decide_personmerge", "Can approve, refuse and undo merges that others suggested"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["borrowers_key"],
                condition=Q(state=str(PersonMergeState.SUGGESTED)),
                name="one_open_merge_of_borrowers",
            ),
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | Q(suggested_by__isnull=True) | ~Q(decided_by=F("suggested_by")),
                name="merge_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by__isnull=True) | ~Q(reviewed_by=F("decided_by")), name="merge_review_four_eyes"
            ),
            models.CheckConstraint(
                condition=Q(ground=str(MergeGround.SAME_ID_NUMBER), suggested_by__isnull=True)
                | (~Q(ground=str(MergeGround.SAME_ID_NUMBER)) & Q(suggested_by__isnull=False)),
                name="merge_of_the_rule_iff_by_system",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["SUGGESTED", "LAPSED"], decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state__in=["SUGGESTED", "LAPSED"]) & Q(decided_by__isnull=False) & Q(decided_at__isnull=False)),
                name="merge_decided_iff_decided_by",
            ),
            models.CheckConstraint(
                condition=~Q(state=str(PersonMergeState.UNDONE)) | Q(reviewed_by__isnull=False),
                name="merge_undone_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="merge_by_state")]

    def __str__(self) -> str:
        return f"M{self.pk:07d}" if self.pk else "M"


class MergedBorrower(models.Model):
    """
    One borrower of a suggestion. `former_person` is the person before the approval, null for a person by itself.

    `id_number_index` is the blind index of the number when the suggestion was made, or last kept by a person: the merge is
    looked at again when it differs from the borrower's.
    """

    merge = models.ForeignKey(
        PersonMerge, models.CASCADE, verbose_name=_("suggested merge"), related_name="members", db_index=False
    )
    borrower = models.ForeignKey(Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="+")
    former_person = models.ForeignKey(
        Person, models.PROTECT, verbose_name=_("former person"), null=True, blank=True, related_name="+"
    )
    id_number_index = models.BinaryField(default=b"", editable=False)

    objects: Any = OfBorrowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("borrower of a suggested merge")
        verbose_name_plural = _("borrowers of suggested merges")
        constraints = [models.UniqueConstraint(fields=["merge", "borrower"], name="borrower_once_a_merge")]

    def __str__(self) -> str:
        return f"{self.merge_id} {self.borrower_id}"


class DifferentPeopleQuerySet(ScopedQuerySet["DifferentPeople"]):
    """Pairs, seen by who may see both borrowers."""

    def scope_for(self, user: Any) -> Q:
        """Return the condition on both borrowers."""
        if user.reach == Reach.ALL:
            return Q()
        if user.reach == Reach.TERRITORY:
            return Q(first__territory__in=user.territory_ids, second__territory__in=user.territory_ids)
        return NOTHING


class DifferentPeople(models.Model):
    """Two borrowers that a person found to be different people: the rule does not suggest them again."""

    first = models.ForeignKey(Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="+", db_index=False)
    second = models.ForeignKey(Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="+")
    merge = models.ForeignKey(PersonMerge, models.CASCADE, verbose_name=_("suggested merge"), related_name="refused")
    created_at = models.DateTimeField(_("created at"))

    objects = DifferentPeopleQuerySet.as_manager()

    class Meta:
        verbose_name = _("different people")
        verbose_name_plural = _("different people")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pair_of_different_people_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="pair_of_different_people_sorted"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} {self.second_id}"


class SharedNumber(models.Model):
    """
    An identity number that more borrowers have than can be one person: a placeholder of the lender's data, or misuse.

    Nobody is merged by it. It is seen by people of all territories only, since its borrowers are in any of them.
    """

    number_index = models.BinaryField(unique=True, editable=False)
    example = models.ForeignKey(Borrower, models.CASCADE, verbose_name=_("one of the borrowers"), related_name="+")
    borrower_count = models.PositiveIntegerField(_("borrowers"))
    noticed_at = models.DateTimeField(_("noticed at"))
    counted_at = models.DateTimeField(_("counted at"))

    objects: Any = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("number used by many")
        verbose_name_plural = _("numbers used by many")

    def __str__(self) -> str:
        return f"N{self.pk:07d}" if self.pk else "N"
