"""People, the territories they work in, and who stands in for whom."""

from datetime import date, timedelta
from functools import cached_property
from typing import Any, ClassVar, Self
from uuid import uuid4

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.crypto import salted_hmac
from django.utils.timezone import localdate
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
        """
        The numbers of the person's territories, sorted: their own, and those of people of their role whom they stand in for today.

        One query. Territories that are lent cannot be lent on: only what is a person's own counts for their stand-in.
        """
        if not self.pk:
            return ()
        works_in = User.territories.through.objects.filter(territory_id=OuterRef("pk"))
        absent = StandIn.objects.in_force(on=localdate()).filter(
            stand_in=self, person__role=self.role, person__is_active=True
        )
        here = Exists(works_in.filter(user_id=self.pk))
        lent = Exists(works_in.filter(user__in=absent.values("person"))) | Exists(
            absent.filter(person__all_territories=True)
        )
        return tuple(Territory.objects.filter(here | lent).order_by("pk").values_list("pk", flat=True))

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


class StandInQuerySet(ScopedQuerySet["StandIn"]):
    """Administrators and auditors see all, everybody sees those of themselves."""

    def scope_for(self, user: Any) -> Q:
        """Return everything for administrators and auditors, else what concerns the person."""
        if user.role in (Role.ADMINISTRATOR, Role.AUDITOR):
            return Q()
        return Q(person=user.pk) | Q(stand_in=user.pk) if user.pk else NOTHING

    def in_force(self, *, on: date) -> Self:
        """Return those that count on a day: begun, not past their last day, not ended before."""
        return self.filter(starts_on__lte=on, ends_on__gte=on, ended_at__isnull=True)


class StandIn(models.Model):
    """
    Who decides for an approver who is away, from one day to another, both included.

    The stand-in has the same role, so that no right is added; the absent person's territories are added to their own. The
    reason may name an illness: it is sealed.
    """

    external_ref = models.UUIDField(_("reference"), default=uuid4, unique=True, editable=False)
    person = models.ForeignKey(User, models.PROTECT, verbose_name=_("person away"), related_name="absences")
    stand_in = models.ForeignKey(User, models.PROTECT, verbose_name=_("stand-in"), related_name="+")
    starts_on = models.DateField(_("first day"))
    ends_on = models.DateField(_("last day"))
    reason = SealedField(_("reason"))
    entered_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("entered by"), related_name="+")
    ended_by = models.ForeignKey(User, models.PROTECT, verbose_name=_("ended by"), related_name="+", null=True)
    ended_at = models.DateTimeField(_("ended at"), null=True)
    created_at = models.DateTimeField(_("created at"))
    updated_at = models.DateTimeField(_("updated at"))

    objects = StandInQuerySet.as_manager()

    class Meta:
        verbose_name = _("stand-in")
        verbose_name_plural = _("stand-ins")
        constraints = [
            models.CheckConstraint(condition=~Q(stand_in=F("person")), name="stand_in_is_another_person"),
            # Nobody gives themselves another person's territories.
            models.CheckConstraint(condition=~Q(entered_by=F("stand_in")), name="stand_in_entered_by_another"),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on"), ends_on__lte=F("starts_on") + timedelta(days=90)),
                name="stand_in_for_at_most_90_days",
            ),
        ]
        indexes = [models.Index(fields=["stand_in", "ends_on"], name="stand_in_of_person")]

    def __str__(self) -> str:
        return f"{self.person} → {self.stand_in}"
