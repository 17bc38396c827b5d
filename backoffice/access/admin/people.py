"""People and territories in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Count
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from backoffice.access.credentials import (
    DECIDE_PERMISSION,
    REQUEST_PERMISSION,
    confirm_request,
    refuse_request,
    request_password,
    request_second_factor_removal,
)
from backoffice.access.forms import NewUserForm, PasswordForm, UserForm
from backoffice.access.models import CredentialRequest, CredentialState, Territory, User
from backoffice.access.roles import Role
from backoffice.audit.recorded import RecordedAdmin
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.buttons import DANGER, SUCCESS, WARNING, Press, ReasonForm, button
from backoffice.core.pages.cells import EMPTY, chip, tones


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
        """Return the people in scope with their territories."""
        return super().get_queryset(request).prefetch_related("territories")

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form, which needs the acting person; a new person has one of its own."""
        form = super().get_form(request, obj, change=change, **({"form": NewUserForm} if obj is None else {}), **kwargs)
        form.acting = request.user
        return form

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields of a new person, of a program, or of a person."""
        if obj is None:
            return ("username", "display_name", "role", "territories", "all_territories", "password")
        if obj.role == Role.MACHINE:
            return ("username", "display_name", "role", "scopes", "is_active", "created_at")
        return self.fields

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Return the fields that cannot be changed: almost all of a program's."""
        if obj is not None and obj.role == Role.MACHINE:
            return ("username", "role", "scopes", "created_at")
        return (*self.readonly_fields, *(("username",) if obj is not None else ()))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Offer passwords and second factors for people only."""
        person = self.get_object(request, str(object_id))
        return [] if person is None or person.role == Role.MACHINE else super().get_actions_detail(request, object_id)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: a person is signed off, never deleted."""
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save a person. A new one signs in only after another administrator has confirmed the first password."""
        if not change:
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)
        if not change:
            request_password(
                user=obj,
                password=form.cleaned_data["password"],
                reason=str(_("First password of a new person")),
                actor=request.user,  # type: ignore[arg-type]  # the admin lets nobody in without a sign-in
                at=timezone.now(),
            )
            messages.info(request, _("The first password waits for another administrator's confirmation."))

    @display(description=_("role"), ordering="role")
    def role_chip(self, user: User) -> Any:
        """Return the role as a coloured chip."""
        return chip(user, "role", tones(Role, info=[Role.ADMINISTRATOR, Role.AUDITOR], warning=[Role.MACHINE]))

    @display(description=_("territories"))
    def where(self, user: User) -> str:
        """Return the person's territories, or "All"."""
        if user.all_territories:
            return str(_("All"))
        return ", ".join(str(territory) for territory in user.territories.all()) or "-"

    @button(
        label=_("Set password"),
        permission=REQUEST_PERMISSION,
        form=PasswordForm,
        icon="password",
        text=_("Another administrator confirms it. Give it to the person in private; all their sessions end then."),
        done=_("The request waits for another administrator."),
    )
    def set_password(self, press: Press) -> None:
        """Request a new password for the person."""
        request_password(user=press.record, actor=press.actor, at=press.at, **press.values)

    @button(
        label=_("Reset second factor"),
        permission=REQUEST_PERMISSION,
        form=ReasonForm,
        variant=WARNING,
        icon="phonelink_erase",
        text=_(
            "For a lost telephone. Make sure that it is really this person who asks. Another administrator confirms."
        ),
        done=_("The request waits for another administrator."),
    )
    def reset_second_factor(self, press: Press) -> None:
        """Request that the person's second factor is removed."""
        request_second_factor_removal(user=press.record, actor=press.actor, reason=press.values["reason"], at=press.at)


@admin.register(CredentialRequest)
class CredentialRequestAdmin(ScopedAdmin):
    """Requests to set another person's password or second factor, and the second administrator's decision."""

    list_display = ("requested_at", "user", "kind", "state_chip", "requested_by", "decided_by")
    list_select_related = ("user", "requested_by", "decided_by")
    list_filter = (("state", ChoicesDropdownFilter), ("kind", ChoicesDropdownFilter))
    fields = (
        "user",
        "kind",
        "state_chip",
        "why",
        "requested_by",
        "requested_at",
        "decided_by",
        "decided_at",
        "told_at",
    )
    readonly_fields = fields
    actions_detail = ("confirm", "refuse")
    empty_hint = _("Nobody has requested a password or second factor for another person.")

    @display(description=_("reason"))
    def why(self, request: CredentialRequest) -> str:
        """Return the reason that the requesting administrator gave."""
        return str(request.reason) or EMPTY

    @display(description=_("state"), ordering="state")
    def state_chip(self, request: CredentialRequest) -> Any:
        """Return the state as a coloured chip."""
        colours = tones(CredentialState, warning=["PENDING"], success=["CONFIRMED"], danger=["REFUSED"])
        return chip(request, "state", colours)

    @button(
        label=_("Confirm"),
        permission=DECIDE_PERMISSION,
        variant=SUCCESS,
        icon="check",
        states={CredentialState.PENDING},
        text=_("It takes effect at once. All sessions of the person end, and they are told at their next sign-in."),
        done=_("It is carried out. The person is told at their next sign-in."),
    )
    def confirm(self, press: Press) -> None:
        """Carry the request out."""
        confirm_request(request=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Refuse"),
        permission=DECIDE_PERMISSION,
        variant=DANGER,
        icon="close",
        states={CredentialState.PENDING},
        text=_("Nothing changes for the person."),
        done=_("The request is refused."),
    )
    def refuse(self, press: Press) -> None:
        """Refuse the request."""
        refuse_request(request=press.record, actor=press.actor, at=press.at)


@admin.register(Territory)
class TerritoryAdmin(RecordedAdmin):
    """Branches' areas. A territory with people or accounts stays."""

    list_display = ("code", "name", "name_en", "time_zone", "jurisdiction", "people_count")
    search_fields = ("code", "name", "name_en")
    ordering = ("code", "pk")
    fields = ("code", "name", "name_en", "time_zone", "jurisdiction")

    def get_queryset(self, request: HttpRequest) -> Any:
        """Return the territories in scope with the number of their people."""
        return super().get_queryset(request).annotate(people_total=Count("people"))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Return False: people and accounts refer to territories."""
        return False

    @display(description=_("people"))
    def people_count(self, territory: Any) -> int:
        """Return how many people work in the territory."""
        return int(territory.people_total)
