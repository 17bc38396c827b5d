"""People and territories in the admin."""

from typing import Any

from django.contrib import admin
from django.db.models import Count
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from backoffice.access.forms import NewUserForm, PasswordForm, UserForm
from backoffice.access.models import Territory, User
from backoffice.access.roles import Role
from backoffice.access.second_factor import reset_second_factor
from backoffice.access.services import set_password
from backoffice.audit.recorded import RecordedAdmin
from backoffice.core.pages.buttons import WARNING, Press, ReasonForm, button
from backoffice.core.pages.cells import chip, tones


@admin.register(User)
class UserAdmin(RecordedAdmin):
    """People: one role each, the territories they work in, and the way out. Nobody is ever deleted."""

    form = UserForm
    list_display = ("username", "display_name", "role_chip", "where", "is_active", "last_login")
    list_filter = ("role", "is_active", "all_territories")
    search_fields = ("username", "display_name")
    ordering = ("username", "pk")
    fields = (
        "username",
        "display_name",
        "role",
        "territories",
        "all_territories",
        "is_active",
        "last_login",
        "created_at",
    )
    readonly_fields = ("last_login", "created_at")
    autocomplete_fields = ("territories",)
    actions_detail = ("set_password", "reset_second_factor")
    empty_hint = _("No such person.")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("territories")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change=change, **({"form": NewUserForm} if obj is None else {}), **kwargs)
        form.acting = request.user
        return form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return ("username", "display_name", "role", "territories", "all_territories", "password")
        if obj.role == Role.MACHINE:
            return ("username", "display_name", "role", "scopes", "is_active", "created_at")
        return self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and obj.role == Role.MACHINE:
            return ("username", "role", "scopes", "created_at")
        return (*self.readonly_fields, *(("username",) if obj is not None else ()))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Offer passwords and second factors for people only."""
        person = self.get_object(request, str(object_id))
        return [] if person is None or person.role == Role.MACHINE else super().get_actions_detail(request, object_id)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not change:
            obj.set_password(form.cleaned_data["password"])
        super().save_model(request, obj, form, change)

    @display(description=_("role"), ordering="role")
    def role_chip(self, user: User) -> Any:
        return chip(user, "role", tones(Role, info=[Role.ADMINISTRATOR, Role.AUDITOR], warning=[Role.MACHINE]))

    @display(description=_("territories"))
    def where(self, user: User) -> str:
        if user.all_territories:
            return str(_("All"))
        return ", ".join(str(territory) for territory in user.territories.all()) or "-"

    @button(
        label=_("Set password"),
        permission="access.change_user",
        form=PasswordForm,
        icon="password",
        text=_("Give it to the person in private; all their sessions end."),
        done=_("The password is set."),
    )
    def set_password(self, press: Press) -> None:
        set_password(user=press.record, password=press.values["password"], actor=press.actor, at=press.at)

    @button(
        label=_("Reset second factor"),
        permission="access.change_user",
        form=ReasonForm,
        variant=WARNING,
        icon="phonelink_erase",
        text=_("For a lost telephone. Make sure that it is really this person who asks."),
        done=_("They set up a new second factor at the next sign-in."),
    )
    def reset_second_factor(self, press: Press) -> None:
        reset_second_factor(user=press.record, actor=press.actor, reason=press.values["reason"], at=press.at)


@admin.register(Territory)
class TerritoryAdmin(RecordedAdmin):
    """Branches' areas. A territory with people or accounts stays."""

    list_display = ("code", "name", "name_en", "time_zone", "people_count")
    search_fields = ("code", "name", "name_en")
    ordering = ("code", "pk")
    fields = ("code", "name", "name_en", "time_zone")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).annotate(people_total=Count("people"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @display(description=_("people"))
    def people_count(self, territory: Any) -> int:
        return int(territory.people_total)
