"""People and the territories they work in."""

from functools import cached_property
from typing import Any, ClassVar
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backoffice.access.roles import CARDS, Role, RoleCard
from backoffice.access.scopes import AGENCY_SCOPE, SCOPE_PERMISSIONS, conflicting_scopes
from backoffice.core.reach import Reach
from backoffice.core.scoping import NOTHING, ScopedQuerySet
from backoffice.core.sealed.fields import SealedField


class Jurisdiction(models.TextChoices):
    """Whose rules of contact hold for the borrowers of a territory."""

    CHINA = "CN", _("Mainland China")
    UNITED_KINGDOM = "UK", _("United Kingdom")
    UNITED_STATES = "US", _("United States")
    AUSTRALIA = "AU", _("Australia")
    INDIA = "IN", _("India")


class TerritoryQuerySet(ScopedQuerySet["Territory"]):
    """Territories are visible to those who work in them."""

    territory_path = "pk"

    def scope_for(self, user: Any) -> Q:
        """Return everything for administrators, else the person's own territories or all."""
        if user.reach == Reach.CONFIGURATION:
            return Q()
        return super().scope_for(user)


class Territory(models.Model):
    """A branch's area; the unit of scoping, capacity and share caps."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name in Chinese"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")
    jurisdiction = models.CharField(
        _("rules of contact"),
        max_length=2,
        choices=Jurisdiction.choices,
        default=Jurisdiction.CHINA,
        db_default=Jurisdiction.CHINA,
    )

    objects = TerritoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("territory")
        verbose_name_plural = _("territories")

    def __str__(self) -> str:
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


class UserQuerySet(ScopedQuerySet["User"]):
    """People are seen by administrators and auditors; everybody sees themselves."""

    def scope_for(self, user: Any) -> Q:
        """Return everybody for administrators and auditors, else the person alone."""
        if user.role in (Role.ADMINISTRATOR, Role.AUDITOR):
            return Q()
        return Q(pk=user.pk) if user.pk else NOTHING


class UserManager(BaseUserManager.from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Makes people with usable passwords."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Create one person. Without a password nobody can log in as them."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user  # type: ignore[no-any-return]

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """Create an administrator: there is no role that may do everything."""
        return self.create_user(username, password, **{"role": Role.ADMINISTRATOR, **fields})


class User(AbstractBaseUser):
    """
    A person or program that signs in. What they may do stands in roles.py; there is no superuser.
    """

    username = models.CharField(_("user name"), max_length=60, unique=True, validators=[UnicodeUsernameValidator()])
    display_name = models.CharField(_("display name"), max_length=60, blank=True)
    role = models.CharField(_("role"), max_length=30, choices=Role.choices)
    territories = models.ManyToManyField(Territory, verbose_name=_("territories"), blank=True, related_name="people")
    all_territories = models.BooleanField(_("all territories"), default=False)
    # What a program may ask for; nothing by default. People's rights come from their role.
    scopes = ArrayField(models.CharField(max_length=40), verbose_name=_("scopes"), default=list, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    # Raised to end every session of the person: the number is part of what a session is checked against.
    session_epoch = models.PositiveIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.display_name or self.username

    # The admin asks this; programs use the REST doors only.
    @property
    def is_staff(self) -> bool:
        """Whether the user may enter the admin: people may, programs may not."""
        return self.role != Role.MACHINE

    @property
    def is_superuser(self) -> bool:
        """Always False: no role may do everything."""
        return False

    @property
    def card(self) -> RoleCard | None:
        """The role's card; None for a role that does not exist."""
        return CARDS.get(self.role)

    @property
    def reach(self) -> Reach:
        """How far this person sees."""
        if self.card is None:
            return Reach.NONE
        if self.role == Role.MACHINE and AGENCY_SCOPE in self.scopes:
            return Reach.AGENCY
        if self.card.reach == Reach.TERRITORY and self.all_territories:
            return Reach.ALL
        return self.card.reach

    @property
    def scope_conflict(self) -> tuple[str, ...]:
        """The scopes of a program that cannot go together with its `visits:write`; none for people."""
        return conflicting_scopes(self.scopes) if self.role == Role.MACHINE else ()

    @cached_property
    def territory_ids(self) -> tuple[int, ...]:
        """The numbers of the person's territories, sorted."""
        return tuple(self.territories.order_by("pk").values_list("pk", flat=True)) if self.pk else ()

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Return what a session must match: it changes with the password and with `session_epoch`."""
        known = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]  # not in the stubs
        if not self.session_epoch:
            return str(known)
        return salted_hmac("access.session_epoch", f"{known}{self.session_epoch}", secret=secret).hexdigest()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Return whether the role (a machine's scopes) holds `perm`. Which rows it applies to is `visible_to`'s matter."""
        if not self.is_active or self.card is None:
            return False
        if self.role == Role.MACHINE:
            return any(perm in SCOPE_PERMISSIONS.get(scope, ()) for scope in self.scopes)
        return perm in self.card.permissions

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:
        """Return whether the role holds all of the permissions."""
        return all(self.has_perm(p, obj) for p in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        """Return whether the role holds any permission of the app."""
        return bool(self.is_active and self.card and any(p.startswith(f"{app_label}.") for p in self.card.permissions))

    def get_full_name(self) -> str:
        """Return the display name, or the user name."""
        return str(self)

    def get_short_name(self) -> str:
        """Return the display name, or the user name."""
        return str(self)


class CredentialKind(models.TextChoices):
    """What an administrator may set for another person."""

    PASSWORD = "PASSWORD", _("New password")
    SECOND_FACTOR = "SECOND_FACTOR", _("Second factor removed")


class CredentialState(models.TextChoices):
    """How far a request to set another person's credentials has come."""

    PENDING = "PENDING", _("Waiting for a second administrator")
    CONFIRMED = "CONFIRMED", _("Carried out")
    REFUSED = "REFUSED", _("Refused")


class CredentialRequestQuerySet(ScopedQuerySet["CredentialRequest"]):
    """Administrators decide about requests, auditors read them."""

    def scope_for(self, user: Any) -> Q:
        """Return everything for administrators and auditors, nothing for others."""
        return Q() if user.role in (Role.ADMINISTRATOR, Role.AUDITOR) else NOTHING


class CredentialRequest(models.Model):
    """
    One administrator's request to set another person's password or to remove their second factor.

    It takes effect when another administrator confirms it, so that nobody can sign in as somebody else alone. The
    password is kept as its hash only.
    """

    external_ref = models.UUIDField(_("reference"), default=uuid4, unique=True, editable=False)
    user = models.ForeignKey(User, models.PROTECT, verbose_name=_("person"), related_name="credential_requests")
    kind = models.CharField(_("kind"), max_length=20, choices=CredentialKind.choices)
    state = models.CharField(
        _("state"), max_length=20, choices=CredentialState.choices, default=CredentialState.PENDING
    )
    password_hash = models.CharField(max_length=128, blank=True, editable=False)
    reason = SealedField(_("reason"))
    requested_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("requested by"), related_name="+")
    requested_at = models.DateTimeField(_("requested at"))
    decided_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("decided by"), related_name="+", null=True)
    decided_at = models.DateTimeField(_("decided at"), null=True)
    # When the person was shown at sign-in that their credentials were set.
    told_at = models.DateTimeField(_("person told at"), null=True)
    # When the outbox wrote its event about it.
    announced_at = models.DateTimeField(null=True, editable=False)
    updated_at = models.DateTimeField(_("updated at"))

    objects = CredentialRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("credential request")
        verbose_name_plural = _("credential requests")
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(state="CONFIRMED") | ~Q(decided_by=F("requested_by")),
                name="credential_confirmed_by_another_person",
            ),
            models.CheckConstraint(
                condition=Q(state="PENDING", decided_by__isnull=True, decided_at__isnull=True)
                | Q(state__in=["CONFIRMED", "REFUSED"], decided_by__isnull=False, decided_at__isnull=False),
                name="credential_decided_iff_not_pending",
            ),
            models.CheckConstraint(
                condition=~Q(requested_by=F("user")) & (Q(decided_by__isnull=True) | ~Q(decided_by=F("user"))),
                name="credential_not_by_the_person",
            ),
            models.UniqueConstraint(
                fields=["user", "kind"], condition=Q(state="PENDING"), name="one_pending_credential_request"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_kind_display()}"


class AttemptCounter(models.Model):
    """How often one caller tried at one door in one window. An unlogged table: it begins empty after a crash."""

    caller = models.BinaryField(max_length=16)
    window_start = models.DateTimeField()
    attempts = models.PositiveIntegerField()

    objects = CredentialRequestQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "window_start"], name="one_counter_per_window")]
        indexes = [models.Index(fields=["window_start"], name="attempts_by_window")]

    def __str__(self) -> str:
        return f"{self.window_start:%H:%M} {self.attempts}"
