"""What borrowers agreed to about visits: a time that they asked for, or a place that needs their consent."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import ScopedQuerySet
from backoffice.core.sealed.fields import SealedField
from cases.enums import AddressKind
from cases.models import Address, Case
from visits.enums import AgreementKind
from visits.models.order import VisitOrder

# The longest validity that any policy allows (`ConductPolicy.exception_max_days`), as the database holds it.
LONGEST = timedelta(days=30)


class VisitAgreementQuerySet(ScopedQuerySet[Any]):
    """Agreements, seen by the territory of their case. People of outside firms see none."""

    territory_path = "case__territory"


class VisitAgreement(models.Model):
    """
    One thing that a borrower agreed to, with the recording or letter that proves it; it counts for their whole person.

    TIME is a time, [opens_at, closes_at], that they asked for. `is_outside_hours` says that it left the hours of visits when it
    was recorded: then a visit may take place there. PLACE is their consent to a visit at `address`, which had the kind
    `place` and was the door `door_index` when they gave it. Nothing changes but the withdrawal, once.
    """

    case = models.ForeignKey(Case, models.PROTECT, verbose_name=_("case"), related_name="visit_agreements")
    order = models.ForeignKey(
        VisitOrder, models.PROTECT, verbose_name=_("visit order"), null=True, blank=True, related_name="agreements"
    )
    kind = models.CharField(_("agreed to"), max_length=5, choices=AgreementKind.choices)
    opens_at = models.DateTimeField(_("wished from"), null=True, blank=True)
    closes_at = models.DateTimeField(_("wished until"), null=True, blank=True)
    is_outside_hours = models.BooleanField(_("outside of the hours of visits"), default=False)
    address = models.ForeignKey(
        Address, models.PROTECT, verbose_name=_("address"), null=True, blank=True, related_name="+"
    )
    place = models.CharField(_("kind of address"), max_length=10, choices=AddressKind.choices, blank=True)
    door_index = models.BinaryField(default=b"", editable=False)
    granted_at = models.DateTimeField(_("agreed at"))
    expires_at = models.DateTimeField(_("counts until"))
    evidence_ref = models.CharField(_("recording or letter"), max_length=80, blank=True)
    note_ref = models.UUIDField(default=uuid4, unique=True, editable=False)
    note = SealedField(_("note"), bound_to="note_ref", null=True, default=None)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("recorded by"), related_name="+"
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("withdrawal recorded by"),
        null=True,
        blank=True,
        related_name="+",
    )

    objects = VisitAgreementQuerySet.as_manager()

    class Meta:
        verbose_name = _("agreement about visits")
        verbose_name_plural = _("agreements about visits")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind=AgreementKind.TIME.value, closes_at__gt=F("opens_at"), address__isnull=True, place="")
                | Q(
                    kind=AgreementKind.PLACE.value,
                    opens_at__isnull=True,
                    closes_at__isnull=True,
                    is_outside_hours=False,
                    address__isnull=False,
                    place__in=[AddressKind.RELATIVE.value, AddressKind.EMPLOYER.value],
                ),
                name="agreement_is_a_time_or_a_place",
            ),
            models.CheckConstraint(
                condition=~Q(evidence_ref="") | Q(kind=AgreementKind.TIME.value, is_outside_hours=False),
                name="agreement_has_evidence",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("granted_at"), expires_at__lte=F("granted_at") + LONGEST),
                name="agreement_ends_in_time",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="agreement_withdrawn_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["case"], condition=Q(withdrawn_at__isnull=True), name="agreement_standing"),
        ]

    def __str__(self) -> str:
        return f"G{self.pk:07d}" if self.pk else "G"
