"""Borrowers: people, their telephones, addresses and circumstances. Personal data is sealed."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory
from backoffice.core.scoping import ScopedQuerySet
from backoffice.core.sealed.fields import BlindIndexField, SealedField, masked
from backoffice.core.sealed.sealing import masked_address, masked_name, masked_tail
from cases.enums import AddressKind, ContactVerdict, FlagKind, FlagSource, IdDocument


class BorrowerQuerySet(ScopedQuerySet["Borrower"]):
    """Borrowers, seen by their territory."""

    territory_path = "territory"

    def of_person_of(self, borrower: "Borrower") -> "BorrowerQuerySet":
        """Return all borrowers of the person of `borrower`, itself included; only itself if it has no person."""
        return self.filter(person_key=-borrower.pk if borrower.person_id is None else borrower.person_id)


class OfBorrowerQuerySet(ScopedQuerySet[Any]):
    """Rows that belong to a borrower and share their territory."""

    territory_path = "borrower__territory"


class Borrower(models.Model):
    """
    One customer of the lender's core, whatever the number of their accounts; several can be one `person`.

    `person_key` is equal for the borrowers of one person and for no others: the number of the person, or minus the
    borrower's own number where it has none. One join on it gives all borrowers of the person of a borrower.
    """

    external_ref = models.CharField(_("reference"), max_length=60, unique=True)
    territory = models.ForeignKey(Territory, models.PROTECT, verbose_name=_("territory"), related_name="+")
    name = SealedField(_("full name"))
    name_index = BlindIndexField(of="name", kind="name")
    id_number = SealedField(_("identity number"))
    id_number_index = BlindIndexField(of="id_number", kind="id_number")
    # Empty where the lender does not say it and the number is not one of a resident.
    id_document = models.CharField(
        _("identity document"), max_length=20, choices=IdDocument.choices, blank=True, default="", db_default=""
    )
    person = models.ForeignKey(
        "cases.Person",
        models.PROTECT,
        verbose_name=_("natural person"),
        null=True,
        blank=True,
        related_name="borrowers",
        # The index below leaves out the many borrowers without one.
        db_index=False,
    )
    person_key = models.GeneratedField(
        expression=Coalesce(F("person"), F("id") * -1), output_field=models.BigIntegerField(), db_persist=True
    )
    last_app_login_at = models.DateTimeField(_("last app login"), null=True, blank=True)
    # Digest of the last row of the portfolio feed. An unchanged row is neither opened nor sealed again.
    source_digest = models.BinaryField(default=b"", editable=False)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    masked_name = masked(masked_name, "name")
    masked_id_number = masked(masked_tail, "id_number")

    objects = BorrowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("borrower")
        verbose_name_plural = _("borrowers")
        indexes = [
            models.Index(fields=["name_index"], name="borrower_by_name"),
            models.Index(fields=["id_number_index"], name="borrower_by_id_number"),
            models.Index(fields=["person"], condition=Q(person__isnull=False), name="borrower_by_person"),
            models.Index(fields=["person_key"], name="borrower_by_person_key"),
            # The few borrowers of a range that belong to a person, for every chunk of a nightly run.
            models.Index(fields=["id", "person"], condition=Q(person__isnull=False), name="borrower_in_person"),
            # Finds the borrowers that the newest intake wrote, in few pages.
            BrinIndex(fields=["updated_at"], name="borrower_by_update", pages_per_range=16, autosummarize=True),
        ]

    def __str__(self) -> str:
        return self.external_ref


class BorrowerPhone(models.Model):
    """A telephone number that the borrower gave, as E.164; a switchboard's extension stands apart from it."""

    borrower = models.ForeignKey(Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="phones")
    external_ref = models.CharField(_("reference"), max_length=80, unique=True)
    number = SealedField(_("number"))
    number_index = BlindIndexField(of="number", kind="phone")
    extension = SealedField(_("extension"))
    verdict = models.CharField(
        _("verdict"), max_length=20, choices=ContactVerdict.choices, default=ContactVerdict.UNKNOWN
    )
    created_at = models.DateTimeField(_("created at"))

    masked_number = masked(masked_tail, "number")

    objects = OfBorrowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("telephone")
        verbose_name_plural = _("telephones")
        indexes = [models.Index(fields=["number_index"], name="phone_by_number")]

    def __str__(self) -> str:
        return self.external_ref


class Address(models.Model):
    """
    A place. The line and the point are sealed; district and verdict are not personal by themselves.

    Addresses with one `door_index` are one door if they lie in one city (`adcode`, first four digits) or one of them does not
    say where it lies; an empty index is a door of its own.
    """

    borrower = models.ForeignKey(Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="addresses")
    external_ref = models.CharField(_("reference"), max_length=80, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=AddressKind.choices, default=AddressKind.RESIDENCE)
    line = SealedField(_("address"))
    door_index = BlindIndexField(of="line", kind="door", db_default=b"")
    # "latitude,longitude" in degrees, WGS 84.
    point = SealedField(_("coordinates"))
    adcode = models.CharField(_("district code"), max_length=6, blank=True)
    is_rural = models.BooleanField(_("rural"), default=False)
    source = models.CharField(_("source"), max_length=60, blank=True)
    # Who set the coordinates by hand; None where they are the lender's.
    placed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        verbose_name=_("coordinates set by hand by"),
        null=True,
        blank=True,
        related_name="+",
    )
    placed_at = models.DateTimeField(_("coordinates set at"), null=True, blank=True)
    confidence = models.DecimalField(_("confidence"), max_digits=3, decimal_places=2, default=1)
    first_seen_on = models.DateField(_("first seen on"), null=True, blank=True)
    last_verified_on = models.DateField(_("last verified on"), null=True, blank=True)
    verdict = models.CharField(
        _("verdict"), max_length=20, choices=ContactVerdict.choices, default=ContactVerdict.UNKNOWN
    )
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    masked_line = masked(masked_address, "line")

    objects = OfBorrowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("address")
        verbose_name_plural = _("addresses")
        indexes = [models.Index(fields=["door_index"], name="address_by_door")]

    def __str__(self) -> str:
        return self.external_ref

    @property
    def coordinates(self) -> tuple[float, float] | None:
        """Latitude and longitude in degrees (WGS 84), None where the place is unknown."""
        latitude, _comma, longitude = self.point.partition(",")
        return (float(latitude), float(longitude)) if longitude else None


class BorrowerFlag(models.Model):
    """
    A circumstance with its source and end. The conduct guard refuses visits by the open ones.

    `source_ref` is the number of our own record it follows from (decision, complaint, visit), empty where there is none.
    What a person wrote stands in `note`, which may name people: sealed, bound to a reference of its own.
    """

    borrower = models.ForeignKey(Borrower, models.CASCADE, verbose_name=_("borrower"), related_name="flags")
    kind = models.CharField(_("kind"), max_length=30, choices=FlagKind.choices)
    source = models.CharField(_("source"), max_length=20, choices=FlagSource.choices)
    source_ref = models.CharField(_("source reference"), max_length=80, blank=True)
    note_ref = models.UUIDField(null=True, blank=True, editable=False)
    note = SealedField(_("note"), bound_to="note_ref", null=True, default=None)
    set_at = models.DateTimeField(_("set at"))
    expires_on = models.DateField(_("expires on"), null=True, blank=True)
    cleared_at = models.DateTimeField(_("cleared at"), null=True, blank=True)

    objects = OfBorrowerQuerySet.as_manager()

    class Meta:
        verbose_name = _("circumstance")
        verbose_name_plural = _("circumstances")
        constraints = [
            models.UniqueConstraint(
                fields=["borrower", "kind"], condition=Q(cleared_at__isnull=True), name="one_open_flag_of_a_kind"
            ),
            models.CheckConstraint(condition=Q(source__in=FlagSource.values), name="flag_source_is_a_code"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.borrower_id}"
