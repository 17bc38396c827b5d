"""People and the territories they work in."""

from functools import cached_property
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from backoffice.access.roles import AGENCY_SCOPE, CARDS, SCOPE_PERMISSIONS, Role, RoleCard
from backoffice.core.reach import Reach
from backoffice.core.scoping import NOTHING, ScopedQuerySet


class TerritoryQuerySet(ScopedQuerySet["Territory"]):
    """Territories are visible to those who work in them."""

    territory_path = "pk"

    def scope_for(self, user: Any) -> Q:
        if user.reach == Reach.CONFIGURATION:
            return Q()
        return super().scope_for(user)


class Territory(models.Model):
    """A branch's area; the unit of scoping, capacity and share caps."""

    code = models.CharField(_("code"), max_length=20, unique=True)
    name = models.CharField(_("name in Chinese"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=60, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=40, default="Asia/Shanghai")

    objects = TerritoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("territory")
        verbose_name_plural = _("territories")

    def __str__(self) -> str:
        return self.name_en if self.name_en and (get_language() or "").startswith("en") else self.name


class UserQuerySet(ScopedQuerySet["User"]):
    """People are seen by administrators and auditors; everybody sees themselves."""

    def scope_for(self, user: Any) -> Q:
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
        return self.role != Role.MACHINE

    @property
    def is_superuser(self) -> bool:
        return False

    @property
    def card(self) -> RoleCard | None:
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

    @cached_property
    def territory_ids(self) -> tuple[int, ...]:
        return tuple(self.territories.order_by("pk").values_list("pk", flat=True)) if self.pk else ()

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Return whether the role (a machine's scopes) holds `perm`. Which rows it applies to is `visible_to`'s matter."""
        if not self.is_active or self.card is None:
            return False
        if self.role == Role.MACHINE:
            return any(perm in SCOPE_PERMISSIONS.get(scope, ()) for scope in self.scopes)
        return perm in self.card.permissions

    def has_perms(self, perm_list: Any, obj: Any = None) -> bool:
        return all(self.has_perm(p, obj) for p in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return bool(self.is_active and self.card and any(p.startswith(f"{app_label}.") for p in self.card.permissions))

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)
