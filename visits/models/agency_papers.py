"""What one person enters about an agency and another confirms: its papers, its prices, and renewals of its contract."""

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from visits.enums import CredentialKind, EntryState, FeeBasis
from visits.models.agency import Agency, OfAgencyQuerySet


def _person(words: Any) -> Any:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name=words, null=True, blank=True, related_name="+"
    )


def _confirmed_by_another() -> Q:
    """Return the condition that whoever confirmed a row is another person than who entered it."""
    return Q(confirmed_by__isnull=True) | Q(entered_by__isnull=False) & ~Q(confirmed_by=F("entered_by"))


class EntryQuerySet(OfAgencyQuerySet):
    """Rows that count only once a second person has confirmed them."""

    def confirmed(self) -> Self:
        """Return the rows that count."""
        return self.filter(state=EntryState.CONFIRMED)


class AgencyCredential(models.Model):
    """A paper of an agency with its validity, both days included. It counts once another person has confirmed it."""

    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="credentials")
    kind = models.CharField(_("kind"), max_length=25, choices=CredentialKind.choices)
    number = models.CharField(_("number"), max_length=60)
    issuer = models.CharField(_("issuer"), max_length=80)
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"))
    state = models.CharField(_("state"), max_length=10, choices=EntryState.choices, default=EntryState.ENTERED)
    # The copy of the paper, kept sealed; empty where none was sent.
    file_name = models.CharField(_("file"), max_length=120, blank=True)
    file_sha256 = models.CharField(_("file's SHA-256"), max_length=64, blank=True)
    media_type = models.CharField(_("media type"), max_length=40, blank=True)
    entered_by = _person(_("entered by"))
    confirmed_by = _person(_("confirmed by"))
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("agency's paper")
        verbose_name_plural = _("agencies' papers")
        permissions = [("confirm_agencycredential", "Can confirm a paper of an agency that another person entered")]
        constraints = [
            models.CheckConstraint(condition=_confirmed_by_another(), name="credential_four_eyes"),
            models.CheckConstraint(
                condition=~Q(state=EntryState.CONFIRMED.value) | Q(confirmed_by__isnull=False),
                name="credential_was_confirmed",
            ),
            models.CheckConstraint(condition=Q(valid_until__gte=F("valid_from")), name="credential_validity_is_a_span"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class PriceCard(models.Model):
    """
    What an agency is paid, never for what a visit finds. It counts once another person has confirmed it.

    `amount` is in the currency; of a share of recovery it is percent of the agency's pay, at most 50.
    """

    agency = models.ForeignKey(Agency, models.CASCADE, verbose_name=_("agency"), related_name="prices")
    basis = models.CharField(_("paid for"), max_length=25, choices=FeeBasis.choices)
    amount = models.DecimalField(_("amount"), max_digits=10, decimal_places=2)
    currency = models.CharField(_("currency"), max_length=3, default="CNY")
    valid_from = models.DateField(_("valid from"))
    valid_to = models.DateField(_("valid to"), null=True, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=EntryState.choices, default=EntryState.ENTERED)
    entered_by = _person(_("entered by"))
    confirmed_by = _person(_("confirmed by"))
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("price")
        verbose_name_plural = _("price card")
        permissions = [("confirm_pricecard", "Can confirm a price that another person entered")]
        constraints = [
            models.CheckConstraint(condition=_confirmed_by_another(), name="price_four_eyes"),
            models.CheckConstraint(
                condition=~Q(basis=FeeBasis.RECOVERY_SHARE.value)
                | Q(state=EntryState.WITHDRAWN.value)
                | Q(amount__lte=50),
                name="recovery_share_to_half",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_basis_display()} {self.amount} {self.currency}"


class ContractRenewal(models.Model):
    """A later end of an agency's contract: asked for by one person, granted by another. Nothing else moves the end."""

    agency = models.ForeignKey(Agency, models.PROTECT, verbose_name=_("agency"), related_name="renewals")
    from_day = models.DateField(_("contract ended on"))
    until = models.DateField(_("contract shall end on"))
    state = models.CharField(_("state"), max_length=10, choices=EntryState.choices, default=EntryState.ENTERED)
    entered_by = _person(_("asked for by"))
    confirmed_by = _person(_("granted by"))
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = _("renewal of a contract")
        verbose_name_plural = _("renewals of contracts")
        constraints = [
            models.CheckConstraint(condition=_confirmed_by_another(), name="renewal_four_eyes"),
            models.CheckConstraint(
                condition=~Q(state=EntryState.CONFIRMED.value) | Q(confirmed_by__isnull=False),
                name="renewal_was_granted",
            ),
            models.CheckConstraint(condition=Q(until__gt=F("from_day")), name="renewal_prolongs"),
            models.UniqueConstraint(
                fields=["agency"], condition=Q(state=EntryState.ENTERED.value), name="one_open_renewal_an_agency"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agency_id} {self.until}"
