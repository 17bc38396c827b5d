"""The people of agencies who go to doors, with their papers and devices."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.reach import Reach
from backoffice.core.sealed.fields import SealedField, masked
from backoffice.core.sealed.sealing import masked_name
from visits.enums import CrewState, Screening
from visits.models.agency import Agency, OfAgencyQuerySet


class CrewQuerySet(OfAgencyQuerySet):
    agency_path = "agency"

    def scope_for(self, user: Any) -> Q:
        if user.reach == Reach.CREW:
            return Q(user=user)
        return super().scope_for(user)


class OfMemberQuerySet(OfAgencyQuerySet):
    agency_path = "member__agency"

    def scope_for(self, user: Any) -> Q:
        if user.reach == Reach.CREW:
            return Q(member__user=user)
        return super().scope_for(user)


class CrewMember(models.Model):
    """A person of an agency who goes to doors, once a second person has confirmed what was entered."""

    class Sex(models.TextChoices):
        FEMALE = "FEMALE", _("Female")
        MALE = "MALE", _("Male")

    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="crew")
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("login"),
        null=True,
        blank=True,
        related_name="crew_member",
    )
    external_ref = models.CharField(_("badge number"), max_length=40, unique=True)
    name = SealedField(_("full name"))
    # Known for the crew only: one of a pair shall be of the borrower's sex where possible.
    sex = models.CharField(_("sex"), max_length=10, choices=Sex.choices, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=CrewState.choices, default=CrewState.ENTERED)
    # What a person wrote when they last deactivated or reactivated the member.
    state_note = SealedField(_("note on the state"), bound_to="pk", null=True, default=None)
    # The portrait, drawn anew as JPEG and kept sealed; empty where none was sent.
    photo_name = models.CharField(_("photograph"), max_length=120, blank=True)
    photo_sha256 = models.CharField(_("photograph's SHA-256"), max_length=64, blank=True)
    screened_on = models.DateField(_("screened on"), null=True, blank=True)
    screening = models.CharField(_("outcome of screening"), max_length=10, choices=Screening.choices, blank=True)
    confidentiality_signed_on = models.DateField(_("confidentiality signed on"), null=True, blank=True)
    # How long the training is valid follows from this day and the conduct policy.
    exam_passed_on = models.DateField(_("exam passed on"), null=True, blank=True)
    # Who entered what is to be confirmed, or changed it last.
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=_("entered by"), null=True, blank=True, related_name="+"
    )
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("confirmed by"),
        null=True,
        blank=True,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    masked_name = masked(masked_name, "name")

    objects = CrewQuerySet.as_manager()

    class Meta:
        verbose_name = _("crew member")
        verbose_name_plural = _("crew members")
        permissions = [("confirm_crewmember", "Can confirm a crew member whom another person entered")]
        constraints = [
            models.CheckConstraint(
                condition=Q(confirmed_by__isnull=True) | Q(entered_by__isnull=False) & ~Q(confirmed_by=F("entered_by")),
                name="crew_four_eyes",
            ),
            models.CheckConstraint(
                condition=Q(state=CrewState.CONFIRMED.value, confirmed_by__isnull=False, confirmed_at__isnull=False)
                | (~Q(state=CrewState.CONFIRMED.value) & Q(confirmed_by__isnull=True, confirmed_at__isnull=True)),
                name="crew_confirmed_iff_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.external_ref


class CrewCertificate(models.Model):
    """A licence or certificate of a crew member, valid to its last day."""

    member = models.ForeignKey(CrewMember, models.CASCADE, verbose_name=_("crew member"), related_name="certificates")
    kind = models.CharField(_("kind"), max_length=60)
    number = models.CharField(_("number"), max_length=60)
    valid_until = models.DateField(_("valid until"))

    objects = OfMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")

    def __str__(self) -> str:
        return f"{self.member_id} {self.kind}"


class CrewDevice(models.Model):
    """A telephone or tablet that a crew member works with: announced by itself or not, registered until it is revoked."""

    member = models.ForeignKey(CrewMember, models.CASCADE, verbose_name=_("crew member"), related_name="devices")
    label = models.CharField(_("device"), max_length=60)
    device_ref = models.CharField(_("device reference"), max_length=80)
    # Made on the phone, which keeps the other half: base64 of its SubjectPublicKeyInfo. Empty for a device without one.
    public_key = models.TextField(_("public key"), blank=True, editable=False)
    announced_at = models.DateTimeField(_("announced at"), null=True, blank=True)
    # When the coordinator registered it, or bound the phone that had announced itself.
    registered_at = models.DateTimeField(_("registered at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    objects = OfMemberQuerySet.as_manager()

    class Meta:
        verbose_name = _("device")
        verbose_name_plural = _("devices")
        constraints = [
            models.UniqueConstraint(
                fields=["device_ref"], condition=Q(revoked_at__isnull=True), name="a_device_is_registered_once"
            ),
            models.CheckConstraint(
                condition=Q(registered_at__isnull=False) | ~Q(public_key=""), name="a_device_that_waits_has_a_key"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.device_ref}"
