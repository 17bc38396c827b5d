"""The admins of packages, registered on our own base: rights come from roles, and each write makes an audit entry."""

from copy import copy
from typing import Any, ClassVar

from axes.models import AccessAttempt, AccessLog
from django import forms
from django.apps import apps
from django.contrib import admin
from django.contrib.admin.exceptions import NotRegistered
from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import ClockedSchedule, CrontabSchedule, IntervalSchedule, PeriodicTask, SolarSchedule
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from oauth2_provider.models import AccessToken, Application, Grant, IDToken, RefreshToken
from unfold.decorators import display
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from backoffice.access.clients import change_client_scopes, create_client, renew_client_secret
from backoffice.access.forms import ClientForm
from backoffice.audit.recorded import RecordedAdmin
from backoffice.core.errors import DoorstepError
from backoffice.core.pages.buttons import DANGER, ButtonForm, Press, button
from backoffice.core.pages.shown_once import shown_once, shown_once_in_dialog

for model in (
    AccessAttempt,
    AccessLog,
    AccessToken,
    Application,
    ClockedSchedule,
    CrontabSchedule,
    Grant,
    IDToken,
    IntervalSchedule,
    PeriodicTask,
    RefreshToken,
    SolarSchedule,
    StaticDevice,
    TOTPDevice,
    Group,
):
    try:
        admin.site.unregister(model)
    except NotRegistered:
        continue

for label, words in {
    "axes": _("Sign-ins"),
    "django_celery_beat": _("Administration"),
    "oauth2_provider": _("Administration"),
    "otp_totp": _("Second factors"),
}.items():
    apps.get_app_config(label).verbose_name = words


class PackageAdmin(RecordedAdmin):
    """
    Rows of a package's model. They are configuration without a territory: whoever's role may view the model sees
    them all, nobody else sees any.
    """

    title: ClassVar[Any] = ""

    def __init__(self, model: Any, admin_site: Any) -> None:
        super().__init__(model, admin_site)
        # A copy for display: a change of the package's own options would ask for a migration.
        self.opts: Any = copy(model._meta)
        self.opts.verbose_name_plural = self.opts.verbose_name = self.title

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.model._default_manager.all()
        return rows if self.has_view_permission(request) else rows.none()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the list under a title of ours: the packages translate only some of their names."""
        context = {"title": self.title, "opts": self.opts}
        return super().changelist_view(request, {**context, **(extra_context or {})})


class TaskForm(forms.ModelForm[Any]):
    """When a task of the program runs: one of the intervals or one of the calendars."""

    class Meta:
        model = PeriodicTask
        fields = ("name", "task", "enabled", "interval", "crontab", "description")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "task" in self.fields:
            names = sorted({*_known_tasks(), self.instance.task or ""} - {""})
            self.fields["task"] = forms.ChoiceField(
                label=_("Task"),
                choices=[(name, name) for name in names],
                widget=UnfoldAdminSelectWidget,
            )


@admin.register(PeriodicTask)
class PeriodicTaskAdmin(PackageAdmin):
    """Schedules. A change reaches the running beat within half a minute."""

    title = _("Schedules")
    form = TaskForm
    list_display = ("name", "task", "when", "enabled", "last_run_at", "total_run_count")
    list_select_related = ("interval", "crontab", "solar", "clocked")
    list_filter = ("enabled",)
    search_fields = ("name", "task")
    ordering = ("name", "pk")
    fields = ("name", "task", "enabled", "interval", "crontab", "description", "last_run_at", "total_run_count")
    readonly_fields = ("last_run_at", "total_run_count")

    @display(description=_("When"))
    def when(self, task: Any) -> str:
        return str(task.crontab or task.interval or task.solar or task.clocked or "-")


@admin.register(CrontabSchedule)
class CrontabAdmin(PackageAdmin):
    """Calendars of schedules."""

    title = _("Calendars of schedules")
    list_display = ("__str__", "minute", "hour", "day_of_week", "day_of_month", "month_of_year", "timezone")
    ordering = ("pk",)


@admin.register(IntervalSchedule)
class IntervalAdmin(PackageAdmin):
    """Intervals of schedules."""

    title = _("Intervals of schedules")
    list_display = ("__str__", "every", "period")
    ordering = ("pk",)


class ScopesForm(ButtonForm):
    """What a client may ask for."""

    scopes = forms.MultipleChoiceField(label=_("Scopes"), widget=UnfoldAdminCheckboxSelectMultipleWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = ClientForm().fields["scopes"].choices  # type: ignore[attr-defined]
        self.fields["scopes"].initial = self.record.user.scopes if self.record and self.record.user else []


@admin.register(Application)
class ClientAdmin(PackageAdmin):
    """Machine clients: made, limited and given a new secret here; the secret is shown once."""

    title = _("Machine clients")
    list_display = ("name", "client_id", "allowed", "user", "created")
    list_select_related = ("user",)
    search_fields = ("name", "client_id")
    fields = ("name", "client_id", "user", "allowed", "client_type", "authorization_grant_type", "created", "updated")
    readonly_fields = fields
    actions_detail = ("scopes", "renew_secret")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # The two buttons make all changes; the form would store a secret in clear.
        return False

    @display(description=_("Scopes"))
    def allowed(self, client: Any) -> str:
        return ", ".join(client.user.scopes) if client.user and client.user.scopes else "-"

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Ask for name and scopes, and show id and secret once."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = ClientForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                client, secret = create_client(**form.cleaned_data, actor=request.user, at=timezone.now())  # type: ignore[arg-type]
            except DoorstepError as error:
                form.add_error(getattr(error, "field", "") or None, str(error))
            else:
                shown = [(_("Client id"), client.client_id), (_("Client secret"), secret)]
                return shown_once(model_admin=self, request=request, shown=shown)
        context = {
            **self.admin_site.each_context(request),
            "title": _("New machine client"),
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/plain_form.html", context)

    @button(
        label=_("Change scopes"),
        permission="oauth2_provider.change_application",
        form=ScopesForm,
        icon="tune",
        text=_("Tokens given out before end at once."),
        done=_("The client has other scopes now."),
    )
    def scopes(self, press: Press) -> None:
        change_client_scopes(client=press.record, scopes=press.values["scopes"], actor=press.actor, at=press.at)

    @button(
        label=_("New secret"),
        permission="oauth2_provider.change_application",
        variant=DANGER,
        icon="key",
        text=_("The old secret and every token made with it end at once."),
    )
    def renew_secret(self, press: Press) -> HttpResponse:
        secret = renew_client_secret(client=press.record, actor=press.actor, at=press.at)
        shown = [(_("Client id"), press.record.client_id), (_("Client secret"), secret)]
        return shown_once_in_dialog(request=press.request, shown=shown)


@admin.register(AccessAttempt)
class RefusedSignInAdmin(PackageAdmin):
    """Sign-ins that failed, and whether they locked the name."""

    title = _("Refused sign-ins")
    list_display = ("attempt_time", "username", "ip_address", "failures_since_start")
    search_fields = ("username", "ip_address")
    fields = ("attempt_time", "username", "ip_address", "user_agent", "failures_since_start")
    readonly_fields = fields
    ordering = ("-attempt_time", "-pk")


@admin.register(AccessLog)
class SignInAdmin(PackageAdmin):
    """Sign-ins that succeeded."""

    title = _("Sign-ins")
    list_display = ("attempt_time", "username", "ip_address", "logout_time")
    search_fields = ("username", "ip_address")
    fields = ("attempt_time", "username", "ip_address", "user_agent", "logout_time")
    readonly_fields = fields
    ordering = ("-attempt_time", "-pk")


@admin.register(TOTPDevice)
class SecondFactorAdmin(PackageAdmin):
    """Who has a second factor. The secret is never shown; resetting is a button on the user's page."""

    title = _("Second factors")
    list_display = ("user", "confirmed", "created_at", "last_used_at", "throttling_failure_count")
    list_select_related = ("user",)
    list_filter = ("confirmed",)
    search_fields = ("user__username",)
    fields = ("user", "confirmed", "created_at", "last_used_at", "throttling_failure_count")
    readonly_fields = fields


def _known_tasks() -> list[str]:
    from celery import current_app  # noqa: PLC0415 - the list is complete only once a form asks for it

    return [name for name in current_app.tasks if not name.startswith("celery.")]
