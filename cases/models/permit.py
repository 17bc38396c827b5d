"""Permits: the answers to the question whether a person may be contacted now, and the places that a yes reserves."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from cases.enums import Channel, ContactPurpose, PermitState
from cases.models.borrower import Borrower, BorrowerPhone, OfBorrowerQuerySet
from cases.models.related import RelatedPerson


class ContactPermit(models.Model):
    """
    One question whether a person may be contacted, and its answer.

    An allowed contact may begin from `asked_at` until before `valid_until`; the place that it takes is held until
    `counts_until`, unless it is used or given back before. `refusals` are [{"rule", "source", "until", "about"}], empty
    where it was allowed. `used_by` is the reference of the contact that used it.
    """

    borrower = models.ForeignKey(
        Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="contact_permits", db_index=False
    )
    reference = models.CharField(_("reference"), max_length=40, unique=True)
    request_id = models.CharField(_("number of the request"), max_length=80)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("asked by"), null=True, blank=True, related_name="+"
    )
    channel = models.CharField(_("channel"), max_length=10, choices=Channel.choices)
    purpose = models.CharField(_("purpose"), max_length=20, choices=ContactPurpose.choices)
    phone = models.ForeignKey(
        BorrowerPhone, models.SET_NULL, verbose_name=_("telephone"), null=True, blank=True, related_name="+"
    )
    related = models.ForeignKey(
        RelatedPerson, models.SET_NULL, verbose_name=_("related person"), null=True, blank=True, related_name="+"
    )
    number_index = models.BinaryField(default=b"", editable=False)
    state = models.CharField(_("state"), max_length=10, choices=PermitState.choices)
    refusals = models.JSONField(_("refusals"), default=list)
    policy_version = models.CharField(_("limits"), max_length=20)
    asked_at = models.DateTimeField(_("asked at"))
    valid_until = models.DateTimeField(_("good until"), null=True, blank=True)
    counts_until = models.DateTimeField(_("place held until"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    used_by = models.CharField(_("used by contact"), max_length=80, blank=True, default="")

    objects: Any = OfBorrowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact permit")
        verbose_name_plural = _("contact permits")
        permissions = [("ask_contactpermit", "Can ask whether a person may be contacted")]
        constraints = [
            # Visits are asked about by the system: their requests have no asker, and are still one each.
            models.UniqueConstraint(
                fields=["asked_by", "request_id"], name="one_permit_a_request", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(state=PermitState.REFUSED, valid_until__isnull=True, counts_until__isnull=True)
                | (
                    ~Q(state=PermitState.REFUSED)
                    & Q(valid_until__isnull=False, counts_until__isnull=False, refusals=[])
                ),
                name="permit_is_good_iff_not_refused",
            ),
            models.CheckConstraint(
                condition=Q(state=PermitState.USED) | Q(used_by=""), name="permit_used_by_only_if_used"
            ),
        ]
        indexes = [
            models.Index(fields=["borrower", "asked_at"], name="permit_by_borrower"),
            models.Index(fields=["counts_until"], condition=Q(state=PermitState.RESERVED), name="permit_standing"),
            models.Index(
                fields=["number_index"], condition=Q(state=PermitState.RESERVED), name="permit_standing_by_number"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def granted(self) -> bool:
        """Whether the answer was yes."""
        return self.state != PermitState.REFUSED
